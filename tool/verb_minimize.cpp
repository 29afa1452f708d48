// labyrinth minimize: the smallest trace that still shows the same violation.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "corpus_apart.hpp"
#include "exit_codes.hpp"
#include "finding.hpp"
#include "guard.hpp"
#include "input.hpp"
#include "minimize_death.hpp"
#include "not_checked.hpp"
#include "report.hpp"
#include "shrink.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

namespace {

/// Where it is saved; "" if it cannot be, which is said.
[[nodiscard]] std::string keep(const MinimizeOptions& options, const machine::TraceFile& small,
                               const std::string& name) {
  if (options.output.empty()) return save(options.findings, name + "-min", small).value_or("");
  const int error = write_new(options.output, machine::print_trace(small));
  if (error == 0) return options.output;
  fmt::print(
      stderr,
      "labyrinth: {} cannot be written: {}. An existing file is never replaced; choose another name.\n",
      options.output, std::strerror(error));
  return "";
}

struct Told {
  std::string signature;
  std::string text;
  std::string file;
};

/// What was found, in numbers, after what is said of it.
[[nodiscard]] int tell(const MinimizeOptions& options, const machine::Target& target,
                       const machine::Trace& before, const Shrunk& shrunk, const Told& told) {
  if (told.file.empty()) return options.output.empty() ? kInconclusive : kUnreadable;
  if (options.json) {
    fmt::print("{}\n",
               nlohmann::json{{"file", told.file},
                              {"signature", told.signature},
                              {"calls", {{"before", before.call_count}, {"after", shrunk.trace.call_count}}},
                              {"departures",
                               {{"before", before.departure_count}, {"after", shrunk.trace.departure_count}}},
                              {"tried", shrunk.tried},
                              {"finished", shrunk.finished},
                              {"not_checked", not_checked_json(target)}}
                   .dump(2));
  } else {
    fmt::print("{}{}", told.text, not_checked_text(target));
    fmt::print("summary: {} calls of {}, {} departures of {}, after {} tries{}; in {}\n",
               shrunk.trace.call_count, before.call_count, shrunk.trace.departure_count,
               before.departure_count, shrunk.tried,
               shrunk.finished ? "" : " (stopped early: it may get smaller)", told.file);
  }
  Results results("minimize", target.table().name);
  results.add({.name = options.file,
               .code = kViolation,
               .clause = clause_of(told.signature),
               .key = told.signature,
               .text = told.text,
               .file = told.file});
  return results.write(options.results, kViolation) ? kViolation : worse(kViolation, kInconclusive);
}

[[nodiscard]] int minimize_death(const MinimizeOptions& options, const machine::Target& target,
                                 const machine::TraceFile& file, const DeathSeen& death) {
  catch_interrupt();
  const Shrunk shrunk = shrink_death(target, file, death, options.budget, options.timeout);
  machine::TraceFile small{};
  small.trace = shrunk.trace;
  small.names = machine::default_names(small.trace);
  const ToldDeath told = tell_of_death(
      small, {death.how, true}, target, options, {"minimize", ""},
      [&](const machine::TraceFile& one, const std::string& name) { return keep(options, one, name); });
  return tell(options, target, file.trace, shrunk, {told.signature, told.text, told.file});
}

}  // namespace

int verb_minimize(const MinimizeOptions& options) {
  const auto target = load_guarded(options.target);
  if (!target) return kUnreadable;
  auto file = read_trace(options.file);
  if (!file) return kUnreadable;
  const auto death = death_of_run(*target, *file, options.timeout);
  if (death && !is_from_outside(death->how)) return minimize_death(options, *target, *file, *death);
  if (const auto code = guard({options, {&*target, 1}, {"minimize", ""}})) return *code;
  machine::Machine machine;
  machine.use(target->table());
  machine::Replay strategy(file->trace);
  const machine::Outcome& outcome = machine.run(file->trace, strategy);
  if (outcome.kind != machine::Outcome::Kind::kViolation) {
    fmt::print(stderr, "labyrinth: {} shows no violation on {} ({}): there is nothing to minimize\n",
               options.file, target->path(), summary(outcome));
    const int code = outcome.kind == machine::Outcome::Kind::kClean ? kClean : kInconclusive;
    Results results("minimize", target->table().name);
    results.add({.name = options.file,
                 .code = code,
                 .text = code == kClean ? "" : summary(outcome),
                 .file = options.file});
    return results.write(options.results, code) ? code : worse(code, kInconclusive);
  }
  const std::string name = signature(file->trace, outcome.violation);
  catch_interrupt();
  StatusLine status;
  const Shrunk shrunk = shrink(machine, file->trace, name, options.budget, [&](const Shrunk& now) {
    if (status.due()) {
      status.show(fmt::format("minimize: {} tried, {} kept, {} calls, {} departures", now.tried, now.accepted,
                              now.trace.call_count, now.trace.departure_count));
    }
    return !interrupted();
  });
  machine::TraceFile small{};
  small.trace = shrunk.trace;
  small.names = machine::default_names(small.trace);
  if (!describe(machine, *target, {"minimize", ""}, small)) return kInconclusive;
  const std::string path = keep(options, small, name);
  return tell(options, *target, file->trace, shrunk,
              {name, path.empty() ? "" : report(machine, *target, small, path, options.verbose), path});
}

}  // namespace labyrinth::tool
