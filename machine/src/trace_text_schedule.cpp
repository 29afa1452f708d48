// The parser of the text form: the schedule's departures.
#include <fmt/format.h>

#include <algorithm>

#include "trace_text_parser.hpp"

namespace labyrinth::machine::text {

bool Parser::departure_line(Cursor cursor) {
  Trace& trace = file_.trace;
  const Token head = cursor.next();
  const Token name = cursor.next();
  const auto found = std::ranges::find(file_.names, name.text);
  if (!name.is_word())
    return fail(name, fmt::format("expected the name of a call after `at`, found {}", shown(name)));
  if (found == file_.names.end()) return fail(name, fmt::format("no call is named {}", shown(name)));
  if (trace.call_storage[static_cast<std::size_t>(found - file_.names.begin())].op == Op::kLive)
    return fail(
        name, fmt::format("{} lives from the start: it is no call, and nothing happens at it", shown(name)));
  if (!expect(cursor, "access", "the call's name")) return false;
  std::uint64_t access = 0;
  if (!number(cursor, "access", {0, kMaxAccess}, access) || !expect(cursor, ":", "the access")) return false;
  Departure departure{
      static_cast<std::uint8_t>(found - file_.names.begin()), static_cast<std::uint16_t>(access), {}};
  if (!decision(cursor, departure.decision) || !expect_end(cursor, "a decision")) return false;
  if (trace.departure_count == kMaxDepartures) {
    return fail(head, fmt::format("a schedule has at most {} departures", kMaxDepartures));
  }
  // Files may list them in any order; those of one point stay in the file's.
  std::size_t place = trace.departure_count++;
  for (; place > 0; --place) {
    const Departure& before = trace.departure_storage[place - 1];
    if (before.call != departure.call ? before.call < departure.call : before.access <= departure.access)
      break;
    trace.departure_storage[place] = before;
  }
  trace.departure_storage[place] = departure;
  return true;
}

bool Parser::decision(Cursor& cursor, Decision& decision) {
  const Token word = cursor.next();
  if (word.is("cpu")) {
    decision.kind = Decision::Kind::kCpu;
    return cpu(cursor, decision.argument);
  }
  if (word.is("migrate")) {
    decision.kind = Decision::Kind::kMigrate;
    return expect(cursor, "cpu", "`migrate`") && cpu(cursor, decision.argument);
  }
  if (word.is("task")) return task_decision(cursor, decision);
  for (const auto level : {model::Level::kSoftirq, model::Level::kHardirq, model::Level::kNmi}) {
    if (!word.is(level_name(level))) continue;
    decision = {Decision::Kind::kInterrupt, static_cast<std::uint8_t>(level)};
    return true;
  }
  if (word.is("older")) {
    if (file_.trace.memory != MemoryModel::kRc11)
      return fail(word, "`older` needs the line `memory rc11` after the machine's");
    std::uint64_t count = 0;
    decision.kind = Decision::Kind::kOlder;
    if (!number(cursor, "older", {1, kMostOlder}, count)) return false;
    decision.argument = static_cast<std::uint8_t>(count);
    return true;
  }
  decision.kind = Decision::Kind::kSpurious;
  return word.is("spurious") ||
         fail(word, fmt::format("expected cpu N, task N, softirq, hardirq, nmi, migrate cpu N, older N or "
                                "spurious, found {}",
                                shown(word)));
}

bool Parser::task_decision(Cursor& cursor, Decision& decision) {
  const Token at = cursor.peek();
  std::uint64_t wanted = 0;
  if (!number(cursor, "the task", {0, kMaxContexts}, wanted)) return false;
  decision.kind = Decision::Kind::kTask;
  for (const Context& context : file_.trace.contexts()) {
    if (context.level == model::Level::kTask && wanted-- == 0) return true;
    ++decision.argument;
  }
  return fail(at, fmt::format("the trace has no task {}", shown(at)));
}

}  // namespace labyrinth::machine::text
