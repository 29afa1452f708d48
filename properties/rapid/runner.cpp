// The loop over cases, and what becomes of one that fails.
//
// RapidCheck generates; the loop is our own. RapidCheck's checkProperty() begins to shrink before anybody has
// seen what failed, and a target that hangs or crashes under a shrunk case would take the finding with it.
#include "runner.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "finding.hpp"
#include "generators.hpp"
#include "input.hpp"
#include "labyrinth/machine/random.hpp"
#include "report.hpp"
#include "shrink.hpp"
#include "verbs.hpp"

namespace labyrinth::properties {

using machine::Trace;

namespace {

/// Seconds of a core that this process has had: what else the machine does is not the target's.
[[nodiscard]] double now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  constexpr double kNanosecond = 1e-9;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * kNanosecond;
}

/// What a shrinker keeps: the clause, the call and its context, or the words of the property's own.
[[nodiscard]] std::string kind_of(const Failure& failure) {
  std::string kind = tool::signature(failure.shown(), failure.violation);
  return failure.by_machine ? kind : fmt::format("{} {}", kind, failure.violation.reason);
}

[[nodiscard]] std::string broken_by(const Property& property, const Failure& failure) {
  if (failure.by_machine || failure.violation.clause != model::Clause::kNone)
    return std::string(model::name(failure.violation.clause));
  return property.id;
}

class Failing {
 public:
  Failing(const Property& property, Bench& bench, const machine::Target& target, const RunOptions& options,
          std::string origin)
      : property_(property), bench_(bench), target_(target), options_(options), origin_(std::move(origin)) {}

  /// Prints, shrinks, saves, and says how to see it again.
  void tell(const Failure& failure, Result& result) {
    result.broken = broken_by(property_, failure);
    result.own = failure.by_property;
    const std::string kind = kind_of(failure);
    const machine::TraceFile file = file_of(failure.shown());
    say("{} fails: {}\n  {}\n\n{}\n", property_.id, origin_, words(file, failure),
        machine::print_trace(file));
    save(shrunk(failure, kind), result);
  }

 private:
  [[nodiscard]] static machine::TraceFile file_of(const Trace& trace) {
    machine::TraceFile file{};
    file.trace = trace;
    file.names = machine::default_names(trace);
    return file;
  }

  template <class... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    if (options_.quiet) return;
    fmt::print(text, std::forward<Args>(args)...);
    std::fflush(stdout);
  }

  [[nodiscard]] std::string words(const machine::TraceFile& file, const Failure& failure) const {
    const machine::Violation& it = failure.violation;
    if (failure.by_machine)
      return fmt::format("{} is broken: {}; seen {}, permitted {}", model::name(it.clause), it.reason,
                         it.seen, it.permitted);
    const std::string call = it.call < file.trace.call_count
                                 ? fmt::format(" (`{}`)", machine::call_text(file.trace, file.names, it.call))
                                 : "";
    return fmt::format("{}: {} {}, expected {}{}", property_.says, it.reason, it.seen, it.permitted, call);
  }

  [[nodiscard]] Failure shrunk(const Failure& failure, const std::string& kind) {
    Failure smallest = failure;
    tool::StatusLine status;
    const auto still = [&](const Trace& candidate) -> std::optional<Trace> {
      auto again = property_.check(bench_, candidate);
      if (!again || kind_of(*again) != kind) return std::nullopt;
      smallest = *again;
      return smallest.trace;
    };
    // With the schedule as it was carried out it should fail as it did; who shrinks relies on it.
    if (!still(failure.trace)) return failure;
    const tool::Shrunk done =
        tool::shrink(smallest.trace, still, options_.shrink_runs, [&](const tool::Shrunk& state) {
          if (status.due())
            status.show(fmt::format("{}: shrinking, {} tried, {} calls left", property_.id, state.tried,
                                    state.trace.call_count));
          return !tool::interrupted();
        });
    say("shrunk from {} calls and {} departures to {} and {}, in {} runs\n", failure.trace.call_count,
        failure.trace.departure_count, smallest.trace.call_count, smallest.trace.departure_count, done.tried);
    return smallest;
  }

