// Text of traces in tests: what must parse, what must not, and the lines around what a test is about.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::machine {

inline TraceFile good(std::string_view text) {
  auto result = parse_trace(text);
  if (const auto* error = std::get_if<ParseError>(&result)) {
    ADD_FAILURE() << error_text(*error, "text") << "\n" << text;
    return {};
  }
  return std::get<TraceFile>(std::move(result));
}

/// "line:column: message" of what must not parse.
inline std::string error_of(std::string_view text) {
  const auto result = parse_trace(text);
  if (std::holds_alternative<TraceFile>(result)) return "no error";
  const auto& error = std::get<ParseError>(result);
  return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
}

inline constexpr std::string_view kHead = "labyrinth trace 1\nmachine cpus=2 frames=64\n";

/// A program on a plain machine: its lines start at line 3.
inline std::string program(std::string_view lines) { return std::string(kHead) + std::string(lines); }
inline std::string machine_line(std::string_view keys) {
  return "labyrinth trace 1\nmachine " + std::string(keys) + "\n";
}

}  // namespace labyrinth::machine
