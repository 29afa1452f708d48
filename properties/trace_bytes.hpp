// Traces of bytes and bytes of traces, for tests of the binary form.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::machine {

using Bytes = std::vector<std::uint8_t>;

inline Trace decoded(std::span<const std::uint8_t> bytes) {
  Trace trace;
  decode_trace(bytes, trace);
  EXPECT_EQ(validate(trace), std::nullopt);
  return trace;
}

inline Bytes encoded(const Trace& trace) {
  Bytes bytes(kMaxEncodedSize);
  bytes.resize(encode_trace(trace, bytes));
  return bytes;
}

inline std::string text_of(const Trace& trace) { return print_trace({trace, {}, {}, {}, {}}); }

/// A zero header (two CPUs, 64 frames, four contexts) and these records.
inline Bytes with_records(std::initializer_list<std::array<std::uint8_t, 4>> records) {
  Bytes bytes(kBinaryHeaderSize, 0);
  for (const auto& record : records) bytes.insert(bytes.end(), record.begin(), record.end());
  return bytes;
}

}  // namespace labyrinth::machine
