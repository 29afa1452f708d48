// The summary of what was explored, and which search that was.
#include "exploration_summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "not_checked.hpp"

namespace labyrinth::tool {

namespace {

[[nodiscard]] std::string text_of(const std::vector<CallPattern>& patterns) {
  std::string text;
  for (const CallPattern& pattern : patterns) text += pattern.text() + ' ';
  return text;
}

}  // namespace

void print_summary(const ExploreOptions& options, const machine::Target& target, const Explored& total,
                   std::uint64_t before, double seconds) {
  const double rate =
      seconds > 0
          ? static_cast<double>(total.counts.executions - std::min(before, total.counts.executions)) / seconds
          : 0;
  if (options.json) {
    nlohmann::json json{{"programs", total.programs},
                        {"refused", total.refused},
                        {"executions", total.counts.executions},
                        {"per_second", rate},
                        {"redundant", total.counts.redundant},
                        {"cut", total.counts.cut},
                        {"steps", total.counts.steps},
                        {"deepest", total.counts.deepest},
                        {"most_preemptions", total.counts.preemptions},
                        {"spins", total.counts.spins},
                        {"loops_not_followed", total.counts.loops},
                        {"complete", total.cut.empty()},
                        {"alloc_steps", total.steps.alloc_json()},
                        {"free_steps", total.steps.free_json()},
                        {"not_checked", not_checked_json(target)},
                        {"violations", total.found}};
    if (total.runs_alone != 0) {
      json["runs_alone"] = total.runs_alone;
      json["alloc_steps_alone"] = total.steps_alone.alloc_json();
      json["free_steps_alone"] = total.steps_alone.free_json();
    }
    if (options.linearizability) json["histories"] = total.histories.json();
    for (const CallPattern& pattern : options.shape.except) json["left_out"].push_back(pattern.text());
    if (!total.cut.empty()) json["why_not_complete"] = total.cut;
    if (options.search.counts_traces) json["traces"] = total.traces;
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("largest {}\n", total.steps.text());
  if (total.runs_alone != 0) fmt::print("alone, {} runs: {}\n", total.runs_alone, total.steps_alone.text());
  if (options.linearizability) fmt::print("{}", total.histories.text());
  for (const auto& [name, times] : total.found) fmt::print("violation {}: {} times\n", name, times);
  if (options.search.counts_traces) {
    const std::uint64_t runs = total.counts.executions + total.counts.redundant;
    fmt::print("traces: {} Mazurkiewicz traces, {:.3f} runs for each\n", total.traces,
               total.traces == 0 ? 0 : static_cast<double>(runs) / static_cast<double>(total.traces));
  }
  if (total.counts.spins != 0)
    fmt::print("spins: {} times a context was held back while what it reads did not change\n",
               total.counts.spins);
  for (const CallPattern& pattern : options.shape.except)
    fmt::print("left out: {} programs of {}\n",
               pattern.programs(options.shape.orders, options.shape.flags.size()), pattern.text());
  fmt::print("{}", not_checked_text(target));
  fmt::print("summary: {} programs, {} executions and {} redundant, {:.0f} a second, deepest {} steps, {}\n",
             total.programs, total.counts.executions, total.counts.redundant, rate, total.counts.deepest,
             total.cut.empty() ? "complete" : "not complete: " + total.cut);
}

void print_program(const ExploreOptions& options, const std::string& name, const Explored& one) {
  if (options.json) return;
  fmt::print("{}: {} executions and {} redundant{}\n", name, one.counts.executions, one.counts.redundant,
             one.cut.empty() ? "" : "; not complete: " + one.cut);
}

int verdict(const Explored& total) {
  if (!total.found.empty()) return kViolation;
  return total.cut.empty() && total.refused == 0 ? kClean : kInconclusive;
}

std::string search_of(const ExploreOptions& options, const machine::Target& target) {
  const Shape& shape = options.shape;
  std::string flags;
  for (const model::Gfp gfp : shape.flags) flags += machine::gfp_name(gfp) + ' ';
  std::string levels;
  for (const model::Level level : shape.levels) levels += std::string(machine::level_name(level)) + ' ';
  const machine::ExplorerOptions& search = options.search;
  return fmt::format(
      "target {} memory {} files {} cpus {} tasks {} idle {} calls {} handlers {} levels {}flags {}orders {} "
      "frames {} highatomic {} "
      "only {}except {}first {} "
      "every {} preemptions {} executions {} depth {} rounds {} spurious {} migrations {} reduces {} alone "
      "{} "
      "keep-going {} linearizability {}",
      target.build(), options.memory ? static_cast<int>(*options.memory) : -1, fmt::join(options.files, " "),
      shape.cpus, shape.tasks, shape.idle, shape.calls, shape.handlers, levels, flags,
      fmt::join(shape.orders, " "), shape.frames, shape.highatomic, text_of(shape.only),
      text_of(shape.except), options.first, options.every, options.preemptions, options.executions,
      search.depth, search.rounds, search.spurious, search.migrations, search.reduces, options.alone,
      options.keep_going, options.linearizability);
}

}  // namespace labyrinth::tool
