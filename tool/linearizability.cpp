// Counts what the judgement of whole histories says of runs that the online rules have judged.
#include "linearizability.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "finding.hpp"

namespace labyrinth::tool {

using machine::Outcome;
using machine::Violation;
using model::Clause;

namespace {

void count(Tally& tally, std::string_view name) {
  const auto at = tally.find(name);
  if (at == tally.end()) {
    tally.emplace(name, 1);
  } else {
    ++at->second;
  }
}

[[nodiscard]] std::uint64_t sum(const Tally& tally) {
  std::uint64_t result = 0;
  for (const auto& [name, times] : tally) result += times;
  return result;
}

[[nodiscard]] std::string in_words(const Tally& tally) {
  std::string text;
  for (const auto& [name, times] : tally)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name, times);
  return text;
}

/// docs/linearizability.md: of blocks that were found taken a call that goes on explains more here.
[[nodiscard]] bool asks_for_more(const Outcome& outcome, const machine::Linearizer::Result& result) {
  if (result.by_blocks) return true;
  return outcome.violation.clause == Clause::E2 && outcome.violation.call != machine::kNoCall &&
         outcome.results[outcome.violation.call].status ==
             static_cast<std::uint8_t>(model::Status::kFragmented);
}

}  // namespace

void HistoryCounts::join(const HistoryCounts& other) {
  explained += other.explained;
  both_broken += other.both_broken;
  unexplained += other.unexplained;
  for (const auto& [name, times] : other.explained_all_the_same) explained_all_the_same[name] += times;
  for (const auto& [name, times] : other.known) known[name] += times;
  for (const auto& [name, times] : other.not_judged) not_judged[name] += times;
}

std::string HistoryCounts::text() const {
  std::string text =
      fmt::format("linearizability: {} histories are explained by an order of their calls, {} by none",
                  explained, unexplained + both_broken);
  if (both_broken != 0) text += fmt::format(" ({} of them broke an online rule, too)", both_broken);
  text += fmt::format(", {} not judged{}\n", sum(not_judged),
                      not_judged.empty() ? "" : fmt::format(" ({})", in_words(not_judged)));
  if (!known.empty())
    text += fmt::format("where an online rule asks for more than linearizability: {}\n", in_words(known));
  for (const auto& [name, times] : explained_all_the_same) {
    text += fmt::format(
        "DISAGREEMENT: {}: {} times the online rules objected to a history that an order of its calls "
        "explains; one of the two is wrong, please report it with the trace\n",
        name, times);
  }
  return text;
}

nlohmann::json HistoryCounts::json() const {
  return {{"explained", explained},     {"broken_for_both", both_broken},
          {"unexplained", unexplained}, {"disagreements", explained_all_the_same},
          {"online_stronger", known},   {"not_judged", not_judged}};
}

void HistoryCounts::restore(const nlohmann::json& json) {
  explained = json.at("explained");
  both_broken = json.at("broken_for_both");
  unexplained = json.at("unexplained");
  explained_all_the_same = json.at("disagreements").get<Tally>();
  known = json.at("online_stronger").get<Tally>();
  not_judged = json.at("not_judged").get<Tally>();
}

HistoryJudge::HistoryJudge(machine::Machine& machine)
    : machine_(machine), history_(std::make_unique<machine::History>()) {
  machine_.record(history_.get());
}

HistoryJudge::~HistoryJudge() { machine_.record(nullptr); }

Violation HistoryJudge::judge(const machine::Trace& trace, const Outcome& outcome, HistoryCounts& counts) {
  using Verdict = machine::Linearizer::Verdict;
  if (outcome.kind == Outcome::Kind::kInconclusive) {
    count(counts.not_judged, "the run reached a limit");
    return {};
  }
  const machine::Linearizer::Result result = linearizer_.judge(*history_);
  const bool objected = history_->objected();
  if (result.verdict == Verdict::kNotJudged) {
    count(counts.not_judged, result.reason);
  } else if (result.explained() && objected) {
    count(asks_for_more(outcome, result) ? counts.known : counts.explained_all_the_same,
          signature(trace, outcome.violation));
  } else if (result.explained()) {
    ++counts.explained;
  } else if (objected) {
    ++counts.both_broken;
  } else {
    ++counts.unexplained;
    const machine::Operation& operation = history_->operations()[result.operation];
    return {.clause = Clause::L1,
            .call = operation.call,
            .context = operation.context,
            .reason = result.reason,
            .seen = operation.rank,
            .permitted = history_->answers()};
  }
  return {};
}

}  // namespace labyrinth::tool
