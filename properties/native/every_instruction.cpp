// A handler before each instruction of a call: the target is brought into a scene once, and each instruction
// is tried in a copy of that process, so that nothing has to be undone and nothing that happens there ends
// the rest.
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "child.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "report.hpp"
#include "scenes.hpp"
#include "shared.hpp"
#include "verbs.hpp"

namespace labyrinth::native {
namespace {

constexpr std::uint64_t kMostBroken =
    16;  // runs of a pair, after which there is nothing more to learn from it

/// At the stop of the thread's call: an interrupt, which waits if the target holds it back.
class Interrupter final : public step::Traced {
 public:
  Interrupter(Thread& thread, labyrinth_level level) : thread_(thread), level_(level) {}
  void use(const step::Tracer& tracer) { tracer_ = &tracer; }

  [[nodiscard]] bool is_of_call() noexcept override {
    return thread_.at() == LABYRINTH_TASK && thread_.call.load(std::memory_order_relaxed) != Call::kNone;
  }
  void deliver(const step::Stop&, std::uintptr_t) noexcept override {
    thread_.waiting.fetch_or(1U << level_, std::memory_order_relaxed);
    shipping::deliver_waiting(thread_);
  }
  /// Only what is recorded is counted: what there is until here is what is tried.
  void too_long(std::uintptr_t) noexcept override {
    keep_record();
    shared().finished.store(true);
    _exit(tool::kClean);
  }
  void keep_record() const {
    const std::vector<step::Stop> stops = tracer_->recorded();
    shared().stop_count = static_cast<std::uint32_t>(std::min(stops.size(), shared().stops.size()));
    std::copy_n(stops.begin(), shared().stop_count, shared().stops.begin());
  }

 private:
  Thread& thread_;
  labyrinth_level level_;
  const step::Tracer* tracer_ = nullptr;
};

/// One call with a handler in it, or recorded, in a process of its own.
void try_once(PairWorld& world, Thread& thread, Interrupter& interrupter, step::Tracer& tracer,
              const step::Plan& plan, double patience) {
  itimerval limit{};
  limit.it_value.tv_sec = static_cast<time_t>(patience) + 1;
  setitimer(ITIMER_REAL, &limit, nullptr);
  tracer.begin(0, plan);
  world.call(thread);
  tracer.end(0);
  if (plan.way == step::Plan::Way::kRecord) interrupter.keep_record();
  shared().missed = tracer.missed();
  // Not in the call; then behind it, so that what it does is not missing.
  if (!shared().complaints.any()) world.finish(thread);
  shared().finished.store(true);
}

class PairRun {
 public:
  PairRun(const Options& options, const machine::Target& target, std::uint32_t number, const Pair& pair)
      : options_(options), target_(target), number_(number), pair_(pair) {}

  /// In a process of the pair's own.
  void run(const std::vector<step::Text>& code) {
    tell_crashes();
    thread_.alone = true;
    thread_.number = 0;
    shipping::set_this_thread(&thread_);
    const Created created = create_or_say(target_, 1, options_.frames);
    if (created.self == nullptr) return;
    PairWorld world(created, pair_);
    shared().examines = world.examines();
    thread_.work = &world;
    world.prepare(thread_);
    Interrupter interrupter(thread_, highest_level(target_));
    step::Tracer tracer(interrupter, code);
    interrupter.use(tracer);
    PairResult& result = shared().pairs[number_];
    if (shared().complaints.any()) return;  // Told by who waits for this process.
    const auto tried = [&](const step::Plan& plan) {
      return try_in_copy(
          plan.at, [&] { try_once(world, thread_, interrupter, tracer, plan, options_.stress.patience); });
    };
    if (!tried({.way = step::Plan::Way::kRecord, .at = {}, .counts = false, .enters_once = false})) return;
    result.instructions = shared().stop_count;
    result.cut = result.instructions >= step::kMostInstructions;
    for (std::uint32_t i = 0; i < result.instructions && !shared().stop; ++i) {
      result.next = i + 1;
      const bool goes_on = tried(
          {.way = step::Plan::Way::kStop, .at = shared().stops[i], .counts = false, .enters_once = true});
      ++(shared().missed ? result.missed : result.points);
      if (!goes_on) break;
    }
    result.done = !shared().stop;
  }

