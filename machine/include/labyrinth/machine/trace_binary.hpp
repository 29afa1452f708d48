// The binary form of a trace, for fuzzers: every byte string is a valid trace, similar strings are similar
// traces.
//
// A header of 8 bytes, then records of 4 bytes that refer to each other only by small distances, so that a
// fuzzer's usual mutations (change a byte, insert, drop or copy a few) do what they look like.
// docs/trace-format.md has the layout byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

inline constexpr std::size_t kBinaryHeaderSize = 8;
inline constexpr std::size_t kBinaryRecordSize = 4;
/// Geometry: three parts of first_pfn; of each zone itself, frames, three watermarks, a ratio and a
/// highatomic reserve; rooms; slots and the objects' memory. A call: itself, its order, four parts of its
/// pfn.
inline constexpr std::size_t kMaxEncodedSize =
    kBinaryHeaderSize +
    kBinaryRecordSize * (3 + 7 * (model::kZoneTypes + 1) + model::kLevels + model::kMaxDevices + 2 +
                         kMaxContexts + 6 * std::size_t{kMaxCalls} + kMaxDepartures);

/// Any bytes; what lies beyond kMaxEncodedSize is not looked at, what is missing counts as zero. `out`
/// becomes valid.
void decode_trace(std::span<const std::uint8_t> bytes, Trace& out) noexcept;

/// The number of bytes written, which decode to exactly `trace`; 0 if `out` is too small, or the trace is not
/// valid, under rc11, or begins with live blocks, which the binary form does not have.
[[nodiscard]] std::size_t encode_trace(const Trace& trace, std::span<std::uint8_t> out) noexcept;

}  // namespace labyrinth::machine
