// The machine as a user of it sees it: load a target, run a trace on it under a strategy, get an outcome.
//
//     Machine machine;                                  // one a process: hooks find it without a pointer
//     auto target = Target::load("reference.so");
//     machine.use(target);
//     const Outcome& outcome = machine.run(trace, strategy);
//
// A run is a pure function of (target build, trace, strategy): afterwards everything the target wrote is
// undone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/target.h"
#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::machine {

class History;
struct Journal;
class Observer;

/// A function for a virtual CPU, for tests of the machine and for algorithms other than allocators.
struct Function {
  model::Level level = model::Level::kTask;
  std::uint8_t cpu = 0;
  void (*run)(void* argument) = nullptr;
  void* argument = nullptr;
};

struct Options {
  /// Free everything at the end of each run and check that everything can be allocated again (X4).
  bool drain = true;
};

/// A loaded shared object that exports labyrinth_target_entry(). Stays loaded for good: its hooks registered
/// counters.
class Target {
 public:
  /// An error says what is wrong with which file, and what to do.
  [[nodiscard]] static std::variant<Target, std::string> load(const std::string& path);
  [[nodiscard]] const labyrinth_target& table() const noexcept { return *table_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// GNU build id of the object, in hexadecimal: the identity of the build under test.
  [[nodiscard]] const std::string& build() const noexcept { return build_; }
  /// Symbols that the object does not define itself and that begin so, without the prefix, sorted. Of
  /// "labyrinth_machine_": what it calls of labyrinth/machine/machine.h; of "__tsan_": its hooks.
  [[nodiscard]] std::vector<std::string> imports(std::string_view prefix) const;
  /// Compiled without hooks: contexts change only between its calls, and races are not seen.
  [[nodiscard]] bool is_plain() const noexcept { return plain_; }

 private:
  const labyrinth_target* table_ = nullptr;
  bool plain_ = false;
  std::string path_;
  std::string build_;
};

/// Bytes. libFuzzer looks at all of them after every execution: 4 KiB costs it a fraction of a microsecond.
inline constexpr std::size_t kMeetingCounters = 4096;

class Machine {
 public:
  explicit Machine(Options options = {}) noexcept;

  /// The target of the runs that follow; null functions and a wrong ABI were refused by Target::load().
  void use(const labyrinth_target& target) noexcept;
  /// The same, and quick where the machine goes back and forth between targets: it keeps what was created for
  /// the others.
  void turn_to(const labyrinth_target& target) noexcept;
  /// Create the target in use for the machine of `trace`, if that has not been done: part of the next run of
  /// it otherwise. False: it does not accept the machine.
  bool prepare(const Trace& trace) noexcept;
  /// Run a valid trace. The outcome is overwritten by the next run.
  [[nodiscard]] const Outcome& run(const Trace& trace, Strategy& strategy) noexcept;
  /// Run functions on `cpus` CPUs. What they write stays, for the caller to look at.
  [[nodiscard]] const Outcome& run(std::span<const Function> functions, std::uint8_t cpus, Strategy& strategy,
                                   MemoryModel memory = MemoryModel::kSc) noexcept;
  /// What the last run ended with; the same object for every run.
  [[nodiscard]] const Outcome& outcome() const noexcept;
  /// Show every step of the runs that follow to `observer`; null: nobody watches.
  void observe(Observer* observer) noexcept;
  /// Set a byte there to 1 for each pair of accesses of different contexts that the runs that follow bring
  /// together; who reads them sets them to 0 between runs.
  void count_meetings(std::span<std::uint8_t, kMeetingCounters> counters) noexcept;
  /// Write down there what each of the runs of traces that follow is, and comes to. outcome() is the one in
  /// there from now on.
  void keep(Journal& journal) noexcept;
  /// Write the allocations and frees of the runs of traces that follow down there; null: nowhere. Of the
  /// draining at a run's end it has the frees.
  void record(History* history) noexcept;

  /// The number of steps the target declares for each call of a trace (0: none); after a run of that trace.
  [[nodiscard]] std::uint32_t declared_steps(const Trace& trace, std::uint8_t call) const noexcept;

 private:
  Options options_;
};

}  // namespace labyrinth::machine
