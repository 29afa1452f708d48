// A worker's loop over the programs it has, and what it gives away.
#include "worker.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "finding.hpp"
#include "resume.hpp"

namespace labyrinth::tool {

namespace {

/// Runs of a search before a part of it is given away: what is smaller is done sooner than handed over.
constexpr std::uint64_t kRunsBetweenSplits = 64;

}  // namespace

void Worker::run() {
  while (const auto message = receive(socket_)) do_work(work_from(nlohmann::json::from_cbor(message->bytes)));
}

void Worker::send_json(MessageKind kind, const nlohmann::json& json) const {
  // If the coordinator is gone, receive() sees it.
  static_cast<void>(send(socket_, kind, nlohmann::json::to_cbor(json)));
}

void Worker::do_work(Work work) {
  WorkerReport report;
  end_ = work.end;
  for (;;) {
    next_ = work.program + programs_.every();
    part_ = work.part;
    share_ = work.share;
    report.program = work.program;
    board_.program.store(work.program, std::memory_order_relaxed);
    if (programs_.make(work.program, trace_)) {
      Explored result = search(work);
      const bool stopped = !result.stopped.empty();
      if (part_ || stopped) {
        report.part = part_;
        if (part_ && options_.search.counts_traces)
          report.hashes.assign(explorer_->traces().begin(), explorer_->traces().end());
        if (stopped) {
          report.rest = Work{.program = work.program,
                             .end = part_ ? work.program + 1 : end_,
                             .bound = work.bound,
                             .part = part_,
                             .share = share_ * (1 - explorer_->share_done()),
                             .words = std::move(result.stopped)};
        }
        report.present = std::move(result);
        break;
      }
      const bool broken = !result.found.empty() && !options_.keep_going;
      if (programs_.listed())
        send_json(MessageKind::kProgram, {{"program", work.program}, {"explored", to_json(result)}});
      else
        report.finished.join(result);
      if (broken) break;
    }
    if (next_ >= end_) break;
    work = {.program = next_, .end = end_, .bound = first_bound(options_), .words = {}};
    if (board_.request.load(std::memory_order_relaxed) == Request::kStop) {
      report.rest = work;
      break;
    }
  }
  send_json(MessageKind::kReport, to_json(report));
}

/// With each bound on preemptions in turn, as long as nobody else has a part of it.
Explored Worker::search(Work& work) {
  for (;; ++work.bound) {
    if (!explorer_ || explorer_bound_ != work.bound || explorer_memory_ != trace_.memory) {
      machine::ExplorerOptions search = options_.search;
      search.preemptions = static_cast<std::int16_t>(work.bound);
      search.memory = trace_.memory;
      explorer_.emplace(search);
      explorer_bound_ = work.bound;
      explorer_memory_ = trace_.memory;
    }
    runs_ = 0;
    may_split_ = kRunsBetweenSplits;
    from_ = executions(work);
    Explored result = explore(
        machine_, trace_, *explorer_,
        {.executions = options_.executions,
         .keep_going = options_.keep_going,
         .alone = options_.alone,
         .linearizability = options_.linearizability,
         .look_every = 1},
        [&](const machine::Trace&, const machine::Outcome& outcome) { tell_found(outcome, work.program); },
        [&](machine::Explorer& explorer) { return look(explorer, work); }, work.words);
    work.words.clear();
    publish(*explorer_);
    made_ += explorer_->counts().executions - from_;
    const bool last = work.bound >= options_.preemptions || result.counts.pruned == 0;
    if (last || part_ || !result.stopped.empty() || !result.found.empty()) return result;
  }
}

bool Worker::look(machine::Explorer& explorer, const Work& work) {
  constexpr std::uint64_t kRunsBetweenNews = 64;
  if (++runs_ % kRunsBetweenNews == 0) publish(explorer);
  const Request request = board_.request.load(std::memory_order_relaxed);
  if (request == Request::kSplit) give(explorer, work);
  return request != Request::kStop;
}

void Worker::publish(const machine::Explorer& explorer) {
  const machine::ExplorerCounts& counts = explorer.counts();
  board_.executions.store(made_ + counts.executions - from_, std::memory_order_relaxed);
  board_.left.store(static_cast<double>(programs_.count(next_, end_)) + share_ * (1 - explorer.share_done()),
                    std::memory_order_relaxed);
  const auto raise = [](std::atomic<std::uint32_t>& to, std::uint32_t value) {
    to.store(std::max(to.load(std::memory_order_relaxed), value), std::memory_order_relaxed);
  };
  raise(board_.deepest, counts.deepest);
  raise(board_.preemptions, counts.preemptions);
}

/// Half of the programs to come; when there are none, a part of the present one.
void Worker::give(machine::Explorer& explorer, const Work& work) {
  Work gift;
  bool first = false;
  if (const std::uint64_t to_come = programs_.count(next_, end_); to_come != 0) {
    gift = {.program = next_ + to_come / 2 * programs_.every(),
            .end = end_,
            .bound = first_bound(options_),
            .words = {}};
    end_ = gift.program;
  } else {
    // A limit on the executions of one program is counted by one process.
    if (runs_ < may_split_ || options_.executions != 0) return;
    may_split_ = runs_ + kRunsBetweenSplits;
    const double left = share_ * (1 - explorer.share_done());
    gift = {.program = work.program, .end = work.program + 1, .bound = work.bound, .part = true, .words = {}};
    gift.words = explorer.split(machine::Explorer::Reader::kForked);
    if (gift.words.empty()) return;
    gift.share = left / 2;
    share_ = left / 2 / std::max(1 - explorer.share_done(), 0.01);
    first = !part_;
    part_ = true;
  }
  Request asked = Request::kSplit;
  board_.request.compare_exchange_strong(asked, Request::kNone);
  send_json(MessageKind::kGave, {{"work", to_json(gift)}, {"first", first}});
}

void Worker::tell_found(const machine::Outcome& outcome, std::uint64_t program) {
  static_assert(std::is_trivially_copyable_v<FoundRun>);
  if (!told_.insert(signature(trace_, outcome.violation)).second) return;
  const FoundRun run{program, trace_, outcome};
  std::vector<std::uint8_t> bytes(sizeof run);
  std::memcpy(bytes.data(), &run, sizeof run);
  static_cast<void>(send(socket_, MessageKind::kFound, bytes));
}

}  // namespace labyrinth::tool
