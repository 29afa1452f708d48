// Counts, complaints and the verdict.
#include "stress_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "complaints.hpp"
#include "exit_codes.hpp"

namespace labyrinth::shipping {
namespace {

constexpr std::array kHandlerLevels{LABYRINTH_SOFTIRQ, LABYRINTH_HARDIRQ, LABYRINTH_NMI};

[[nodiscard]] std::string_view name_of(int code) {
  return code == tool::kClean ? "clean" : code == tool::kViolation ? "violation" : "inconclusive";
}

template <typename Visit>
void for_each_call(const std::array<std::uint64_t, kCalls>& counts, const Visit& visit) {
  for (std::size_t i = 0; i < kCalls; ++i) {
    if (counts[i] != 0) visit(shipping::name_of(static_cast<Call>(i)), counts[i]);
  }
}

[[nodiscard]] std::uint64_t sum(const std::array<std::uint64_t, kCalls>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

[[nodiscard]] Tally of_handlers(const StressResult& result) {
  Tally all;
  for (const Tally& tally : result.handlers) {
    for (std::size_t i = 0; i < kCalls; ++i) {
      all.calls[i] += tally.calls[i];
      all.landed[i] += tally.landed[i];
    }
  }
  return all;
}

void print_calls(std::string_view who, const std::array<std::uint64_t, kCalls>& counts) {
  fmt::print("{}:", who);
  for_each_call(counts,
                [](std::string_view name, std::uint64_t count) { fmt::print(" {} {}", name, count); });
  fmt::print("\n");
}

[[nodiscard]] bool too_few(const StressOptions& options, const StressResult& result) {
  return options.interrupts != 0 &&
         std::any_of(kHandlerLevels.begin(), kHandlerLevels.end(), [&](labyrinth_level level) {
           return level <= options.highest && result.inside(level) < options.least_inside;
         });
}

/// Why nothing follows from the run.
[[nodiscard]] std::string limit_of(const StressOptions& options, const StressResult& result) {
  if (result.hung[0] != '\0') return fmt::format("{}: see N1 to N3", result.hung.data());
  if (result.cut_off) return "it was cut off";
  return fmt::format("of some level fewer than {} signals landed inside a call", options.least_inside);
}

}  // namespace

nlohmann::json json_of(const std::string& again, const StressOptions& options, const StressResult& result) {
  nlohmann::json json;
  json["verdict"] = name_of(verdict(options, result));
  json["seconds"] = result.seconds;
  json["threads"] = options.threads;
  json["stops"] = result.stops;
  json["again"] = again;
  if (verdict(options, result) == tool::kInconclusive) json["limit"] = limit_of(options, result);
  for_each_call(result.tasks.calls,
                [&](std::string_view name, auto count) { json["calls"]["tasks"][name] = count; });
  for_each_call(of_handlers(result).calls,
                [&](std::string_view name, auto count) { json["calls"]["handlers"][name] = count; });
  json["balances"] = result.balances;
  json["signals"] = result.signals;
  json["held_back"] = result.held_back;
  for (const labyrinth_level level : kHandlerLevels) {
    if (level > options.highest) continue;
    auto& entry = json["interrupts"][shipping::name_of(level)];
    entry["landed"] = result.landed(level);
    entry["inside"] = result.inside(level);
    for_each_call(result.handlers[level].landed,
                  [&](std::string_view name, auto count) { entry["interrupted"][name] = count; });
  }
  json["inside_by_depth"] = result.by_depth;
  json["violations"] = nlohmann::json::array();
  for (std::size_t i = 0; i < complaints().kept(); ++i) {
    json["violations"].push_back({{"clause", complaints()[i].clause}, {"what", complaints()[i].words()}});
  }
  return json;
}

int verdict(const StressOptions& options, const StressResult& result) {
  if (complaints().any()) return tool::kViolation;
  return result.cut_off || result.hung[0] != '\0' || too_few(options, result) ? tool::kInconclusive
                                                                              : tool::kClean;
}

tool::Results results_of(const std::string& program, const std::string& again, const StressOptions& options,
                         int code, std::string_view fault) {
  const std::string name = fmt::format("stress --geometry {} --threads {} --interrupts {} --seed {}",
                                       options.geometry, options.threads, options.interrupts, options.seed);
  tool::Results results("stress", program);
  for (std::size_t i = 0; i < complaints().kept(); ++i) {
    const std::string clause(complaints()[i].clause);
    results.add({.name = name,
                 .code = tool::kViolation,
                 .clause = tool::clause_of(clause),
                 .key = "stress-" + clause,
                 .text = fmt::format("{} is broken: {}\nagain: {}", clause, complaints()[i].words(), again)});
  }
  const bool all_told = code == tool::kViolation && fault.empty();
  if (!all_told)
    results.add({.name = name,
                 .code = code,
                 .clause = tool::clause_of(std::string(fault.substr(0, 2))),
                 .key = fault.empty() ? "" : "stress-fault",
                 .text = !fault.empty()         ? std::string(fault)
                         : code == tool::kClean ? ""
                                                : "cut off, hung, or too few signals landed inside a call",
                 .seconds = options.seconds});
  return results;
}

namespace {

void print_counts(const StressOptions& options, const StressResult& result) {
  print_calls("calls of tasks", result.tasks.calls);
  fmt::print("answers: ");
  for (std::uint32_t i = 0; i < result.tasks.answers.size(); ++i) {
    fmt::print("{}{} {}", i == 0 ? "" : ", ", labyrinth_status_name(static_cast<labyrinth_status>(i)),
               result.tasks.answers[i]);
  }
  fmt::print("\n");
  if (result.balances != 0)
    fmt::print("background reclaim, by a thread of its own: {} times\n", result.balances);
  if (options.interrupts != 0) {
    print_calls("calls of handlers", of_handlers(result).calls);
    for (const labyrinth_level level : kHandlerLevels) {
      if (level > options.highest) continue;
      fmt::print("{}: {} arrived, {} of them inside a call\n", shipping::name_of(level), result.landed(level),
                 result.inside(level));
    }
    if (result.held_back != 0) fmt::print("held back until they were permitted: {}\n", result.held_back);
    print_calls("what was interrupted", of_handlers(result).landed);
    fmt::print("inside a call, by how many handlers were interrupted, too: {}\n",
               fmt::join(result.by_depth, " "));
  }
}

}  // namespace

void print_report(const std::string& again, const StressOptions& options, const StressResult& result) {
  if (options.json) {
    fmt::print("{}\n", json_of(again, options, result).dump());
    return;
  }
  if (sum(result.tasks.calls) != 0) print_counts(options, result);
  for (std::size_t i = 0; i < complaints().kept(); ++i) {
    fmt::print("{} is broken: {}\n", complaints()[i].clause, complaints()[i].words());
  }
  if (complaints().any()) fmt::print("  again: {}\n", again);
  const int code = verdict(options, result);
  fmt::print("summary: {}: {} threads, {:.1f} s, {} calls, {} of handlers, everything examined {} times{}\n",
             name_of(code), options.threads, result.seconds, sum(result.tasks.calls),
             sum(of_handlers(result).calls), result.stops,
             code == tool::kInconclusive ? "; " + limit_of(options, result) : "");
}

}  // namespace labyrinth::shipping
