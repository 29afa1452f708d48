// Observing both sides.
#include "audit_describe.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "corpus_apart.hpp"
#include "descriptor.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

/// Steps in memory that outlives the process that writes them.
class StepLog {
 public:
  StepLog() : file_(memfd_create("steps", MFD_CLOEXEC)) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "audit: memory for a timeline");
  }
  void write(const Step& step) const {
    const std::string line = fmt::format("{} {} {} {} {}\n", step.cpu, step.context, step.depth,
                                         static_cast<unsigned>(step.kind), step.text);
    if (::write(file_.get(), line.data(), line.size()) < 0) return;  // Then the timeline is shorter.
  }
  [[nodiscard]] std::vector<Step> read() const {
    std::string text;
    std::array<char, 65536> some{};
    for (ssize_t got = 1; got > 0;) {
      got = pread(file_.get(), some.data(), some.size(), static_cast<off_t>(text.size()));
      if (got > 0) text.append(some.data(), static_cast<std::size_t>(got));
    }
    std::vector<Step> steps;
    std::istringstream lines(text);
    unsigned cpu = 0, context = 0, depth = 0, kind = 0;
    for (std::string what; lines >> cpu >> context >> depth >> kind && std::getline(lines, what);)
      steps.push_back({.cpu = static_cast<std::uint8_t>(cpu),
                       .context = static_cast<std::uint8_t>(context),
                       .depth = static_cast<std::uint8_t>(depth),
                       .kind = static_cast<Step::Kind>(kind),
                       .text = what.substr(1)});
    return steps;
  }

 private:
  Descriptor file_;
};

}  // namespace

Described describe_here(AuditPair& pair, const machine::TraceFile& file, bool whole) {
  Described described;
  std::array<Timeline, 2> timelines;
  for (const Which side : kSides) {
    machine::Machine& machine = pair.machine(side);
    timelines.at(index(side)) = observe(machine, file);
    described.shown.at(index(side)) = shown_of(file.trace, machine.outcome());
  }
  described.rows = side_by_side(file, timelines, whole);
  return described;
}

Described describe_apart(AuditPair& pair, const machine::TraceFile& file, bool whole, double seconds) {
  Described described;
  std::array<Timeline, 2> timelines;
  for (const Which side : kSides) {
    Shown& shown = described.shown.at(index(side));
    std::vector<Step>& steps = timelines.at(index(side)).steps;
    const StepLog log;
    const auto run = [&](std::size_t) {
      machine::Machine& machine = pair.machine(side);
      static_cast<void>(observe(machine, file, [&](const Step& step) { log.write(step); }));
      return to_json(shown_of(file.trace, machine.outcome()));
    };
    work_apart(1, seconds, run, [&](std::size_t, const Apart& apart) {
      shown = apart.death.empty() ? shown_from(apart.result) : shown_of_death(apart.death);
      steps = log.read();
      if (apart.death.empty()) return true;
      Step last = steps.empty() ? Step{} : steps.back();
      last.kind = Step::Kind::kAnswer;
      last.text = "(" + shown.words + ")";
      steps.push_back(last);
      return true;
    });
  }
  described.rows = side_by_side(file, timelines, whole);
  return described;
}

}  // namespace labyrinth::tool
