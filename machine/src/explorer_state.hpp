// What an explorer keeps of the path it is on: a node for each step, the places that steps have touched, and
// who spins.
#pragma once

#include <array>
#include <cstdint>

#include "clock.hpp"
#include "labyrinth/machine/explorer.hpp"

namespace labyrinth::machine {

inline constexpr std::uint8_t kNobody = 0xff;
inline constexpr std::size_t kNoState = SIZE_MAX;

/// As an element of a set of contexts.
[[nodiscard]] constexpr std::uint16_t bit(std::uint8_t context) noexcept {
  return static_cast<std::uint16_t>(1U << context);
}

/// Bits of Node::variants, and the numbers of Node::variant: under rc11 also how many messages stand behind
/// what is read or written, of a compare-exchange that fails for nothing too.
inline constexpr std::uint8_t kAsItIs = 0, kSpuriously = 1, kMigrateTo = 2;
inline constexpr std::uint8_t kOlderBy = kMigrateTo + kMaxCpus - 1;  ///< + 1..kMostOlder
inline constexpr std::uint8_t kSpuriouslyOlderBy = kOlderBy + kMostOlder;
inline constexpr std::uint8_t kVariants = kSpuriouslyOlderBy + kMostOlder + 1;
static_assert(kVariants <= 32);

[[nodiscard]] constexpr bool is_spurious(std::uint8_t variant) noexcept {
  return variant == kSpuriously || variant > kSpuriouslyOlderBy;
}
[[nodiscard]] constexpr bool is_migration(std::uint8_t variant) noexcept {
  return variant >= kMigrateTo && variant <= kOlderBy;
}
[[nodiscard]] constexpr std::uint8_t older_of(std::uint8_t variant) noexcept {
  if (variant > kSpuriouslyOlderBy) return static_cast<std::uint8_t>(variant - kSpuriouslyOlderBy);
  return variant > kOlderBy ? static_cast<std::uint8_t>(variant - kOlderBy) : std::uint8_t{0};
}

/// Enough of a step to say what it does not commute with, for as long as its context does not take it.
struct Footprint {
  static constexpr std::uint8_t kMost = 4;
  std::array<std::uintptr_t, kMost> granules;
  std::uint8_t count = 0;
  std::uint8_t writes = 0;       ///< Bit per granule.
  std::uint8_t could_write = 0;  ///< The same, compare-exchanges that failed too.
  std::uint8_t reads = 0;        ///< Bit per granule.
  std::uint8_t rc11 = 0;         ///< Bit per granule that is a location under rc11, by its address.
  std::uint8_t cpu = 0;
  bool everything = false;  ///< More granules than fit, or a migration: commutes with nothing.
  /// Bit per kind of context (kTasks, ...): those of its CPU that cannot go on, or begin, after it.
  std::uint8_t keeps_out = 0;
  std::uint8_t kind = 0;        ///< The bit that it is of itself, where masks matter to it.
  bool begins_handler = false;  ///< With it a handler begins, which from then on keeps the others of its CPU.

