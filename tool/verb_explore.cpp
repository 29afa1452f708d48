// labyrinth explore: every run of small programs, up to equivalence.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "exit_codes.hpp"
#include "exploration.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "report.hpp"
#include "resume.hpp"
#include "small_programs.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// What one call of the verb shares among its programs.
class Session {
 public:
  Session(const ExploreOptions& options, const machine::Target& target) : options_(options), target_(target) {
    machine_.use(target.table());
    catch_interrupt();
  }

  /// Explore one program, with each bound on preemptions in turn until one leaves nothing out. `item`: its
  /// number, for a search that is stopped.
  Explored program(const machine::Trace& trace, const std::string& name, std::uint64_t item) {
    Explored result;
    const int last = options_.preemptions;
    int bound = last < 0 ? -1 : 0;
    std::vector<std::uint64_t> words;
    if (resumed_ && resumed_->item == item) {
      bound = resumed_->bound;
      words.swap(resumed_->words);
    }
    for (; bound <= last; ++bound) {
      machine::ExplorerOptions search = options_.search;
      search.preemptions = static_cast<std::int16_t>(bound);
      search.memory = trace.memory;
      result = explore(
          machine_, trace, search,
          {options_.executions, options_.keep_going, options_.alone, options_.linearizability},
          [&](const machine::Trace& broken, const machine::Outcome& outcome) { keep(broken, outcome, name); },
          [&](const machine::Explorer& explorer) { return progress(explorer, name, bound); }, words);
      words.clear();
      if (!result.stopped.empty()) stop(result, item, bound);
      if (result.counts.pruned == 0 || !result.found.empty() || over()) break;
    }
    total_.join(result);
    return result;
  }

  /// Go on from the file, if it is there. False: it cannot be gone on from.
  [[nodiscard]] bool resume(std::string search) {
    search_ = std::move(search);
    if (options_.resume.empty()) return true;
    bool failed = false;
    resumed_ = load_resume(options_.resume, search_, failed);
    if (!resumed_) return !failed;
    total_ = resumed_->total;
    constexpr std::size_t kExecutions = 1;  // Its place in what Explorer::save() says.
    before_ =
        total_.counts.executions + (resumed_->words.size() > kExecutions ? resumed_->words[kExecutions] : 0);
    return true;
  }
  /// Executions of earlier processes.
  [[nodiscard]] std::uint64_t before() const { return before_; }
  [[nodiscard]] std::uint64_t first(std::uint64_t otherwise) const {
    return resumed_ ? resumed_->item : otherwise;
  }
  /// Before an item that was not begun.
  void stop_before(std::uint64_t item) {
    if (stopped_ || options_.resume.empty() || !total_.found.empty()) return;
    if (resumed_ && !resumed_->words.empty()) {  // Not even gone on with.
      stopped_ = resumed_;
    } else {
      stopped_ = Resume{search_, item, options_.preemptions < 0 ? -1 : 0, {}, total_};
    }
  }
  /// The file says where to go on; nothing is left of it when there is nothing to go on with.
  void leave() {
    if (options_.resume.empty()) return;
    if (stopped_) {
      if (save_resume(options_.resume, *stopped_) && !options_.json)
        fmt::print("stopped: the same command goes on from {}\n", options_.resume);
    } else if (resumed_) {
      std::remove(options_.resume.c_str());
    }
  }

  [[nodiscard]] bool over() const {
    return interrupted() || (options_.seconds > 0 && status_.elapsed() > options_.seconds) ||
           (!total_.found.empty() && !options_.keep_going);
  }
  [[nodiscard]] Explored& total() { return total_; }
  [[nodiscard]] double elapsed() const { return status_.elapsed(); }

 private:
  void stop(const Explored& present, std::uint64_t item, int bound) {
    if (options_.resume.empty()) return;
    Explored known = present;
    known.programs = 0;
    known.counts = {};
    known.cut.clear();
    stopped_ = Resume{search_, item, bound, present.stopped, total_};
    stopped_->total.join(known);
  }

  bool progress(const machine::Explorer& explorer, const std::string& name, int bound) {
    if (status_.due()) {
      const machine::ExplorerCounts& counts = explorer.counts();
      const std::uint64_t all = total_.counts.executions + counts.executions;
      status_.show(
          fmt::format("explore: {}: {} executions, {:.0f} a second, about {:.0f} % done{}{}", name, all,
                      static_cast<double>(all) / status_.elapsed(), 100 * explorer.share_done(),
                      bound < 0 ? "" : fmt::format(" with at most {} preemptions", bound),
                      fmt::format(", deepest {} steps, {} preemptions", counts.deepest, counts.preemptions)));
    }
    return !interrupted() && !(options_.seconds > 0 && status_.elapsed() > options_.seconds);
  }

  void keep(const machine::Trace& trace, const machine::Outcome& outcome, const std::string& name) {
    const std::string finding = signature(trace, outcome.violation);
    if (total_.found.contains(finding)) return;
    machine::TraceFile file = with_schedule(trace, outcome);
    if (outcome.violation.clause == model::Clause::N2)
      return keep_quiet(file, outcome, finding,
                        "leads to a state from which the call waits, if nobody else runs");
    if (outcome.violation.clause == model::Clause::L1)
      return keep_quiet(file, outcome, finding, "is one of those that --linearizability objects to");
    if (!describe(machine_, target_, {"explore", name}, file)) return;
    const auto path = save(options_.findings, finding, file);
    if (!options_.json)
      fmt::print("{}", report(machine_, target_, file, path.value_or("(not saved)"), options_.verbose));
  }

