// The parser of the text form: what its parts share. Each function returns false once error_ says what is
// wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "labyrinth/machine/trace_text.hpp"
#include "trace_text_lexer.hpp"

namespace labyrinth::machine::text {

class Parser {
 public:
  [[nodiscard]] std::variant<TraceFile, ParseError> run(std::string_view text);

 private:
  enum class Section : std::uint8_t { kVersion, kMachine, kPools, kProgram, kSchedule, kRecorded };
  struct Bounds {
    std::uint64_t least;
    std::uint64_t most;
  };
  /// A handle used before its alloc may have been read.
  struct Reference {
    std::string_view name;
    unsigned line;
    unsigned column;
    std::uint8_t call;
  };

  // trace_text_parser.cpp: lines and sections.
  bool read(std::string_view text);
  bool read_line(std::string_view line);
  bool read_tail();
  bool comment_line(std::string_view line);
  bool version_line(Cursor cursor);
  bool program_line(Cursor cursor);
  bool schedule_line(Cursor cursor);
  bool recorded_header(Cursor cursor);
  bool recorded_line(std::string_view line);
  bool finish_program();

  // trace_text_machine.cpp
  bool machine_line(Cursor cursor);
  bool memory_line(Cursor cursor);

  // trace_text_pools.cpp: zones, the void, rooms.
  bool pools_line(Cursor cursor);
  bool zone_line(Cursor cursor, std::size_t index);
  bool room_line(Cursor cursor);
  bool objects_line(Cursor cursor);
  bool finish_machine(unsigned column);

  // trace_text_mapping.cpp: slots, and calls that map.
  bool map_line(Cursor cursor);
  static bool is_mapping(const Token& word, Op& op) noexcept;
  bool mapping_call(Cursor& cursor, Call& call, std::string_view word);

  // trace_text_program.cpp: contexts, calls.
  bool context_line(Cursor cursor, model::Level level);
  bool reclaimer_line(Cursor cursor);
  bool call_line(Cursor cursor);
  /// A block that lives from the start; `word`: where it says so.
  bool live_block(Cursor& cursor, std::string_view name, const Token& word);
  bool add_call(const Call& call, std::string_view name, const Token& first);
  bool alloc_call(Cursor& cursor, Call& call);
  bool extent_call(Cursor& cursor, Call& call, bool bulk);
  bool flags(Cursor& cursor, std::uint32_t& bits);
  bool free_call(Cursor& cursor, Call& call);
  bool drain_call(Cursor& cursor, Call& call);
  bool cache_call(Cursor& cursor, Call& call);
  bool kmalloc_call(Cursor& cursor, Call& call);
  bool kfree_call(Cursor& cursor, Call& call);
  /// `+N`, `-N` or nothing.
  bool offset(Cursor& cursor, std::uint64_t& value);
  bool mask_call(Cursor& cursor, Call& call, Op disable, Op enable);

  // trace_text_schedule.cpp: departures.
  bool departure_line(Cursor cursor);
  bool decision(Cursor& cursor, Decision& decision);
  bool task_decision(Cursor& cursor, Decision& decision);

  // trace_text_parser.cpp: what every line needs.
  bool fail(const Token& at, std::string message) { return fail_at(line_, at.column, std::move(message)); }
  bool fail_at(unsigned line, unsigned column, std::string message);
  bool expect(Cursor& cursor, std::string_view wanted, std::string_view where);
  bool expect_end(Cursor& cursor, std::string_view where);
  /// The number at the cursor, called `what` in messages.
  bool number(Cursor& cursor, std::string_view what, Bounds bounds, std::uint64_t& value);
  /// `key=N`
  bool keyed(Cursor& cursor, std::string_view key, Bounds bounds, std::uint64_t& value);
  bool cpu(Cursor& cursor, std::uint8_t& value);

  TraceFile file_;
  std::optional<ParseError> error_;
  Section section_ = Section::kVersion;
  unsigned line_ = 0;
  bool commented_ = false;
  std::array<unsigned, kMaxCalls> call_lines_{};
  std::vector<Reference> references_;
};

}  // namespace labyrinth::machine::text
