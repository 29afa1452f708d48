// What makes a Trace valid, and when two are the same. The text and the binary form share both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

inline constexpr std::uint64_t kMaxFirstPfn = std::uint64_t{1} << 40;
/// The largest order a call may say; 255 means "the handle's" in a free.
inline constexpr std::uint8_t kMaxSaidOrder = 254;

/// The first thing that is wrong with a trace. Plain data, so that hot paths can ask without heap.
struct Flaw {
  enum class Part : std::uint8_t { kGeometry, kContext, kCall, kDeparture };
  Part part = Part::kGeometry;
  std::uint8_t index = 0;  ///< Of the context, call or departure.
  const char* what = "";
};

/// Every rule of docs/trace-format.md, "Validity". Fields that a call's op does not use must hold their
/// defaults, so that equal traces have equal fields.
[[nodiscard]] std::optional<Flaw> find_flaw(const Trace& trace) noexcept;

/// The same in words: "call 3: its handle is not an alloc"; nothing if the trace is valid.
[[nodiscard]] std::optional<std::string> validate(const Trace& trace);

/// Why a block that lives from the start, after those before it, cannot do so there; null if it can: it is
/// aligned, within a zone of a valid geometry, and apart from the others.
[[nodiscard]] const char* misplaced(const Trace& trace, std::uint8_t live) noexcept;

/// Equality of the parts in use; what lies beyond the counts does not matter.
[[nodiscard]] bool same(const Trace& left, const Trace& right) noexcept;

}  // namespace labyrinth::machine
