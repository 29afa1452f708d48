// Running traces on both sides, and comparing answers.
#include "audit_pair.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "corpus_apart.hpp"
#include "death.hpp"
#include "finding.hpp"
#include "report.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {

using machine::Op;
using machine::Outcome;

nlohmann::json to_json(const Shown& shown) {
  return {{"kind", shown.kind}, {"signature", shown.signature}, {"words", shown.words}};
}

Shown shown_from(const nlohmann::json& json) {
  return {json.at("kind").get<Shown::Kind>(), json.at("signature"), json.at("words")};
}

Shown shown_of(const machine::Trace& trace, const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::kClean:
      return {Shown::Kind::kClean, "", "clean"};
    case Outcome::Kind::kViolation: {
      const machine::Violation& broken = outcome.violation;
      return {Shown::Kind::kBroken, signature(trace, broken),
              fmt::format("breaks {}: {}: seen {}, permitted {}", model::name(broken.clause), broken.reason,
                          broken.seen, broken.permitted)};
    }
    case Outcome::Kind::kInconclusive:
      return {Shown::Kind::kUnclear, "", summary(outcome)};
    case Outcome::Kind::kRefused:
      break;
  }
  return {Shown::Kind::kRefused, "", "does not accept the machine"};
}

Shown shown_of_death(const std::string& death) {
  if (is_from_outside(death))
    return {Shown::Kind::kUnclear, "", "its process was ended from outside: " + death};
  return {Shown::Kind::kDied, "died-" + death, words_of_death(death)};
}

const char* name_of(Op op) noexcept {
  switch (op) {
    case Op::kAlloc:
      return "alloc";
    case Op::kFree:
      return "free";
    case Op::kBulk:
      return "bulk";
    case Op::kExact:
      return "exact";
    case Op::kDrain:
      return "drain";
    case Op::kCache:
      return "cache";
    case Op::kBalance:
      return "balance";
    case Op::kKmalloc:
      return "kmalloc";
    case Op::kKfree:
      return "kfree";
    default:
      return machine::maps(op) ? "map" : machine::unmaps(op) ? "unmap" : "page_address";
  }
}

Parting parting(const machine::Trace& trace, const Outcome& one, const Outcome& two) {
  using State = machine::CallResult::State;
  // The first only: what comes after it can follow from it.
  for (std::uint8_t call = 0; call < trace.call_count; ++call) {
    const machine::CallResult& left = one.results[call];
    const machine::CallResult& right = two.results[call];
    const std::string who = name_of(trace.call_storage[call].op);
    if (left.state != right.state)
      return {fmt::format("{}: {} one side only", who,
                          left.state == State::kAnswered || right.state == State::kAnswered ? "answered on"
                                                                                            : "reached on"),
              call};
    if (left.status != right.status)
      return {fmt::format("{}: {}, then {}", who, status_name(left.status), status_name(right.status)), call};
    if (left.wake != right.wake)
      return {fmt::format("{}: background reclaim is {} woken", who, left.wake ? "no longer" : "now"), call};
    if (left.status == 0 && left.pfn != right.pfn) return {who + ": another place or number", call};
  }
  return {};
}

machine::Machine& AuditPair::machine(Which side) {
  machine_.turn_to(target(side).table());
  return machine_;
}

Shown AuditPair::replay(Which side, const machine::Trace& trace) {
  machine::Replay strategy(trace);
  return shown_of(trace, machine(side).run(trace, strategy));
}

Parting AuditPair::in_order(const machine::Trace& trace, std::array<Shown, 2>& shown) {
  static Outcome first;
  machine::GoOn strategy;
  first = machine(Which::kOld).run(trace, strategy);
  const Outcome& second = machine(Which::kNew).run(trace, strategy);
  shown = {shown_of(trace, first), shown_of(trace, second)};
  const bool comparable = shown[0].kind == Shown::Kind::kClean && shown[1].kind == Shown::Kind::kClean;
  return comparable ? parting(trace, first, second) : Parting{};
}

}  // namespace labyrinth::tool
