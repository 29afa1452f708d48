// Steps that outlive the process that takes them.
#include "observe_apart.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>

#include "corpus_apart.hpp"
#include "descriptor.hpp"

namespace labyrinth::tool {
namespace {

class StepLog {
 public:
  StepLog() : file_(memfd_create("steps", MFD_CLOEXEC)) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "memory for a timeline");
  }
  void write(const Step& step) const {
    const std::string line = fmt::format("{} {} {} {} {} {}\n", step.cpu, step.context, step.depth,
                                         static_cast<unsigned>(step.kind), step.call, step.text);
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
    unsigned cpu = 0, context = 0, depth = 0, kind = 0, call = 0;
    for (std::string what; lines >> cpu >> context >> depth >> kind >> call && std::getline(lines, what);)
      steps.push_back({.cpu = static_cast<std::uint8_t>(cpu),
                       .context = static_cast<std::uint8_t>(context),
                       .depth = static_cast<std::uint8_t>(depth),
                       .kind = static_cast<Step::Kind>(kind),
                       .call = static_cast<std::uint8_t>(call),
                       .text = what.substr(1)});
    return steps;
  }

 private:
  Descriptor file_;
};

}  // namespace

ObservedApart observe_apart(const std::function<machine::Machine&()>& machine, const machine::TraceFile& file,
                            double seconds, const AfterRun& after) {
  ObservedApart seen;
  seen.death = "interrupted";
  const StepLog log;
  work_apart(
      1, seconds,
      [&](std::size_t) {
        machine::Machine& runs = machine();
        static_cast<void>(observe(runs, file, [&](const Step& step) { log.write(step); }));
        return after(runs);
      },
      [&](std::size_t, const Apart& apart) {
        seen.death = apart.death;
        seen.result = apart.result;
        return true;
      });
  seen.timeline.steps = log.read();
  return seen;
}

}  // namespace labyrinth::tool
