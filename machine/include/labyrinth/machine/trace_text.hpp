// The text form of a trace: what a person reads, writes and reviews. docs/trace-format.md has the grammar.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::machine {

inline constexpr std::size_t kMaxTraceBytes = std::size_t{1}
                                              << 20;  ///< Of a file, before its `recorded` line.
inline constexpr std::size_t kMaxCommentBytes = std::size_t{1} << 16;  ///< Of the comment kept in TraceFile.
inline constexpr std::size_t kMaxNameLength = 15;  ///< Of a name that a file gives to a call.
inline constexpr std::size_t kMaxBuildLength = 128;
inline constexpr std::size_t kMaxRecordedLines = 20000;
inline constexpr std::size_t kMaxRecordedLength = 400;  ///< Of one line, in bytes.
/// The largest file: its trace, and its record with indentation and line ends.
inline constexpr std::size_t kMaxFileBytes =
    kMaxTraceBytes + (kMaxRecordedLines + 1) * (kMaxRecordedLength + 4);

struct TraceFile {
  Trace trace;
  std::vector<std::string> names;  ///< One for each call: an identifier, or a default one with a dot in it.
  std::string comment;             ///< The lines before the version line, without their `# `.
  std::string build;               ///< Hexadecimal; of the build whose run was recorded.
  std::vector<std::string> recorded;  ///< Opaque lines without indentation.
  friend bool operator==(const TraceFile& left, const TraceFile& right) noexcept;
};

struct ParseError {
  unsigned line = 1;    ///< From 1.
  unsigned column = 1;  ///< In bytes, from 1.
  std::string message;  ///< What is wrong and what would be right; printable, one line.
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

[[nodiscard]] std::variant<TraceFile, ParseError> parse_trace(std::string_view text);

/// "file:line:column: message", as compilers and editors know it.
[[nodiscard]] std::string error_text(const ParseError& error, std::string_view file);

/// The canonical text of a valid trace. Names that no file could give are replaced as in complete_names();
/// control characters and what exceeds the limits above are replaced or cut off, so that what is printed can
/// always be read.
[[nodiscard]] std::string print_trace(const TraceFile& file);

/// a, b, …, z, a1, b1, … for allocs; free.a, free.a.2, free.pfn77, irq.1, bh.1, preempt.1 for the rest.
[[nodiscard]] std::vector<std::string> default_names(const Trace& trace);

/// One name for each call: `names` where they are unique identifiers, default ones elsewhere. After a
/// shrinker dropped calls (and their names) this makes names right again. Missing names count as empty.
[[nodiscard]] std::vector<std::string> complete_names(const Trace& trace, std::span<const std::string> names);

/// Whether a file may give this name to a call.
[[nodiscard]] bool is_call_name(std::string_view name) noexcept;

/// "kernel", "kswapd|memalloc", "high|0x100", "gfp=0x100".
[[nodiscard]] std::string gfp_name(model::Gfp gfp);
/// The bits of one flag's name; nothing if there is none.
[[nodiscard]] std::optional<model::Gfp> gfp_of_name(std::string_view name) noexcept;
/// `device0` to `device7`: as a flag the request's device, in a line of the machine that whose room it is.
[[nodiscard]] std::optional<std::uint8_t> device_of_name(std::string_view name) noexcept;

/// "task", "softirq", "hardirq", "nmi".
[[nodiscard]] std::string_view level_name(model::Level level) noexcept;

/// "task 1 cpu 0", "hardirq cpu 0".
[[nodiscard]] std::string context_name(const Trace& trace, std::size_t context);

/// "cpu 1", "task 0", "hardirq", "migrate cpu 0", "spurious", "go on".
[[nodiscard]] std::string decision_name(const Trace& trace, Decision decision);

/// "a = alloc kernel order=2", "free a", "f = free c+1 order=0"; `names` as complete_names() gives them.
[[nodiscard]] std::string call_text(const Trace& trace, std::span<const std::string> names, std::size_t call);

/// "at a access 3: hardirq".
[[nodiscard]] std::string departure_text(const Trace& trace, std::span<const std::string> names,
                                         const Departure& departure);

}  // namespace labyrinth::machine
