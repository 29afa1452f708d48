// Real threads and real signals: the crew of the stress, in a child process, on a target.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "child.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "report.hpp"
#include "shared.hpp"
#include "stress_report.hpp"
#include "target_world.hpp"
#include "verbs.hpp"

namespace labyrinth::native {
namespace {

constexpr double kGrace = 30;  // seconds for what is done before and after

void work(const Options& options, const machine::Target& target) {
  tell_crashes();
  shipping::install_handlers();
  Thread creator;  // who looks on
  creator.number = shipping::kObserver;
  shipping::set_this_thread(&creator);
  const Created created = create_or_say(target, options.stress.threads, options.frames);
  if (created.self == nullptr) return;
  auto world = std::make_unique<TargetWorld>(created, options.handlers_allocate);
  shared().examines = world->examines();
  std::vector<std::unique_ptr<shipping::Workload>> worlds;
  worlds.push_back(std::move(world));
  shipping::StressResult& result = shared().result;
  shipping::Crew crew(options.stress, std::move(worlds));
  crew.run(result);
  if (result.hung[0] != '\0' && options.stress.threads == 1)
    shared().complaints.add("N2", "a call does not return, although nobody else runs: {}",
                            result.hung.data());
  shared().finished.store(true);
  _exit(tool::kClean);  // Threads that hang are never joined.
}

/// Until it has ended; says how.
[[nodiscard]] int supervise(pid_t child, double seconds) {
  bool asked = false;
  const tool::StatusLine clock;
  for (;;) {
    if (const auto status = wait_for(child, 0.2)) return *status;
    if (tool::interrupted() && !std::exchange(asked, true)) kill(child, SIGINT);
    if (clock.elapsed() < seconds) continue;
    shared().say(fmt::format("it does not come to an end within {:.0f} s", seconds));
    kill_and_wait(child);
    return 0;
  }
}

}  // namespace

int run_threads(const Options& options, const machine::Target& target) {
  const pid_t child = start([&] { work(options, target); });
  const int status = supervise(child, options.stress.seconds + options.stress.patience + kGrace);
  return report_threads(options, target, status);
}

}  // namespace labyrinth::native
