// labyrinth run: random programs, or given ones, under random schedules, each a pure function of the seed and
// its number.
#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "guard.hpp"
#include "input.hpp"
#include "not_checked.hpp"
#include "random_program.hpp"
#include "random_schedule.hpp"
#include "report.hpp"
#include "steps.hpp"
#include "timeline.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

using machine::Outcome;

/// Counts over all executions.
struct Counts {
  std::uint64_t executions = 0, accesses = 0, departures = 0, inconclusive = 0, refused = 0;
  std::array<std::uint64_t, 6> answers{};
  std::array<std::uint64_t, 6> objects{};   ///< Answers to kmalloc.
  std::array<std::uint64_t, 6> mappings{};  ///< Answers to what maps and unmaps.
  StepTable steps;
};

void count(const machine::Machine& machine, const machine::Trace& trace, const Outcome& outcome,
           Counts& counts) {
  ++counts.executions;
  counts.accesses += outcome.accesses;
  counts.departures += outcome.departure_count;
  counts.inconclusive += outcome.kind == Outcome::Kind::kInconclusive ? 1 : 0;
  counts.refused += outcome.kind == Outcome::Kind::kRefused ? 1 : 0;
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const machine::CallResult& result = outcome.results[i];
    const machine::Call& call = trace.call_storage[i];
    if (result.state != machine::CallResult::State::kAnswered) continue;
    if (call.op == machine::Op::kKmalloc && result.status < counts.objects.size())
      ++counts.objects[result.status];
    if (machine::maps(call.op) || machine::unmaps(call.op)) {
      if (result.status < counts.mappings.size()) ++counts.mappings[result.status];
      continue;
    }
    if (call.op == machine::Op::kLive) continue;
    const bool allocates = machine::allocates(call.op);
    if (!allocates && call.op != machine::Op::kFree) continue;
    if (allocates && result.status < counts.answers.size()) ++counts.answers[result.status];
  }
  counts.steps.count(machine, trace, outcome);
}

void print_summary(const RunOptions& options, const machine::Target& target, const Counts& counts,
                   double seconds, const std::map<std::string, std::uint64_t>& found, bool cut) {
  const double rate = seconds > 0 ? static_cast<double>(counts.executions) / seconds : 0;
  if (options.json) {
    nlohmann::json answers;
    nlohmann::json mappings;
    for (std::size_t i = 0; i < counts.answers.size(); ++i) {
      answers[status_name(static_cast<std::uint8_t>(i))] = counts.answers[i];
      mappings[status_name(static_cast<std::uint8_t>(i))] = counts.mappings[i];
    }
    nlohmann::json objects;
    for (std::size_t i = 0; i < counts.objects.size(); ++i)
      objects[status_name(static_cast<std::uint8_t>(i))] = counts.objects[i];
    fmt::print("{}\n", nlohmann::json{{"seed", options.seed},
                                      {"executions", counts.executions},
                                      {"per_second", rate},
                                      {"accesses", counts.accesses},
                                      {"departures", counts.departures},
                                      {"inconclusive", counts.inconclusive},
                                      {"refused", counts.refused},
                                      {"interrupted", cut},
                                      {"answers", answers},
                                      {"kmalloc_answers", objects},
                                      {"mappings", mappings},
                                      {"alloc_steps", counts.steps.alloc_json()},
                                      {"free_steps", counts.steps.free_json()},
                                      {"not_checked", not_checked_json(target)},
                                      {"violations", found}}
                           .dump(2));
    return;
  }
  fmt::print("answers:");
  for (std::size_t i = 0; i < counts.answers.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.answers[i]);
  fmt::print("\nanswers to kmalloc:");
  for (std::size_t i = 0; i < counts.objects.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.objects[i]);
  fmt::print("\nmappings:");
  for (std::size_t i = 0; i < counts.mappings.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.mappings[i]);
  fmt::print("\nlargest {}\n", counts.steps.text());
  for (const auto& [name, times] : found) fmt::print("violation {}: {} times\n", name, times);
  fmt::print("{}", not_checked_text(target));
  fmt::print("summary: {} executions, {:.0f} a second, {} accesses, {} departures{}{}\n", counts.executions,
             rate, counts.accesses, counts.departures,
             counts.inconclusive + counts.refused != 0
                 ? fmt::format(", {} inconclusive, {} refused", counts.inconclusive, counts.refused)
                 : "",
             cut ? ", interrupted" : "");
}

