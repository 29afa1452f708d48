// Any bytes to the binary decoder: a valid trace, which encodes to bytes, and prints as text, that mean the
// same trace.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <variant>

#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace {

void require(bool good, const char* what) {
  if (good) return;
  static_cast<void>(std::fprintf(stderr, "trace_binary_fuzzer: %s\n", what));
  std::abort();
}

}  // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labyrinth::machine;
  Trace trace;
  decode_trace({data, size}, trace);
  require(!find_flaw(trace).has_value(), "bytes decoded to an invalid trace");

  std::array<std::uint8_t, kMaxEncodedSize> bytes;
  const std::size_t encoded = encode_trace(trace, bytes);
  require(encoded > 0, "a valid trace could not be encoded");
  Trace again;
  decode_trace({bytes.data(), encoded}, again);
  require(same(trace, again), "encoding changed the trace");
  require(encode_trace(trace, std::span(bytes).first(encoded - 1)) == 0,
          "too small a buffer was not refused");

  const auto parsed = parse_trace(print_trace({trace, {}, {}, {}, {}}));
  require(std::holds_alternative<TraceFile>(parsed), "what was printed cannot be read");
  require(same(trace, std::get<TraceFile>(parsed).trace), "printing changed the trace");
  return 0;
}
