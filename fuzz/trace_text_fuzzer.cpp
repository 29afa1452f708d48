// Any bytes to the text parser: it answers with a valid trace whose text reads back as itself, or with a good
// error.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace {

void require(bool good, const char* what) {
  if (good) return;
  static_cast<void>(std::fprintf(stderr, "trace_text_fuzzer: %s\n", what));
  std::abort();
}

bool printable(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

}  // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labyrinth::machine;
  const std::string text(data, data + size);
  const auto first = parse_trace(text);
  if (const auto* error = std::get_if<ParseError>(&first)) {
    require(error->line > 0 && error->column > 0, "an error has no place");
    require(!error->message.empty() && error->message.size() < 300 && printable(error->message),
            "an error's message is not one short printable line");
    return 0;
  }
  const auto& file = std::get<TraceFile>(first);
  require(!find_flaw(file.trace).has_value(), "the parser accepted an invalid trace");
  require(file.names.size() == file.trace.call_count, "a call has no name");
  const std::string printed = print_trace(file);
  const auto second = parse_trace(printed);
  require(std::holds_alternative<TraceFile>(second), "what was printed cannot be read");
  require(std::get<TraceFile>(second) == file, "what was printed reads as something else");
  require(print_trace(std::get<TraceFile>(second)) == printed, "printing is not a fixed point");
  return 0;
}