/// The origin of a finding, as options that lead there again.
std::string origin(const RunOptions& options, std::uint64_t number) {
  std::string text = fmt::format("{} execution {}", options.seed, number);
  if (options.strategy == StrategyName::kWalk && options.files.empty()) return text;
  text += fmt::format(", strategy {}", name(options.strategy));
  if (options.strategy == StrategyName::kPct) text += fmt::format(" of depth {}", options.depth);
  return text;
}

/// Programs one after the other: a random one for each execution, or each file for many.
class RunPrograms {
 public:
  RunPrograms(const RunOptions& options, std::vector<machine::TraceFile> files)
      : options_(options), files_(std::move(files)) {}
  [[nodiscard]] std::uint64_t executions() const {
    return files_.empty() ? options_.count : options_.count * files_.size();
  }
  /// Whether the execution is the first of its program, which is made then.
  [[nodiscard]] bool begins(std::uint64_t number, machine::Trace& trace) const {
    if (files_.empty()) {
      // A program of its own for each: more programs find more than more schedules of small ones.
      random_program(options_.seed, number, options_.records, trace);
      trace.memory = options_.memory.value_or(machine::MemoryModel::kSc);
      return true;
    }
    if (number % options_.count != 0) return false;
    trace = files_[number / options_.count].trace;
    trace.departure_count = 0;
    trace.memory = options_.memory.value_or(trace.memory);
    return true;
  }

 private:
  const RunOptions& options_;
  std::vector<machine::TraceFile> files_;
};

}  // namespace

int verb_run(const RunOptions& options) {
  const auto target = load_guarded(options.target);
  if (!target) return kUnreadable;
  std::vector<machine::TraceFile> files;
  for (const std::string& path : options.files) {
    auto file = read_trace(path);
    if (!file) return kUnreadable;
    files.push_back(std::move(*file));
  }
  if (const auto code = guard({options, {&*target, 1}, {"run", std::to_string(options.seed)}})) return *code;
  machine::Machine machine;
  machine.use(target->table());
  catch_interrupt();
  StatusLine status;
  Counts counts;
  std::map<std::string, std::uint64_t> found;
  RandomSchedules schedules(options.strategy, options.depth);
  const RunPrograms programs(options, std::move(files));
  static machine::Trace trace;
  bool cut = false;
  const std::uint64_t executions = programs.executions();
  for (std::uint64_t number = 0; number < executions; ++number) {
    if (number % 1024 == 0) {
      cut = interrupted();
      if (cut) break;
      if (status.due()) {
        status.show(fmt::format("run: {} executions, {:.0f} a second, {:.0f} %", number,
                                static_cast<double>(number) / status.elapsed(),
                                100 * static_cast<double>(number) / static_cast<double>(executions)));
      }
    }
    if (programs.begins(number, trace)) schedules.begin(trace);
    const Outcome& outcome = schedules.run(machine, trace, options.seed, number);
    count(machine, trace, outcome, counts);
    if (outcome.kind != Outcome::Kind::kViolation) continue;
    const std::string name = signature(trace, outcome.violation);
    if (++found[name] > 1) continue;
    machine::TraceFile file = with_schedule(trace, outcome);
    if (!describe(machine, *target, {"run", origin(options, number)}, file)) return kInconclusive;
    const auto path = save(options.findings, name, file);
    if (!options.json) {
      fmt::print("{}", report(machine, *target, file, path.value_or("(not saved)"), options.verbose));
    }
    if (!options.keep_going) break;
  }
  print_summary(options, *target, counts, status.elapsed(), found, cut);
  // A machine that a target does not accept says nothing of it, unless nothing else was to be run.
  const bool all_refused = counts.refused == counts.executions;
  const bool files_refused = !options.files.empty() && counts.refused != 0;
  int code = cut || counts.inconclusive != 0 || all_refused || files_refused ? kInconclusive : kClean;
  if (!found.empty()) code = kViolation;
  Results results("run", target->table().name);
  results.add_search(fmt::format("run --seed {} --count {}", options.seed, options.count), code, found,
                     status.elapsed());
  return results.write(options.results, code) ? code : worse(code, kInconclusive);
}

}  // namespace labyrinth::tool
