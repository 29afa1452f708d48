// Both objects of a history, and the first answer that no order explains.
#include "labyrinth/machine/linearize.hpp"

#include <algorithm>

#include "linearize_search.hpp"

namespace labyrinth::machine {

struct Linearizer::Searches {
  OwnerSearch owners;
  CountSearch counts;
};

Linearizer::Linearizer() : searches_(std::make_unique<Searches>()) {}
Linearizer::~Linearizer() = default;

Lineup::Lineup(const History& history, std::uint8_t answers) noexcept {
  const auto operations = history.operations();
  count = static_cast<std::uint8_t>(operations.size());
  for (std::uint8_t i = 0; i < count; ++i) {
    order[i] = i;
    if (operations[i].answered && operations[i].rank < answers) required |= OperationSet{1} << i;
  }
  const auto rank = [&](std::uint8_t i) {
    return operations[i].answered ? unsigned{operations[i].rank} : unsigned{History::kMost};
  };
  std::sort(order.begin(), order.begin() + count, [&](std::uint8_t a, std::uint8_t b) {
    return rank(a) < rank(b) || (rank(a) == rank(b) && a < b);
  });
}

namespace {

[[nodiscard]] Linearizer::Result result_of(Found found, const char* unexplained) noexcept {
  using Verdict = Linearizer::Verdict;
  if (found == Found::kOrder) return {};
  if (found == Found::kNoOrder) return {.verdict = Verdict::kUnexplained, .reason = unexplained};
  return {.verdict = Verdict::kNotJudged, .reason = "the search for an order was given up"};
}

}  // namespace

Linearizer::Result Linearizer::judge_owners(const History& history, std::uint8_t answers) noexcept {
  return result_of(searches_->owners.run(history, answers),
                   "no order of the calls gives each frame one owner at a time and each free its block (X1, "
                   "X3); answers that one explains, of");
}

Linearizer::Result Linearizer::judge_counts(const History& history, std::uint8_t answers) noexcept {
  Result result = result_of(searches_->counts.run(history, answers),
                            "no order of the calls keeps every floor and explains every refusal by the "
                            "count (E1, E2); answers that one explains, of");
  result.by_blocks = result.explained() && searches_->counts.by_blocks();
  return result;
}

Linearizer::Result Linearizer::judge_prefix(const History& history, std::uint8_t answers) noexcept {
  const Result owners = judge_owners(history, answers);
  return owners.explained() ? judge_counts(history, answers) : owners;
}

Linearizer::Result Linearizer::judge(const History& history) noexcept {
  if (history.why_not() != nullptr) return {.verdict = Verdict::kNotJudged, .reason = history.why_not()};
  if (history.memory().pool_count > CountSearch::kMostPools)
    return {.verdict = Verdict::kNotJudged, .reason = "the machine has more than 21 pools"};
  Result result = judge_prefix(history, history.answers());
  if (result.verdict != Verdict::kUnexplained) return result;
  std::uint8_t explained = 0;
  while (explained + 1 < history.answers()) {
    const Result prefix = judge_prefix(history, static_cast<std::uint8_t>(explained + 1));
    if (prefix.verdict == Verdict::kUnexplained) {
      result = prefix;
      break;
    }
    ++explained;
  }
  for (std::uint8_t i = 0; i < history.operations().size(); ++i) {
    const Operation& operation = history.operations()[i];
    if (operation.answered && operation.rank == explained) result.operation = i;
  }
  return result;
}

}  // namespace labyrinth::machine