  struct Use {
    std::uintptr_t granule;
    bool reads, writes, could_write, rc11;
  };
  void add(const Use& use) noexcept;
  /// The same step may also do what the other does.
  void join(const Footprint& other) noexcept;
};

/// Whether the order of a step that sleeps and of one that was taken makes no difference.
[[nodiscard]] bool commute(const Footprint& asleep, const Footprint& step) noexcept;

/// Whether the step wrote something that the one asleep could read.
[[nodiscard]] bool can_be_read(const Footprint& step, const Footprint& asleep) noexcept;

/// Whether both access one place, and one of them writes. Under rc11 the order of two accesses makes no
/// difference by itself, only which one is read.
[[nodiscard]] bool conflict(const Footprint& one, const Footprint& other) noexcept;

/// A state of the path, and the step taken from there.
struct Explorer::Node {
  std::uint16_t enabled = 0;    ///< Bit per context that can take a step here.
  std::uint16_t backtrack = 0;  ///< Those whose step is to be explored from here.
  std::uint16_t done = 0;       ///< Those whose step has been.
  std::uint16_t sleep = 0;      ///< Those whose step, taken here, leads to nothing new.
  std::uint8_t context = kNobody;
  std::uint8_t variant = kAsItIs;
  bool begins_call = false;
  std::uint32_t variants = 1;  ///< Bit per variant that is possible.
  /// Under rc11: those of whose next step only what it would read of later messages is new. Such are also
  /// those in `sleep`: if they wake, it is for messages of steps since `since`.
  std::uint16_t partial = 0;
  std::array<std::uint16_t, kMaxContexts> since;
  std::uint16_t preemptions = 0;  ///< Before this step.
  std::uint16_t spurious = 0, migrations = 0;
  std::uint16_t ordinal = 0;  ///< Of the step among its context's, from 1.
  std::uint32_t first_touch = 0, touches = 0;
  std::uint32_t first_conflict = 0, conflicts = 0;
  std::uint32_t first_rival = 0, rivals = 0;
  Footprint print;  ///< Of the step.
  Clock clock;      ///< Per context: how many of its steps happen before the step, which counts itself.
  std::uint64_t hash = 0;
  std::array<Footprint, kMaxContexts> prints;  ///< Of the steps in `sleep` and `done`.
};

/// Eight bytes of memory that the run has touched. Steps are numbered from 0, and kNoStep is none.
struct Explorer::Place {
  static constexpr std::uint32_t kNoStep = 0xffff'ffff;
  std::uintptr_t granule;
  std::uint32_t run;
  std::uint32_t last_write;
  std::uint16_t readers;  ///< Bit per context that has read since.
  std::array<std::uint32_t, kMaxContexts> last_read;
  std::uint64_t write_hash, reads_hash;
  std::uint32_t first_read;  ///< Under rc11, of its reads: in Explorer::reads_.
};

/// Kinds of contexts that masks hold back: other tasks of the CPU, and handlers that have not begun.
inline constexpr std::uint8_t kTasks = 1, kHardirqs = 2, kSoftirqs = 4;
inline constexpr std::size_t kKinds = 3;

/// Steps of a context between which those of one kind do not come: what they mask, the last one unmasks.
struct Explorer::Section {
  std::uint32_t first, last;
};

/// What a context has read since it last wrote or began a call.
struct Explorer::Spin {
  static constexpr std::uint8_t kLongest = 4;  ///< Reads of one round of a loop, at most.
  static constexpr std::uint32_t kRounds = 4;  ///< Rounds that see the same before it counts as spinning.
  static constexpr std::uintptr_t kStale = 0;  ///< No granule, and no location: others have written there.
  struct Read {
    std::uintptr_t granule;
    std::uint64_t value;
    std::uint32_t message;
    friend bool operator==(const Read&, const Read&) = default;
  };
  std::array<Read, kLongest> last;               ///< A ring.
  std::array<std::uint32_t, kLongest> same;      ///< Reads that were like that one, two, ... before them.
  std::array<std::uint64_t, kLongest> state;     ///< The context's, when such a round last came to its end.
  std::array<std::uintptr_t, kLongest> awaited;  ///< What it read in such a round when it was held back.
  std::uint64_t written = 0;                     ///< Plain writes meanwhile.
  std::uint32_t reads = 0;
  std::uint8_t round = 0;  ///< Reads of one round, when it was last held back.

  [[nodiscard]] Read& back(std::uint32_t reads_ago) noexcept { return last[(reads - reads_ago) % kLongest]; }
  /// Whether others have written since something that it read in the last round.
  [[nodiscard]] bool is_stale(std::uint8_t reads_of_round) noexcept {
    for (std::uint8_t ago = 1; ago <= reads_of_round; ++ago) {
      if (back(ago).granule == kStale) return true;
    }
    return false;
  }
  void forget() noexcept { reads = 0; }
  void add(const Read& read, std::uint64_t writes) noexcept {
    if (reads == 0) {
      same = {};
      written = 0;
    }
    written += writes;
    for (std::uint8_t round_of = 1; round_of <= kLongest; ++round_of) {
      const bool again = round_of <= reads && back(round_of) == read;
      same[round_of - 1U] = again ? same[round_of - 1U] + 1 : 0;
    }
    last[reads++ % kLongest] = read;
  }
};

}  // namespace labyrinth::machine