  void save(const Failure& failure, Result& result) {
    const machine::TraceFile seen = file_of(failure.shown());
    const bool replays = failure.by_machine && failure.violation.clause != model::Clause::kNone;
    // Of what a replay does not show the case is kept, for `--trace`.
    machine::TraceFile file = replays ? seen : file_of(failure.trace);
    std::string name =
        replays ? tool::signature(file.trace, failure.violation) : fmt::format("property-{}", property_.id);
    if (replays) {
      machine::TraceFile described = file;
      if (tool::describe(bench_.machine, target_, {"properties", origin_}, described)) {
        file = std::move(described);
      } else {
        name = fmt::format("property-{}", property_.id);
      }
    }
    if (file.comment.empty())
      file.comment =
          fmt::format("{}: {}\nproperty {}, {}, target {} build {}\n", property_.id, words(seen, failure),
                      property_.id, origin_, target_.table().name, target_.build());
    const auto path = tool::save(options_.findings, name, file);
    result.file = path.value_or("");
    if (options_.quiet) return;
    const std::string shown = path.value_or("(not saved)");
    if (replays) {
      say("{}", tool::report(bench_.machine, target_, file, shown, false));
    } else {
      say("{}\n  {}\n", machine::print_trace(failure.run ? seen : file), words(seen, failure));
    }
    if (replays && failure.run) return;  // The case was another.
    say("  labyrinth_properties {} --trace {}{}\n", property_.id, tool::quoted(shown),
        tool::is_default(target_) ? "" : fmt::format(" --target {}", tool::quoted(target_.path())));
  }

  const Property& property_;
  Bench& bench_;
  const machine::Target& target_;
  const RunOptions& options_;
  std::string origin_;
};

/// Judges read the trace as a target sees it that can do everything; of others the machine is the judge.
[[nodiscard]] Bench bench_for(const Property& property, machine::Machine& machine,
                              const machine::Target& target) {
  const bool judges = property.judge != nullptr && target.table().can == LABYRINTH_TARGET_CAN_ALL;
  return {.machine = machine, .judge = judges ? property.judge() : nullptr};
}

}  // namespace

Result run_property(const Property& property, machine::Machine& machine, const machine::Target& target,
                    const RunOptions& options) {
  Bench bench = bench_for(property, machine, target);
  const rc::Gen<Trace> generator = traces(*property.aim);
  Result result;
  tool::StatusLine status;
  const double begin = now();
  const std::uint64_t cases = options.cases != 0 ? options.cases : options.times * property.cases;
  const std::uint64_t first = options.only.value_or(options.round * cases);
  const std::uint64_t end = first + (options.only ? 1 : cases);
  constexpr std::uint64_t kSizes = 101;
  for (std::uint64_t number = first; number < end; ++number) {
    if (number % 256 == 0) {
      result.interrupted = tool::interrupted();
      if (result.interrupted) break;
      if (status.due())
        status.show(fmt::format("{}: {} of {} cases", property.id, number - first, end - first));
    }
    // Each case has a stream of its own, so that one is reached without those before it.
    std::uint64_t stream = options.seed + 0x1000'0000'01b3U * number;
    const rc::Random random(machine::next_random(stream));
    const Trace trace = generator(random, static_cast<int>((number * 37) % kSizes)).value();
    ++result.cases;
    const auto failure = property.check(bench, trace);
    if (!failure) continue;
    result.seconds = now() - begin;
    Failing(property, bench, target, options, fmt::format("seed {} case {}", options.seed, number))
        .tell(*failure, result);
    break;
  }
  if (result.seconds == 0) result.seconds = now() - begin;
  result.inconclusive = bench.inconclusive;
  return result;
}

Result run_on(const Property& property, machine::Machine& machine, const machine::Target& target,
              const machine::TraceFile& file, const RunOptions& options) {
  Bench bench = bench_for(property, machine, target);
  Result result;
  result.cases = 1;
  if (const auto failure = property.check(bench, file.trace))
    Failing(property, bench, target, options, "a given trace").tell(*failure, result);
  result.inconclusive = bench.inconclusive;
  return result;
}

}  // namespace labyrinth::properties
