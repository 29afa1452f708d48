// From what CBMC printed to what a run has shown.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "proof_result.hpp"

namespace labyrinth::tool {
namespace {

constexpr int kHeld = 0, kFailed = 10, kExecFailed = 127;
constexpr const char* kCoverPrefix = "cover: ";

[[nodiscard]] bool fails(const Property& property) { return property.status == "FAILURE"; }

[[nodiscard]] bool all_succeed(const std::vector<Property>& properties) {
  return std::all_of(properties.begin(), properties.end(),
                     [](const Property& property) { return property.status == "SUCCESS"; });
}

[[nodiscard]] std::string where(const Property& property) {
  return property.file.empty() ? property.id : property.file + ":" + property.line;
}

/// The first words of what a program complained about.
[[nodiscard]] std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of("\n ");
  if (end == std::string::npos) return "";
  const std::size_t begin = text.rfind('\n', end);
  constexpr std::size_t kMost = 300;
  return text.substr(begin == std::string::npos ? 0 : begin + 1).substr(0, kMost);
}

void error(RunResult& run, const std::string& reason) {
  run.state = RunState::kError;
  run.reason = reason;
}

void judge_cover(RunResult& run) {
  const auto all = cover_points(run, false);
  const auto reachable = cover_points(run, true);
  if (all.empty()) return error(run, "there is no cover point in the file");
  run.state = all == reachable ? RunState::kReachable : RunState::kUnreachable;
}

void judge_failure(RunResult& run) {
  const auto first = [&run](Flaw flaw) {
    return std::find_if(run.properties.begin(), run.properties.end(), [flaw](const Property& property) {
      return fails(property) && flaw_of(property) == flaw;
    });
  };
  const auto end = run.properties.end();
  // With a function of which nothing is known, nothing else is worth anything.
  if (const auto found = first(Flaw::kNoBody); found != end)
    return error(run, fmt::format("{}: {}; the lowering has left it out", where(*found), found->description));
  if (const auto found = first(Flaw::kCover); found != end)
    return error(run, fmt::format("{}: a cover point, which belongs behind LABYRINTH_COVER", where(*found)));
  if (broken(run) != nullptr) {
    run.state = RunState::kViolated;
  } else if (const auto found = first(Flaw::kUnwinding); found != end) {
    run.state = RunState::kUnwinding;
    run.reason = fmt::format("{}: {}", where(*found), found->description);
  } else {
    error(run, "CBMC says that something fails, and not what");
  }
}

void judge_holds(Question question, RunResult& run) {
  if (question == Question::kCounterexample) return error(run, "it does not fail when it is run again");
  if (!all_succeed(run.properties))
    return error(run, "CBMC says that all holds, but not of each property; its words cannot be trusted");
  if (std::none_of(run.properties.begin(), run.properties.end(),
                   [](const Property& property) { return flaw_of(property) == Flaw::kObligation; }))
    return error(run, "there is no obligation in the file");
  run.state = RunState::kHolds;
}

}  // namespace

Flaw flaw_of(const Property& property) {
  if (property.description.starts_with(kCoverPrefix)) return Flaw::kCover;
  // FUNCTION.CLASS.NUMBER, or FUNCTION.recursion.
  std::string id = property.id;
  if (const std::size_t dot = id.rfind('.');
      dot != std::string::npos && id.find_first_not_of("0123456789", dot + 1) == std::string::npos)
    id.erase(dot);
  const std::string kind = id.substr(id.rfind('.') + 1);
  if (property.id.find(".no-body.") != std::string::npos) return Flaw::kNoBody;
  if (kind == "assertion") return Flaw::kObligation;
  if (kind == "unwind" || kind == "recursion") return Flaw::kUnwinding;
  return Flaw::kMemory;
}

const Property* broken(const RunResult& run) {
  for (const Flaw wanted : {Flaw::kObligation, Flaw::kMemory}) {
    for (const Property& property : run.properties) {
      if (fails(property) && flaw_of(property) == wanted) return &property;
    }
  }
  return nullptr;
}

std::vector<std::string> cover_points(const RunResult& run, bool reachable) {
  std::set<std::string> points;  // The compiler may make several of one.
  for (const Property& property : run.properties) {
    if (flaw_of(property) == Flaw::kCover && (!reachable || fails(property)))
      points.insert(property.description.substr(std::strlen(kCoverPrefix)));
  }
  return {points.begin(), points.end()};
}

RunResult judge(Question question, const ProcessEnd& end) {
  RunResult run;
  run.seconds = end.seconds;
  run.bytes = end.bytes;
  using Kind = ProcessEnd::Kind;
  if (end.kind == Kind::kTimedOut || end.kind == Kind::kOutOfMemory || end.kind == Kind::kStopped) {
    run.state = end.kind == Kind::kTimedOut      ? RunState::kTimedOut
                : end.kind == Kind::kOutOfMemory ? RunState::kOutOfMemory
                                                 : RunState::kStopped;
    return run;
  }
  if (end.kind == Kind::kSignal) {
    error(run, fmt::format("CBMC was ended by signal {} ({})", end.number, strsignal(end.number)));
    return run;
  }
  CbmcAnswer answer = read_answer(end.output);
  run.properties = std::move(answer.properties);
  run.inputs = std::move(answer.inputs);
  const bool held = end.number == kHeld && answer.verdict == "success";
  const bool failed = end.number == kFailed && answer.verdict == "failure";
  if (!held && !failed) {
    std::string words = end.number == kExecFailed ? "it cannot be started" : answer.error;
    if (!end.errors.empty()) words += (words.empty() ? "" : "; ") + last_line(end.errors);
    error(run,
          fmt::format("CBMC: {} (exit code {})", words.empty() ? "its solver failed" : words, end.number));
  } else if (question == Question::kCover) {
    // With no point reachable nothing fails; otherwise something that is no point may not fail, either.
    const bool other = std::any_of(
        run.properties.begin(), run.properties.end(),
        [](const Property& property) { return fails(property) && flaw_of(property) != Flaw::kCover; });
    other ? judge_failure(run) : judge_cover(run);
    if (other && run.state != RunState::kError) error(run, "something that is no cover point fails there");
  } else {
    held ? judge_holds(question, run) : judge_failure(run);
  }
  return run;
}

}  // namespace labyrinth::tool
