// Reports in words.
#include "report.hpp"

#include <fmt/format.h>

#include <cstring>

#include "finding.hpp"
#include "input.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {

std::string verdict_text(const machine::TraceFile& file, const machine::Violation& violation) {
  const machine::Trace& trace = file.trace;
  const std::string call =
      violation.call < trace.call_count
          ? fmt::format("`{}` in {}", machine::call_text(trace, file.names, violation.call),
                        machine::context_name(trace, violation.context))
          : "freeing everything at the end, and taking it again";
  std::string text = fmt::format("{} is broken: {}.\n  by    {}\n  since {}: seen {}, permitted {}\n",
                                 model::name(violation.clause), model::sentence(violation.clause), call,
                                 violation.reason, violation.seen, violation.permitted);
  if (violation.other < trace.context_count) {
    text += fmt::format("  with  {}\n", machine::context_name(trace, violation.other));
  }
  return text;
}

std::string summary(const machine::Outcome& outcome) {
  switch (outcome.kind) {
    case machine::Outcome::Kind::kClean:
      return "clean";
    case machine::Outcome::Kind::kViolation:
      return fmt::format("violation of {}", model::name(outcome.violation.clause));
    case machine::Outcome::Kind::kInconclusive:
    case machine::Outcome::Kind::kRefused:
      return fmt::format("inconclusive: {}", outcome.limit);
  }
  return "?";
}

std::string report(machine::Machine& machine, const machine::Target& target, const machine::TraceFile& file,
                   const std::string& path, bool verbose) {
  const Timeline timeline = observe(machine, file);
  std::string text = table(file, timeline, verbose) + "\n" + verdict_text(file, machine.outcome().violation);
  text += fmt::format("\n  {}\n  {}\n", command("replay", target, path), command("minimize", target, path));
  return text;
}

bool write_page(const std::string& path, const std::string& page) {
  const int error = write_whole(path, page);
  if (error != 0)
    fmt::print(stderr, "labyrinth: the page could not be written to {}: {}\n", path, std::strerror(error));
  return error == 0;
}

}  // namespace labyrinth::tool
