// Handing out work, and the processes that do it.
#include "jobs.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>

#include "channel.hpp"
#include "corpus_apart.hpp"
#include "resume.hpp"

namespace labyrinth::tool {

Jobs::Jobs(const ExploreOptions& options, const Programs& programs, machine::Machine& machine, Keeper& keeper,
           unsigned jobs)
    : options_(options), programs_(programs), machine_(machine), keeper_(keeper) {
  void* const memory =
      mmap(nullptr, jobs * sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "--jobs: memory to share");
  boards_ = static_cast<Board*>(memory);
  hands_.resize(jobs);
}

Jobs::~Jobs() { munmap(boards_, hands_.size() * sizeof(Board)); }

void Jobs::start(unsigned jobs) {
  std::fflush(stdout);
  std::fflush(stderr);
  for (unsigned i = 0; i < jobs; ++i) {
    Hand& hand = hands_[i];
    hand.board = new (&boards_[i]) Board;
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::system_error(errno, std::generic_category(), "--jobs: a socket");
    hand.socket = std::make_unique<Descriptor>(ends[0]);
    const Descriptor far(ends[1]);
    const pid_t coordinator = getpid();
    hand.pid = fork();
    if (hand.pid < 0) throw std::system_error(errno, std::generic_category(), "--jobs: another process");
    if (hand.pid == 0) {
      // It ends with the coordinator, even in a target that does not return; Ctrl-C is the coordinator's.
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != coordinator) _exit(1);
      signal(SIGINT, SIG_IGN);
      signal(SIGTERM, SIG_IGN);
      for (unsigned other = 0; other <= i; ++other) hands_[other].socket.reset();
      try {
        machine_.keep(hand.board->journal);
        Worker(options_, programs_, machine_, *hand.board, far.get()).run();
      } catch (const std::exception& error) {
        fmt::print(stderr, "labyrinth: a worker: {}\n", error.what());
        _exit(1);
      }
      _exit(0);
    }
    hand.alive = true;
    hand.watch.emplace(hand.board->journal, hand.pid, options_.timeout);
  }
}

void Jobs::finish() {
  for (Hand& hand : hands_) {
    hand.socket.reset();
    if (hand.alive) waitpid(hand.pid, nullptr, 0);
    hand.alive = false;
  }
}

Ended Jobs::run(const Resume& from) {
  total_ = from.total;
  before_ = executions(from);
  told_ = programs_.end();
  for (const auto& [program, search] : from.shared) static_cast<SharedSearch&>(shared_[program]) = search;
  for (const Work& work : from.work) {
    work_.push_back(work);
    told_ = std::min(told_, work.program);
    if (work.part) ++shared_[work.program].open;
    all_ += work.share + static_cast<double>(programs_.count(work.program + programs_.every(), work.end));
  }
  start(static_cast<unsigned>(hands_.size()));
  while (true) {
    hand_out();
    const bool over = interrupted() || (options_.seconds > 0 && status_.elapsed() > options_.seconds);
    if (over && !stopping_) stop_all();  // Each has some of its work done, however short the time is.
    if (!any_busy() && (work_.empty() || stopping_)) break;
    ask_for_work();
    wait();
    end_those_that_hang();
    show_progress();
  }
  finish();
  return end();
}

void Jobs::hand_out() {
  for (Hand& hand : hands_) {
    if (work_.empty() || stopping_) return;
    if (!hand.alive || hand.busy) continue;
    const Work work = std::move(work_.front());
    work_.pop_front();
    hand.board->request.store(Request::kNone);
    hand.board->program.store(work.program, std::memory_order_relaxed);
    hand.busy = true;
    hand.asked = false;
    const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(to_json(work));
    if (!send(hand.socket->get(), MessageKind::kWork, bytes)) lost(hand);
  }
}

/// Who seems to have the most left is asked first, and others if nothing comes of it: not all at once, since
/// each division costs redundant runs.
void Jobs::ask_for_work() {
  constexpr double kPatience = 0.005;
  if (stopping_ || !work_.empty()) return;
  const auto idle =
      std::count_if(hands_.begin(), hands_.end(), [](const Hand& hand) { return hand.alive && !hand.busy; });
  const auto asked =
      std::count_if(hands_.begin(), hands_.end(), [](const Hand& hand) { return hand.busy && hand.asked; });
  if (idle == 0 || (asked >= idle && status_.elapsed() < asked_at_ + kPatience)) return;
  Hand* most = nullptr;
  for (Hand& hand : hands_) {
    if (!hand.busy || hand.asked) continue;
    if (most == nullptr || hand.board->left.load(std::memory_order_relaxed) >
                               most->board->left.load(std::memory_order_relaxed)) {
      most = &hand;
    }
  }
  if (most == nullptr) return;
  most->asked = true;
  asked_at_ = status_.elapsed();
  most->board->request.store(Request::kSplit);
}

