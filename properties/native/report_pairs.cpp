// The report of a handler at every instruction.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "exit_codes.hpp"
#include "input.hpp"
#include "report.hpp"
#include "shared.hpp"

namespace labyrinth::native {
namespace {

struct Sum {
  std::uint64_t points = 0;
  std::uint64_t missed = 0;
  std::size_t done = 0;
  bool cut = false;
};

[[nodiscard]] Sum sum_of(std::size_t pairs) {
  Sum sum;
  for (std::size_t i = 0; i < pairs; ++i) {
    const PairResult& result = shared().pairs[i];
    sum.points += result.points;
    sum.missed += result.missed;
    sum.done += result.done ? 1 : 0;
    sum.cut = sum.cut || result.cut;
  }
  return sum;
}

/// Why nothing follows from the run; empty: something does.
[[nodiscard]] std::string limit_of(const Sum& sum, std::size_t pairs) {
  if (shared().note[0] != '\0') return shared().note.data();
  if (shared().stop) return "stopped before the end";
  if (sum.done != pairs) return "not all pairs could be tried";
  if (sum.points == 0) return "no call came to an instruction of the target";
  if (sum.missed * 10 > sum.points)
    return fmt::format(
        "{} times a call did not come again to where it had been: it does not do the same again", sum.missed);
  return "";
}

[[nodiscard]] std::string command_of(const Options& options, const Pair& pair) {
  return fmt::format("{} --call {} --handler {}", again(options), tool::quoted(pair.call.name),
                     tool::quoted(pair.handler.name));
}

[[nodiscard]] std::uint64_t broken_in(std::size_t pair) {
  std::uint64_t runs = 0;
  for (std::uint32_t i = 0; i < shared().found_count; ++i) {
    if (shared().found[i].pair == pair) runs += shared().found[i].runs;
  }
  return runs;
}

[[nodiscard]] nlohmann::json json_of(const Options& options, const std::vector<Pair>& pairs) {
  nlohmann::json json;
  json["findings"] = nlohmann::json::array();
  for (std::uint32_t i = 0; i < shared().found_count; ++i) {
    const Found& found = shared().found[i];
    json["findings"].push_back({{"clause", found.complaint.clause},
                                {"what", found.complaint.words()},
                                {"pair", name_of(pairs[found.pair])},
                                {"instruction", found.at.number},
                                {"place", found.at.number == 0 ? "" : place_of(found.at.address)},
                                {"ended_at", found.ended_at == 0 ? "" : place_of(found.ended_at)},
                                {"runs", found.runs},
                                {"again", command_of(options, pairs[found.pair])}});
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const PairResult& result = shared().pairs[i];
    json["pairs"].push_back({{"pair", name_of(pairs[i])},
                             {"instructions", result.instructions},
                             {"points", result.points},
                             {"missed", result.missed},
                             {"broken", broken_in(i)},
                             {"cut", result.cut},
                             {"done", result.done}});
  }
  return json;
}

void print_found(const Options& options, const Found& found, const Pair& pair, std::size_t alike) {
  fmt::print("\n{} is broken: {}\n", found.complaint.clause, found.complaint.words());
  if (found.at.number == 0) {
    fmt::print("  {}: without any handler\n", name_of(pair));
  } else {
    fmt::print("  {}\n  the handler came before instruction {}, {}\n", name_of(pair), found.at.number,
               place_of(found.at.address));
  }
  if (found.ended_at != 0) fmt::print("  it ended at {}\n", place_of(found.ended_at));
  if (found.runs > 1) fmt::print("  and {} more runs of this pair break something\n", found.runs - 1);
  if (alike > 1) fmt::print("  and {} more pairs break the same at the same place\n", alike - 1);
  fmt::print("  again: {}\n", command_of(options, pair));
}

/// One finding for each clause and place.
void print_all_found(const Options& options, const std::vector<Pair>& pairs) {
  constexpr std::size_t kMostPrinted = 6;
  std::map<std::pair<std::string_view, std::uintptr_t>, std::vector<const Found*>> alike;
  for (std::uint32_t i = 0; i < shared().found_count; ++i) {
    const Found& found = shared().found[i];
    alike[{found.complaint.clause, found.at.address}].push_back(&found);
  }
  std::size_t printed = 0;
  for (const auto& [what, list] : alike) {
    if (printed++ == kMostPrinted) {
      fmt::print("\n{} more findings: --json has them all\n", alike.size() - kMostPrinted);
      break;
    }
    print_found(options, *list.front(), pairs[list.front()->pair], list.size());
  }
}

void tell_pairs(const Options& options, const machine::Target& target, const std::vector<Pair>& pairs,
                double seconds, int code, const std::string& limit) {
  const Sum sum = sum_of(pairs.size());
  if (options.stress.json) {
    nlohmann::json json = json_of(options, pairs);
    json["verdict"] = name_of_code(code);
    json["limit"] = limit;
    json["target"] = {{"name", target.table().name}, {"path", target.path()}, {"build", target.build()}};
    json["machine"] = shared().machine.data();
    json["runs"] = shared().runs.load();
    json["seconds"] = seconds;
    for (const NotChecked& one : not_checked(options, target))
      json["not_checked"].push_back({{"clause", one.clause}, {"why", one.why}});
    fmt::print("{}\n", json.dump());
    return;
  }
  print_head(target);
  print_not_checked(options, target);
  fmt::print("{:<70} instructions broken\n", "pair");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const PairResult& result = shared().pairs[i];
    fmt::print("{:<70} {:>12}{} {:>5}{}\n", name_of(pairs[i]), result.instructions, result.cut ? "+" : " ",
               broken_in(i), result.done ? "" : ", not to the end");
  }
  print_all_found(options, pairs);
  fmt::print("summary: {}: {} pairs, {} instructions, {} missed, {} runs, {:.1f} s, {} broken pairs{}{}\n",
             name_of_code(code), pairs.size(), sum.points, sum.missed, shared().runs.load(), seconds,
             shared().found_count.load(), limit.empty() ? "" : "; ", limit);
}

}  // namespace

int report_pairs(const Options& options, const machine::Target& target, const std::vector<Pair>& pairs,
                 double seconds) {
  const std::string limit = limit_of(sum_of(pairs.size()), pairs.size());
  const int code = shared().found_count != 0 ? tool::kViolation
                   : limit.empty()           ? tool::kClean
                                             : tool::kInconclusive;
  tell_pairs(options, target, pairs, seconds, code, limit);
  std::vector<tool::CheckResult> all;
  for (std::uint32_t i = 0; i < shared().found_count; ++i) {
    const Found& found = shared().found[i];
    const Pair& pair = pairs[found.pair];
    all.push_back({.name = command_of(options, pair),
                   .code = tool::kViolation,
                   .clause = std::string(found.complaint.clause),
                   .key = fmt::format("{}-native-{}", found.complaint.clause, pair.call.name),
                   .text = fmt::format("{} is broken: {}\n{}{}", found.complaint.clause,
                                       found.complaint.words(), name_of(pair),
                                       found.at.number == 0
                                           ? ": without any handler"
                                           : "\nthe handler came before " + place_of(found.at.address))});
  }
  return write_results(options, target, code, std::move(all), limit);
}

}  // namespace labyrinth::native
