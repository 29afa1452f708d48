// labyrinth minimize: the smallest trace that still shows the same violation.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "guard.hpp"
#include "input.hpp"
#include "not_checked.hpp"
#include "report.hpp"
#include "shrink.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

int verb_minimize(const MinimizeOptions& options) {
  const auto target = load_guarded(options.target);
  if (!target) return kUnreadable;
  auto file = read_trace(options.file);
  if (!file) return kUnreadable;
  if (const auto code = guard({options, {&*target, 1}, {"minimize", ""}})) return *code;
  machine::Machine machine;
  machine.use(target->table());
  machine::Replay strategy(file->trace);
  const machine::Outcome& outcome = machine.run(file->trace, strategy);
  Results results("minimize", target->table().name);
  // With `code`, or 11 if what is wanted of them cannot be written.
  const auto end = [&](int code) {
    return results.write(options.results, code) ? code : worse(code, kInconclusive);
  };
  if (outcome.kind != machine::Outcome::Kind::kViolation) {
    fmt::print(stderr, "labyrinth: {} shows no violation on {} ({}): there is nothing to minimize\n",
               options.file, target->path(), summary(outcome));
    const int code = outcome.kind == machine::Outcome::Kind::kClean ? kClean : kInconclusive;
    results.add({.name = options.file,
                 .code = code,
                 .text = code == kClean ? "" : summary(outcome),
                 .file = options.file});
    return end(code);
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
  std::string path = options.output;
  if (path.empty()) {
    const auto saved = save(options.findings, name + "-min", small);
    if (!saved) return kInconclusive;
    path = *saved;
  } else if (const int error = write_new(path, machine::print_trace(small)); error != 0) {
    fmt::print(
        stderr,
        "labyrinth: {} cannot be written: {}. An existing file is never replaced; choose another name.\n",
        path, std::strerror(error));
    return kUnreadable;
  }
  if (options.json) {
    fmt::print(
        "{}\n",
        nlohmann::json{
            {"file", path},
            {"signature", name},
            {"calls", {{"before", file->trace.call_count}, {"after", small.trace.call_count}}},
            {"departures", {{"before", file->trace.departure_count}, {"after", small.trace.departure_count}}},
            {"tried", shrunk.tried},
            {"finished", shrunk.finished},
            {"not_checked", not_checked_json(*target)}}
            .dump(2));
  } else {
    fmt::print("{}", report(machine, *target, small, path, options.verbose));
    fmt::print("{}", not_checked_text(*target));
    fmt::print("summary: {} calls of {}, {} departures of {}, after {} tries{}; in {}\n",
               small.trace.call_count, file->trace.call_count, small.trace.departure_count,
               file->trace.departure_count, shrunk.tried,
               shrunk.finished ? "" : " (stopped early: it may get smaller)", path);
  }
  results.add({.name = options.file,
               .code = kViolation,
               .clause = clause_of(name),
               .key = name,
               .text = report(machine, *target, small, path, options.verbose),
               .file = path});
  return end(kViolation);
}

}  // namespace labyrinth::tool