  /// What breaks nothing when it is replayed: there others run, and only the online rules judge.
  void keep_quiet(machine::TraceFile& file, const machine::Outcome& outcome, const std::string& finding,
                  const char* schedule) {
    file.comment = fmt::format("{}The schedule {}.", verdict_text(file, outcome.violation), schedule);
    const auto path = save(options_.findings, finding, file);
    if (!options_.json) fmt::print("{}\nsaved as {}\n", file.comment, path.value_or("(not saved)"));
  }

  const ExploreOptions& options_;
  const machine::Target& target_;
  machine::Machine machine_;
  StatusLine status_;
  Explored total_;
  std::string search_;
  std::uint64_t before_ = 0;
  std::optional<Resume> resumed_, stopped_;
};

/// All that a search depends on, in words.
[[nodiscard]] std::string search_of(const ExploreOptions& options, const machine::Target& target) {
  const Shape& shape = options.shape;
  std::string flags;
  for (const model::Gfp gfp : shape.flags) flags += machine::gfp_name(gfp) + ' ';
  std::string levels;
  for (const model::Level level : shape.levels) levels += std::string(machine::level_name(level)) + ' ';
  const machine::ExplorerOptions& search = options.search;
  return fmt::format(
      "target {} memory {} files {} cpus {} tasks {} idle {} calls {} handlers {} levels {}flags {}orders {} frames {} "
      "first {} "
      "every {} preemptions {} executions {} depth {} spurious {} migrations {} reduces {} alone {} "
      "keep-going {} linearizability {}",
      target.build(), options.memory ? static_cast<int>(*options.memory) : -1, fmt::join(options.files, " "), shape.cpus, shape.tasks, shape.idle, shape.calls,
      shape.handlers, levels, flags, fmt::join(shape.orders, " "), shape.frames, options.first, options.every,
      options.preemptions, options.executions, search.depth, search.spurious, search.migrations,
      search.reduces, options.alone, options.keep_going, options.linearizability);
}

/// `before`: executions of earlier processes that this one went on from.
void print_summary(const ExploreOptions& options, const Explored& total, std::uint64_t before,
                   double seconds) {
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
                        {"complete", total.cut.empty()},
                        {"alloc_steps", total.steps.alloc_json()},
                        {"free_steps", total.steps.free_json()},
                        {"violations", total.found}};
    if (total.runs_alone != 0) {
      json["runs_alone"] = total.runs_alone;
      json["alloc_steps_alone"] = total.steps_alone.alloc_json();
      json["free_steps_alone"] = total.steps_alone.free_json();
    }
    if (options.linearizability) json["histories"] = total.histories.json();
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
  fmt::print("summary: {} programs, {} executions and {} redundant, {:.0f} a second, deepest {} steps, {}\n",
             total.programs, total.counts.executions, total.counts.redundant, rate, total.counts.deepest,
             total.cut.empty() ? "complete" : "not complete: " + total.cut);
}

[[nodiscard]] int verdict(const Explored& total) {
  if (!total.found.empty()) return kViolation;
  return total.cut.empty() && total.refused == 0 ? kClean : kInconclusive;
}

}  // namespace

int verb_explore(const ExploreOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  std::vector<machine::TraceFile> files;
  for (const std::string& path : options.files) {
    auto file = read_trace(path);
    if (!file) return kUnreadable;
    file->trace.departure_count = 0;  // any schedule is one of those that are explored
    if (options.memory) file->trace.memory = *options.memory;
    files.push_back(std::move(*file));
  }
  Session session(options, *target);
  if (!session.resume(search_of(options, *target))) return kUnreadable;
  if (!files.empty()) {
    std::uint64_t i = session.first(0);
    for (; i < files.size() && !session.over(); ++i) {
      const Explored one = session.program(files[i].trace, options.files[i], i);
      if (!options.json) {
        fmt::print("{}: {} executions and {} redundant{}\n", options.files[i], one.counts.executions,
                   one.counts.redundant, one.cut.empty() ? "" : "; not complete: " + one.cut);
      }
    }
    if (i < files.size()) session.stop_before(i);
  } else {
    const SmallPrograms programs(options.shape);
    machine::Trace trace;
    std::uint64_t number = session.first(options.first);
    for (; number < programs.count() && !session.over(); number += options.every) {
      const bool sensible = programs.make(number, trace);
      trace.memory = options.memory.value_or(machine::MemoryModel::kSc);
      if (sensible)
        static_cast<void>(
            session.program(trace, fmt::format("program {} of {}", number, programs.count()), number));
    }
    if (number < programs.count()) {
      session.stop_before(number);
      if (session.total().cut.empty())
        session.total().cut = fmt::format("it was stopped before program {} of {}", number, programs.count());
    }
  }
  session.leave();
  print_summary(options, session.total(), session.before(), session.elapsed());
  return verdict(session.total());
}

}  // namespace labyrinth::tool
