// What workers report, put together: programs that are done, searches in parts, and what is left.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "channel.hpp"
#include "exploration_summary.hpp"
#include "jobs.hpp"
#include "resume.hpp"

namespace labyrinth::tool {

namespace {

/// What stays true of a search that goes on: all but the counts, which its words have.
[[nodiscard]] Explored lasting(Explored explored) {
  explored.programs = explored.traces = 0;
  explored.counts = {};
  explored.cut.clear();
  return explored;
}

/// That it was stopped, and why; what its words count is left to them.
[[nodiscard]] Explored interruption(const Explored& explored) {
  Explored rest;
  rest.cut = explored.cut;
  return rest;
}

}  // namespace

void Jobs::handle(Hand& hand, const Message& message) {
  if (message.kind == MessageKind::kFound) {
    FoundRun run{};
    if (message.bytes.size() != sizeof run) return lost(hand);
    std::memcpy(&run, message.bytes.data(), sizeof run);
    return keeper_.keep(run.trace, run.outcome, programs_.name(run.program));
  }
  const nlohmann::json json = nlohmann::json::from_cbor(message.bytes);
  switch (message.kind) {
    case MessageKind::kGave:
      return take_gift(hand, work_from(json.at("work")), json.at("first"));
    case MessageKind::kProgram:
      return program_done(json.at("program"), explored_from(json.at("explored")));
    default:
      hand.busy = hand.asked = false;
      return take_report(report_from(json));
  }
}

void Jobs::take_gift(Hand& hand, const Work& gift, bool first) {
  hand.asked = false;
  if (gift.part) {
    Shared& search = shared_[gift.program];
    if (first) {
      search.bound = gift.bound;
      search.open = 1;
    }
    ++search.open;
  }
  work_.push_back(gift);
}

void Jobs::take_report(WorkerReport report) {
  total_.join(report.finished);
  broken_ = broken_ || !report.finished.found.empty() ||
            (report.present.has_value() && !report.present->found.empty());
  if (report.present && report.part) {
    take_part(report);
  } else if (report.present) {
    interrupted_.join(interruption(*report.present));
    ++interrupted_.programs;
    interrupted_.traces += report.present->traces;
    total_.join(lasting(*report.present));
    lines_[report.program] = interruption(*report.present);
  }
  if (report.rest) work_.push_back(std::move(*report.rest));
  if (broken_ && !options_.keep_going && !stopping_) stop_all();
}

void Jobs::take_part(WorkerReport& report) {
  Shared& search = shared_[report.program];
  if (report.rest) {  // Still open, where it was stopped.
    interrupted_.join(interruption(*report.present));
    lines_[report.program].join(interruption(*report.present));
    search.known.join(lasting(*report.present));
    search.hashes.insert(report.hashes.begin(), report.hashes.end());
    return;
  }
  search.known.join(*report.present);
  search.hashes.insert(report.hashes.begin(), report.hashes.end());
  if (--search.open == 0) end_search(report.program);
}

/// A search all of whose parts are done: as one process would, it goes on to the next bound, or is over.
void Jobs::end_search(std::uint64_t program) {
  Shared& search = shared_[program];
  if (search.bound < options_.preemptions && search.known.counts.pruned != 0 && search.known.found.empty()) {
    Shared next;
    next.bound = search.bound + 1;
    next.open = 1;
    search = std::move(next);
    work_.push_back(from_the_beginning(program, search.bound));
    return;
  }
  search.known.programs = 1;
  search.known.traces = search.hashes.size();
  program_done(program, search.known);
  shared_.erase(program);
}

Work Jobs::from_the_beginning(std::uint64_t program, int bound) {
  return {.program = program, .end = program + 1, .bound = bound, .part = true, .words = {}};
}

void Jobs::program_done(std::uint64_t program, const Explored& one) {
  total_.join(one);
  broken_ = broken_ || !one.found.empty();
  lines_[program] = one;
  show_lines(false);
}

/// Programs that were named are told of in their order.
void Jobs::show_lines(bool all) {
  if (!programs_.listed()) return lines_.clear();
  while (!lines_.empty() && (all || lines_.begin()->first == told_)) {
    print_program(options_, programs_.name(lines_.begin()->first), lines_.begin()->second);
    lines_.erase(lines_.begin());
    ++told_;
  }
}

Ended Jobs::end() {
  Ended ended;
  ended.seconds = status_.elapsed();
  ended.lost = !lost_.empty();
  Resume left{{}, {work_.begin(), work_.end()}, {}, total_};
  for (Work& work : left.work) {
    if (work.words.empty()) continue;
    machine::ExplorerOptions search = options_.search;
    search.preemptions = static_cast<std::int16_t>(work.bound);
    machine::Explorer explorer(search);
    if (!explorer.restore(work.words)) continue;
    work.words = explorer.save();  // They may have been for a forked process.
    Explored counted;
    counted.counts = explorer.counts();
    interrupted_.join(counted);
    lines_[work.program].join(counted);
  }
  for (const auto& [program, search] : shared_) left.shared[program] = search;
  const bool at_violation = broken_ && !options_.keep_going;
  if (!work_.empty() && !at_violation && lost_.empty()) ended.stopped = std::move(left);
  ended.total = std::move(total_);
  for (auto& [program, search] : shared_) {
    search.known.programs = 1;
    search.known.traces = search.hashes.size();
    ended.total.join(search.known);
    lines_[program].join(search.known);
  }
  ended.total.join(interrupted_);
  show_lines(true);
  if (!lost_.empty()) {
    ended.total.cut = lost_;
  } else if (!work_.empty() && ended.total.cut.empty()) {
    ended.total.cut = fmt::format("it was stopped before {}", programs_.name(work_.front().program));
  }
  return ended;
}

bool Jobs::any_busy() const {
  return std::any_of(hands_.begin(), hands_.end(), [](const Hand& hand) { return hand.busy; });
}

}  // namespace labyrinth::tool
