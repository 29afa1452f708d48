// What a run ended with: clean, a broken clause, or a limit of the machine; and what it counted on the way.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/model/clause.hpp"

namespace labyrinth::machine {

inline constexpr std::uint8_t kNoCall = 0xff;

/// A broken clause: where, and the numbers that show it. `reason` is a sentence in static storage.
struct Violation {
  model::Clause clause = model::Clause::kNone;
  std::uint8_t call = kNoCall;   ///< The call judged; kNoCall: the end of the run (X4) or a raw body.
  std::uint8_t context = 0;      ///< Its context.
  std::uint8_t other = kNoCall;  ///< Another context that took part (of a race, a double owner), or kNoCall.
  const char* reason = "";
  std::int64_t seen = 0;       ///< What was found, in the unit that the reason names ...
  std::int64_t permitted = 0;  ///< ... and the bound it breaks.
};

/// What one call answered.
struct CallResult {
  enum class State : std::uint8_t { kNotReached, kSkipped, kInProgress, kAnswered };
  State state = State::kNotReached;
  std::uint8_t status = 0;  ///< model::Status
  bool wake = false;
  bool slept = false;          ///< It reclaimed or waited: no number of steps was declared for it.
  std::uint32_t accesses = 0;  ///< Atomic shared-memory steps of its own.
  std::uint64_t pfn = 0;       ///< First frame of the block, with kOk; of a mapping: the frame.
  std::uint64_t address = 0;   ///< Of a mapping, with kOk, and of a page_address.
};

struct Outcome {
  enum class Kind : std::uint8_t {
    kClean,
    kViolation,
    kInconclusive,  ///< A limit of the machine was reached, `limit` says which: neither right nor wrong.
    kRefused,       ///< The target does not accept the geometry.
  };
  Kind kind = Kind::kClean;
  const char* limit = "";
  Violation violation{};
  std::uint32_t accesses = 0;  ///< Atomic accesses of the whole run.
  std::uint32_t switches = 0;  ///< Fiber switches of the whole run.
  std::uint8_t unmatched = 0;  ///< Departures that were not possible where the schedule put them.
  std::uint8_t departure_count = 0;
  /// The departures that were carried out, in the order of the run.
  std::array<Departure, kMaxDepartures> departures;
  std::array<CallResult, kMaxCalls> results;
};

}  // namespace labyrinth::machine
