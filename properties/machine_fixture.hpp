// Scenarios for tests of the machine: a few bodies on virtual CPUs, a schedule, and what happened.
//
// Bodies are code of the test, which is not instrumented: they call the hooks themselves, as a compiler
// would.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/observer.hpp"

extern "C" {
std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* at, int order);
void __tsan_atomic32_store(volatile std::uint32_t* at, std::uint32_t value, int order);
std::uint32_t __tsan_atomic32_exchange(volatile std::uint32_t* at, std::uint32_t value, int order);
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* at, std::uint32_t value, int order);
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t* at, std::uint32_t* expected,
                                            std::uint32_t desired, int order, int failure);
int __tsan_atomic32_compare_exchange_weak(volatile std::uint32_t* at, std::uint32_t* expected,
                                          std::uint32_t desired, int order, int failure);
std::uint32_t __tsan_atomic32_fetch_and(volatile std::uint32_t* at, std::uint32_t value, int order);
std::uint64_t __tsan_atomic64_load(const volatile std::uint64_t* at, int order);
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);
void __tsan_read4(void* at);
void __tsan_write4(void* at);
void __tsan_volatile_read4(void* at);
void __tsan_volatile_write4(void* at);
}

namespace labyrinth::machine::testing {

using model::Level;
using Kind = Decision::Kind;

/// Memory orders as compilers pass them.
inline constexpr int kRelaxed = 0, kAcquire = 2, kRelease = 3, kAcqRel = 4, kSeqCst = 5;

/// One location of 32 bits, accessed as instrumented code accesses it.
class Location {
 public:
  std::uint32_t load(int order) const { return __tsan_atomic32_load(&value_, order); }
  void store(std::uint32_t value, int order) { __tsan_atomic32_store(&value_, value, order); }
  std::uint32_t exchange(std::uint32_t value, int order) {
    return __tsan_atomic32_exchange(&value_, value, order);
  }
  std::uint32_t add(std::uint32_t value, int order) {
    return __tsan_atomic32_fetch_add(&value_, value, order);
  }
  bool compare_exchange(std::uint32_t expected, std::uint32_t desired, bool weak, int order = kSeqCst,
                        int failure = kSeqCst) {
    return (weak ? __tsan_atomic32_compare_exchange_weak : __tsan_atomic32_compare_exchange_strong)(
               &value_, &expected, desired, order, failure) != 0;
  }
  std::uint32_t read() {
    __tsan_read4(&value_);
    return value_;
  }
  void write(std::uint32_t value) {
    __tsan_write4(&value_);
    value_ = value;
  }
  std::uint32_t read_volatile() {
    __tsan_volatile_read4(&value_);
    return value_;
  }
  void write_volatile(std::uint32_t value) {
    __tsan_volatile_write4(&value_);
    value_ = value;
  }
  [[nodiscard]] std::uint32_t peek() const { return value_; }

 private:
  alignas(8) std::uint32_t value_ = 0;
};

/// Bodies and a schedule. A body's context and its call have the same index, in the order of adding.
class Scenario {
 public:
  using Body = std::function<void()>;

  Scenario& task(std::uint8_t cpu, Body body) { return handler(Level::kTask, cpu, std::move(body)); }
  Scenario& handler(Level level, std::uint8_t cpu, Body body) {
    places_.push_back({level, cpu});
    bodies_.push_back(std::move(body));
    return *this;
  }
  /// Departures are given in the order of the trace: by context, then by access.
  Scenario& depart(std::uint8_t context, std::uint16_t access, Kind kind, std::uint8_t argument = 0) {
    departures_.push_back({context, access, {kind, argument}});
    return *this;
  }

  const Outcome& run(std::uint8_t cpus = 2) {
    Trace trace;
    trace.call_count = trace.context_count = static_cast<std::uint8_t>(bodies_.size());
    for (const Departure& departure : departures_) {
      trace.departure_storage[trace.departure_count++] = departure;
    }
    Replay replay(trace);
    return run(replay, cpus);
  }
  const Outcome& run(Strategy& strategy, std::uint8_t cpus = 2) {
    log.clear();
    std::vector<Function> functions;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      functions.push_back(
          {places_[i].level, places_[i].cpu, [](void* body) { (*static_cast<Body*>(body))(); }, &bodies_[i]});
    }
    return machine_.run(functions, cpus, strategy);
  }
  void observe(Observer* observer) { machine_.observe(observer); }

  /// What the bodies of the last run wrote down.
  std::string log;

 private:
  struct Place {
    Level level;
    std::uint8_t cpu;
  };
  Machine machine_;
  std::vector<Place> places_;
  std::vector<Body> bodies_;
  std::vector<Departure> departures_;
};

/// Writes down everything that an observer sees, as text.
class Recorder final : public Observer {
 public:
  void on_access(const AccessRecord& record) override {
    accesses.push_back(record);
    text += 'a';
    text += std::to_string(static_cast<int>(record.kind)) + '.' + std::to_string(record.bytes) + '.' +
            std::to_string(record.order) + '.' + std::to_string(record.before) + '.' +
            std::to_string(record.after) + ' ';
  }
  void on_departure(std::uint8_t kind, std::uint8_t argument) override {
    text += 'd' + std::to_string(kind) + '.' + std::to_string(argument) + ' ';
  }
  void on_handler(std::uint8_t context, bool begins) override {
    text += (begins ? '(' : ')') + std::to_string(context) + ' ';
  }
  void on_call(std::uint8_t call) override { text += 'c' + std::to_string(call) + ' '; }
  void on_answer(std::uint8_t call) override { text += 'r' + std::to_string(call) + ' '; }
  void on_mapping(std::uint64_t pfn, std::uint64_t frames, bool mapped) override {
    text += (mapped ? 'm' : 'u') + std::to_string(pfn) + '.' + std::to_string(frames) + ' ';
  }
  void on_free_within(std::uint64_t pfn, std::uint8_t) override { text += 'f' + std::to_string(pfn) + ' '; }

  std::vector<AccessRecord> accesses;
  std::string text;
};

}  // namespace labyrinth::machine::testing