 private:
  /// False if there is no sense in going on with this pair.
  template <class Body>
  [[nodiscard]] bool try_in_copy(const step::Stop& at, const Body& body) {
    Shared& all = shared();
    all.finished = false;
    all.missed = false;
    all.ended_at = 0;
    all.complaints.forget();
    all.runs.fetch_add(1, std::memory_order_relaxed);
    const pid_t child = start(body);
    std::optional<int> status;
    const tool::StatusLine clock;
    const double limit = 2 * options_.stress.patience + 2;
    while (!status && clock.elapsed() < limit) status = wait_for(child, limit);
    if (!status) kill_and_wait(child);
    const bool hung = !status;
    if (!all.complaints.any() && !all.finished) {
      if (all.note[0] != '\0') return false;
      all.complaints.add("N2", "a call does not return: {}", hung ? "it hangs" : words_of(*status));
    }
    if (!all.complaints.any()) return true;
    Found& found = all.found[std::min<std::size_t>(all.found_count, all.found.size() - 1)];
    if (broken_++ == 0) {
      found = {number_, at, all.ended_at, all.complaints[0], 0};
      all.found_count.fetch_add(1);
    }
    all.found[all.found_count - 1].runs = broken_;
    const bool slow = hung || clock.elapsed() > options_.stress.patience;
    all.complaints.forget();
    return !slow && broken_ < kMostBroken && at.number != 0;
  }

  const Options& options_;
  const machine::Target& target_;
  std::uint32_t number_;
  const Pair& pair_;
  Thread thread_;
  std::uint64_t broken_ = 0;
};

}  // namespace

int run_every_instruction(const Options& options, const machine::Target& target) {
  std::string error;
  const std::vector<step::Text> code = code_of_target(error);
  if (code.empty()) {
    fmt::print(stderr, "labyrinth_native: {}\n", error);
    return tool::kInconclusive;
  }
  std::vector<Pair> all = pairs(target.table().can, true, options.handlers_allocate);
  std::erase_if(all, [&](const Pair& pair) {
    return std::string_view(pair.call.name).find(options.call) == std::string_view::npos ||
           std::string_view(pair.handler.name).find(options.handler) == std::string_view::npos;
  });
  if (all.empty()) {
    fmt::print(
        stderr,
        "labyrinth_native: no call is meant by --call and --handler; --every-instruction alone lists them\n");
    return tool::kBadUsage;
  }
  tool::StatusLine status;
  for (std::uint32_t i = 0; i < all.size() && !shared().stop; ++i) {
    // Where all frames cannot be taken there is no last one.
    if (all[i].last_frame && i != 0 && !shared().examines) {
      all.resize(i);
      break;
    }
    shared().complaints.forget();
    const pid_t child = start([&] { PairRun(options, target, i, all[i]).run(code); });
    std::optional<int> ended;
    while (!(ended = wait_for(child, 0.2))) {
      if (tool::interrupted()) shared().stop = true;
      if (status.due())
        status.show(fmt::format("{}: {} of {} pairs, {} runs, {} findings", name_of(all[i]), i, all.size(),
                                shared().runs.load(), shared().found_count.load()));
    }
    if (tool::interrupted()) shared().stop = true;
    // It ended before, or between, the tries.
    if (shared().note[0] == '\0' && !shared().pairs[i].done && *ended != 0 && !shared().complaints.any())
      shared().say(words_of(*ended));
    if (shared().complaints.any()) {
      shared().found[shared().found_count.fetch_add(1)] = {
          i, {}, shared().ended_at, shared().complaints[0], 1};
      shared().complaints.forget();
    }
    if (shared().note[0] != '\0') break;
  }
  return report_pairs(options, target, all, status.elapsed());
}

}  // namespace labyrinth::native
