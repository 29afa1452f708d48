// The parser of the text form: the machine's `map` line, and the calls that map and unmap.
#include <fmt/format.h>

#include <array>

#include "trace_text_parser.hpp"

namespace labyrinth::machine::text {

bool Parser::map_line(Cursor cursor) {
  MapShape& map = file_.trace.geometry.map;
  if (map.exists()) return fail(cursor.peek(), "the slots for mappings have been given already");
  static_cast<void>(cursor.next());
  std::uint64_t slots = 0;
  std::uint64_t depth = 0;
  const Token at = cursor.peek();
  if (!keyed(cursor, "slots", {0, kMaxMapSlots}, slots) ||
      !keyed(cursor, "depth", {0, kMaxMapDepth}, depth)) {
    return false;
  }
  if (slots + depth == 0)
    return fail(at, "without slots and depth there is nothing to map into: leave it out");
  map.slots = static_cast<std::uint8_t>(slots);
  map.depth = static_cast<std::uint8_t>(depth);
  return expect_end(cursor, "the slots");
}

bool Parser::is_mapping(const Token& word, Op& op) noexcept {
  struct Name {
    std::string_view name;
    Op op;
  };
  static constexpr std::array kNames = {Name{"map", Op::kMap},
                                        Name{"unmap", Op::kUnmap},
                                        Name{"map_local", Op::kMapLocal},
                                        Name{"unmap_local", Op::kUnmapLocal},
                                        Name{"map_atomic", Op::kMapAtomic},
                                        Name{"unmap_atomic", Op::kUnmapAtomic},
                                        Name{"page_address", Op::kPageAddress}};
  for (const Name& it : kNames) {
    if (!word.is(it.name)) continue;
    op = it.op;
    return true;
  }
  return false;
}

bool Parser::mapping_call(Cursor& cursor, Call& call, std::string_view word) {
  const Token handle = cursor.next();
  if (!handle.is_word() || !is_call_name(handle.text)) {
    return fail(handle,
                fmt::format("expected the name of {} after `{}`, found {}",
                            addresses(call.op) ? "an alloc" : "a call that maps", word, shown(handle)));
  }
  references_.push_back({handle.text, line_, handle.column, file_.trace.call_count});
  return !addresses(call.op) || offset(cursor, call.pfn);
}

}  // namespace labyrinth::machine::text
