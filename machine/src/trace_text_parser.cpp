// The parser of the text form: lines, sections, and what every line needs.
#include "trace_text_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace labyrinth::machine {

std::variant<TraceFile, ParseError> parse_trace(std::string_view text) { return text::Parser().run(text); }

namespace text {
namespace {

constexpr std::string_view kVersionLine = "labyrinth trace 1";

std::string_view trimmed(std::string_view line) noexcept {
  const std::size_t start = line.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view{} : line.substr(start);
}

std::optional<model::Level> level_of(const Token& token) noexcept {
  for (const auto level :
       {model::Level::kTask, model::Level::kSoftirq, model::Level::kHardirq, model::Level::kNmi}) {
    if (token.is(level_name(level))) return level;
  }
  return std::nullopt;
}

}  // namespace

std::variant<TraceFile, ParseError> Parser::run(std::string_view text) {
  static_cast<void>(read(text));
  if (error_) return std::move(*error_);
  return std::move(file_);
}

bool Parser::read(std::string_view text) {
  if (text.size() > kMaxFileBytes) {
    return fail_at(1, 1, fmt::format("the file is too large: at most {} bytes are read", kMaxFileBytes));
  }
  for (std::size_t start = 0; start < text.size();) {
    ++line_;
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (section_ != Section::kRecorded && end > kMaxTraceBytes) {
      return fail_at(line_, 1, fmt::format("a trace has at most {} bytes before its record", kMaxTraceBytes));
    }
    if (const auto column = bad_byte(line)) {
      const auto byte = static_cast<unsigned char>(line[*column - 1]);
      return fail_at(line_, *column,
                     fmt::format("byte 0x{:02x}: a trace is plain text, without control characters", byte));
    }
    if (!read_line(line)) return false;
    start = end + 1;
  }
  return read_tail();
}

bool Parser::read_line(std::string_view line) {
  if (section_ == Section::kRecorded) return recorded_line(line);
  const Cursor cursor(line);
  if (cursor.peek().kind == Token::Kind::kEnd) return section_ != Section::kVersion || comment_line(line);
  switch (section_) {
    case Section::kVersion:
      return version_line(cursor);
    case Section::kMachine:
      return machine_line(cursor);
    case Section::kPools:
      return pools_line(cursor);
    case Section::kProgram:
      return program_line(cursor);
    case Section::kSchedule:
      return schedule_line(cursor);
    case Section::kRecorded:
      break;
  }
  return true;
}

bool Parser::read_tail() {
  ++line_;
  if (section_ == Section::kVersion) {
    return fail_at(line_, 1, fmt::format("expected `{}`, found the end of the file", kVersionLine));
  }
  if (section_ == Section::kMachine) {
    return fail_at(line_, 1, "expected `machine cpus=N frames=N ...`, found the end of the file");
  }
  if (section_ == Section::kPools) return finish_machine(1) && finish_program();
  return section_ != Section::kProgram || finish_program();
}

bool Parser::comment_line(std::string_view line) {
  std::string_view rest = trimmed(line);
  if (rest.empty()) return true;
  rest.remove_prefix(1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (file_.comment.size() + rest.size() + 1 > kMaxCommentBytes) {
    return fail_at(line_, 1, fmt::format("the leading comment has more than {} bytes", kMaxCommentBytes));
  }
  if (std::exchange(commented_, true)) file_.comment += '\n';
  file_.comment += rest;
  return true;
}

bool Parser::version_line(Cursor cursor) {
  const auto unexpected = [this](const Token& token) {
    return fail(token, fmt::format("expected `{}`, found {}", kVersionLine, shown(token)));
  };
  for (const std::string_view wanted : {"labyrinth", "trace"}) {
    const Token token = cursor.next();
    if (!token.is(wanted)) return unexpected(token);
  }
  const Token version = cursor.next();
  if (!version.is_word()) return unexpected(version);
  if (!version.is("1")) {
    return fail(version,
                fmt::format("version {} cannot be read: this reader knows version 1", shown(version)));
  }
  section_ = Section::kMachine;
  return expect_end(cursor, "the version");
}

bool Parser::program_line(Cursor cursor) {
  const Token first = cursor.peek();
  if (!cursor.peek_second().is("=")) {
    if (const auto level = level_of(first)) return context_line(cursor, *level);
    if (first.is("reclaimer")) return reclaimer_line(cursor);
    if (first.is("schedule")) {
      static_cast<void>(cursor.next());
      section_ = Section::kSchedule;
      return expect_end(cursor, "`schedule`") && finish_program();
    }
    if (first.is("recorded")) return finish_program() && recorded_header(cursor);
    if (first.is("at")) return fail(first, "`at` belongs after a line `schedule`");
    if (first.is("machine")) return fail(first, "a trace has one `machine` line");
    if (first.is("zone") || first.is("void") || first.is("room")) {
      return fail(first, "zones, the void and rooms come before the first context");
    }
    if (first.is("map") && cursor.peek_second().is("slots")) {
      return fail(first, "the slots for mappings come before the first context");
    }
  }
  return call_line(cursor);
}

bool Parser::schedule_line(Cursor cursor) {
  const Token first = cursor.peek();
  if (first.is("at")) return departure_line(cursor);
  if (first.is("recorded")) return recorded_header(cursor);
  if (first.is("schedule")) return fail(first, "a trace has one schedule");
  if (level_of(first) || first.is("reclaimer")) return fail(first, "contexts come before the schedule");
  return fail(first, fmt::format("expected `at CALL access N: DECISION`, found {}", shown(first)));
}

bool Parser::recorded_header(Cursor cursor) {
  static_cast<void>(cursor.next());
  section_ = Section::kRecorded;
  if (cursor.peek().kind == Token::Kind::kEnd) return true;
  if (!expect(cursor, "build", "`recorded`") || !expect(cursor, "=", "`build`")) return false;
  const Token build = cursor.next();
  const bool hex =
      build.is_word() && build.text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!hex || build.text.size() > kMaxBuildLength) {
    return fail(build, fmt::format("expected a build id of at most {} hexadecimal digits, found {}",
                                   kMaxBuildLength, shown(build)));
  }
  file_.build = build.text;
  return expect_end(cursor, "the build id");
}

bool Parser::recorded_line(std::string_view line) {
  if (line.starts_with('#')) return true;
  if (line.starts_with("  ")) {
    line.remove_prefix(2);
  } else if (trimmed(line).empty()) {
    line = {};
  } else {
    return fail_at(line_, 1, "a recorded line starts with two spaces; nothing else follows `recorded`");
  }
  if (line.size() > kMaxRecordedLength) {
    return fail_at(line_, 3, fmt::format("a recorded line has at most {} bytes", kMaxRecordedLength));
  }
  if (file_.recorded.size() == kMaxRecordedLines) {
    return fail_at(line_, 1, fmt::format("a record has at most {} lines", kMaxRecordedLines));
  }
  file_.recorded.emplace_back(line);
  return true;
}

bool Parser::finish_program() {
  Trace& trace = file_.trace;
  for (const Reference& it : references_) {
    const auto found = std::ranges::find(file_.names, it.name);
    const Op by = trace.call_storage[it.call].op;
    const char* const kind = unmaps(by) ? "mapping" : by == Op::kKfree ? "kmalloc" : "alloc";
    if (found == file_.names.end()) {
      return fail_at(it.line, it.column,
                     fmt::format("no {} is named `{}`", kind, it.name.substr(0, kMaxNameLength)));
    }
    const auto index = static_cast<std::uint8_t>(found - file_.names.begin());
    const Op meant = trace.call_storage[index].op;
    const bool fits = unmaps(by) ? maps(meant) : by == Op::kKfree ? meant == Op::kKmalloc : allocates(meant);
    if (!fits) {
      return fail_at(it.line, it.column,
                     fmt::format("`{}` (line {}) is not {} {}", it.name, call_lines_[index],
                                 *kind == 'a' ? "an" : "a", kind));
    }
    trace.call_storage[it.call].handle = index;
  }
  file_.names = complete_names(trace, file_.names);
  return true;
}

bool Parser::fail_at(unsigned line, unsigned column, std::string message) {
  error_ = ParseError{line, column, std::move(message)};
  return false;
}

bool Parser::expect(Cursor& cursor, std::string_view wanted, std::string_view where) {
  const Token token = cursor.next();
  return token.is(wanted) ||
         fail(token, fmt::format("expected `{}` after {}, found {}", wanted, where, shown(token)));
}

bool Parser::expect_end(Cursor& cursor, std::string_view where) {
  const Token token = cursor.next();
  return token.kind == Token::Kind::kEnd ||
         fail(token, fmt::format("expected the end of the line after {}, found {}", where, shown(token)));
}

bool Parser::number(Cursor& cursor, std::string_view what, Bounds bounds, std::uint64_t& value) {
  const Token token = cursor.next();
  const NumberFault fault = token.is_word() ? read_number(token.text, value) : NumberFault::kNotANumber;
  if (fault == NumberFault::kNotANumber) {
    return fail(token, fmt::format("expected a number for {}, found {}", what, shown(token)));
  }
  if (fault == NumberFault::kTooLarge || value > bounds.most) {
    return fail(token, fmt::format("{} is at most {}, not {}", what, bounds.most, shown(token)));
  }
  return value >= bounds.least ||
         fail(token, fmt::format("{} is at least {}, not {}", what, bounds.least, shown(token)));
}

bool Parser::keyed(Cursor& cursor, std::string_view key, Bounds bounds, std::uint64_t& value) {
  const Token token = cursor.next();
  if (!token.is(key)) return fail(token, fmt::format("expected `{}=N`, found {}", key, shown(token)));
  return expect(cursor, "=", fmt::format("`{}`", key)) && number(cursor, key, bounds, value);
}

bool Parser::cpu(Cursor& cursor, std::uint8_t& value) {
  std::uint64_t wide = 0;
  const auto last = static_cast<std::uint64_t>(file_.trace.geometry.cpus) - 1;
  if (!number(cursor, "cpu", {0, last}, wide)) return false;
  value = static_cast<std::uint8_t>(wide);
  return true;
}

}  // namespace text
}  // namespace labyrinth::machine
