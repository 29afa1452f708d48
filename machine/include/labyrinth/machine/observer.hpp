// What a run shows of itself to a reader: each access, call, answer, switch and interrupt, as it happens.
// Only replays that are shown or recorded have an observer; without one a step costs a test of a null
// pointer.
#pragma once

#include <cstdint>
#include <string>

namespace labyrinth::machine {

enum class AccessKind : std::uint8_t {
  kLoad,
  kStore,
  kExchange,
  kAdd,
  kSub,
  kAnd,
  kOr,
  kXor,
  kNand,
  kCompareExchange
};

struct AccessRecord {
  AccessKind kind = AccessKind::kLoad;
  std::uint8_t bytes = 0;
  int order = 0;  ///< memory_order as the compiler passes it.
  bool volatile_access = false;
  bool succeeded = true;  ///< Of a compare-exchange.
  std::uintptr_t address = 0;
  std::uint64_t before = 0;  ///< The value read, or overwritten.
  std::uint64_t after = 0;   ///< The value that stands there now.
  bool rc11 = false;         ///< Under rc11, and then:
  std::uint32_t read = 0;    ///< number of the write of the run that it read; 0: what stood there before it.
  std::uint32_t wrote = 0;   ///< Number of this write, or 0.
  std::uint8_t later = 0;    ///< How many writes stand behind it, or what it read, in modification order.
};

/// Where the run is; good within an observer's callback.
struct Where {
  std::uint8_t cpu = 0;
  std::uint8_t context = 0;
  std::uint8_t call = 0;     ///< kNoCall outside of the program's calls.
  std::uint32_t access = 0;  ///< Of the call, from 1; 0 before its first.
};
[[nodiscard]] Where where() noexcept;

/// An address in words that are the same in every run of a build: "state+0x40", "heap+0x10", "object+0x4010".
[[nodiscard]] std::string place(std::uintptr_t address);

class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;
  virtual void on_access(const AccessRecord& record) = 0;
  virtual void on_departure(std::uint8_t kind, std::uint8_t argument) = 0;
  virtual void on_handler(std::uint8_t context, bool begins) = 0;
  virtual void on_call(std::uint8_t call) = 0;
  virtual void on_answer(std::uint8_t call) = 0;
  /// Of a bulk that is about to be answered with ok: each of its frames, in the order of the answer.
  virtual void on_given(std::uint8_t call, std::uint64_t pfn) {
    static_cast<void>(call);
    static_cast<void>(pfn);
  }
  /// Frames of the void are mapped, or no longer are.
  virtual void on_mapping(std::uint64_t pfn, std::uint64_t frames, bool mapped) = 0;

  /// Within its call the context frees a block of the machine's shrinker, or one that was taken away from its
  /// owner so that a request that cannot fail goes on.
  virtual void on_free_within(std::uint64_t pfn, std::uint8_t order) = 0;

  /// What may run on this CPU changes otherwise than by an access.
  virtual void on_mask() {}

  /// Contexts meet otherwise than by an access: over what a call got (its index), or kSleepingSide. `writes`:
  /// the order of two such meetings matters, as that of accesses does.
  virtual void on_meeting(std::uint8_t what, bool writes) {
    static_cast<void>(what);
    static_cast<void>(writes);
  }
  static constexpr std::uint8_t kSleepingSide = 64;  ///< Shrinkers, wake-ups, and waiting for others.
};

}  // namespace labyrinth::machine
