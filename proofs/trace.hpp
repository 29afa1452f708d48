// The decoder of the binary form (machine/src/trace_binary.cpp), each of its steps by itself: from any state
// that the steps before it can leave, to what the machine's own rules of a valid trace
// (machine/src/trace_validate.cpp) ask of it. No step but the cut (trace-cut.cpp) looks at the byte string,
// so its length does not matter. What a step begins with is what another proof says that the steps before it
// leave: by the same functions, those of trace_states.hpp.
//
// A proof of the codec, and no other, looks at machine/.
#pragma once

#include "labyrinth/proof.hpp"
#include "trace_binary.cpp"
#include "trace_validate.cpp"

namespace labyrinth::machine {
namespace {

/// Wrong in every part: what the decoder leaves as it was does not look right.
[[nodiscard]] constexpr Trace spoiled() noexcept {
  Trace trace;
  for (Context& context : trace.context_storage) context = {static_cast<model::Level>(9), 99, 99, 99, true};
  for (Call& call : trace.call_storage) call = {static_cast<Op>(99), 99, 99, 99, 99};
  for (Departure& departure : trace.departure_storage) departure = {99, 9999, {Decision::Kind::kGoOn, 99}};
  return trace;
}
[[maybe_unused]] constinit Trace trace = spoiled();

[[nodiscard, maybe_unused]] std::uint8_t any_byte() noexcept {
  return static_cast<std::uint8_t>(labyrinth_any("byte", 8));
}

/// A record of which `is_one` is so.
template <class Predicate>
[[nodiscard]] Record any_record(Predicate is_one) noexcept {
  Record record{};
  record.bytes[0] = static_cast<std::uint8_t>(labyrinth_any("record's kind", 8));
  for (std::size_t i = 1; i < kBinaryRecordSize; ++i) record.bytes[i] = any_byte();
  labyrinth_assume(is_one(record));
  return record;
}

}  // namespace
}  // namespace labyrinth::machine