void Jobs::wait() {
  constexpr int kBusy = 100;  // milliseconds: progress and Ctrl-C
  constexpr int kIdle = 2;    // somebody waits for work
  std::vector<pollfd> polled;
  std::vector<Hand*> of;
  bool idle = false;
  for (Hand& hand : hands_) {
    if (!hand.alive) continue;
    polled.push_back({hand.socket->get(), POLLIN, 0});
    of.push_back(&hand);
    idle = idle || !hand.busy;
  }
  if (poll(polled.data(), polled.size(), idle && !stopping_ ? kIdle : kBusy) <= 0) return;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    if (const auto message = receive(polled[i].fd)) {
      handle(*of[i], *message);
    } else {
      lost(*of[i]);
    }
  }
}

void Jobs::stop_all() {
  stopping_ = true;
  for (const Hand& hand : hands_) {
    if (hand.busy) hand.board->request.store(Request::kStop);
  }
}

/// Then it is gone, as any other that died.
void Jobs::end_those_that_hang() {
  for (Hand& hand : hands_) {
    if (!hand.alive || hand.timeout || !hand.watch->is_too_long()) continue;
    hand.timeout = true;
    kill(hand.pid, SIGKILL);
  }
}

/// What a worker has seen is lost with it: the search is not complete, and nothing can be gone on with.
void Jobs::lost(Hand& hand) {
  int status = 0;
  waitpid(hand.pid, &status, 0);
  hand.alive = hand.busy = false;
  const std::uint64_t program = hand.board->program.load(std::memory_order_relaxed);
  const std::string name = programs_.name(program);
  const std::string how = hand.timeout ? "timeout" : death_of(status);
  if (lost_.empty()) lost_ = fmt::format("a worker died on {}: {}", name, how);
  const machine::Journal& journal = hand.board->journal;
  if (hand.timeout || (!is_from_outside(how) && (WIFSIGNALED(status) || journal.runs_now()))) {
    ++total_.found[keeper_.keep_death(journal, {how, journal.runs_now()}, name)];
    broken_ = true;
  } else {
    fmt::print(stderr,
               "labyrinth: explore: {}: the worker that explored it was ended by {}, after about {} "
               "executions. What it had seen is lost.\n",
               name, how, hand.board->executions.load(std::memory_order_relaxed));
  }
  if (!stopping_) stop_all();
}

void Jobs::show_progress() {
  if (!status_.due()) return;
  std::uint64_t executions = before_;
  std::uint32_t deepest = total_.counts.deepest;
  std::uint32_t preemptions = total_.counts.preemptions;
  double left = 0;
  int busy = 0;
  for (const Hand& hand : hands_) {
    executions += hand.board->executions.load(std::memory_order_relaxed);
    deepest = std::max(deepest, hand.board->deepest.load(std::memory_order_relaxed));
    preemptions = std::max(preemptions, hand.board->preemptions.load(std::memory_order_relaxed));
    if (hand.busy) left += hand.board->left.load(std::memory_order_relaxed);
    busy += hand.busy ? 1 : 0;
  }
  for (const Work& work : work_)
    left += work.share + static_cast<double>(programs_.count(work.program + programs_.every(), work.end));
  const std::uint64_t programs = programs_.count(programs_.first(), programs_.end());
  const double done = all_ > 0 ? 1 - std::min(left / all_, 1.0) : 1;
  status_.show(fmt::format(
      "explore: {}: {} of {} workers busy, {} executions, {:.0f} a second, about {:.0f} % done, deepest {} "
      "steps, {} "
      "preemptions",
      programs == 1 ? programs_.name(programs_.first()) : fmt::format("{} programs", programs), busy,
      hands_.size(), executions, static_cast<double>(executions - before_) / status_.elapsed(), 100 * done,
      deepest, preemptions));
}

}  // namespace labyrinth::tool
