// The loop of a campaign. It never waits for a worker, so that one that hangs holds up nobody.
#include "campaign_session.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <thread>

#include "exit_codes.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kTick{100};
constexpr double kRound = 1;       ///< Seconds between two looks at what workers found.
constexpr unsigned kPatience = 5;  ///< Failures in a row after which a worker is left alone.
constexpr double kMebi = 1024.0 * 1024.0;

/// The last words of a log, for a worker that would not start.
[[nodiscard]] std::string last_line(const fs::path& log) {
  const std::string text = read_bytes(log).value_or("");
  std::string last;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (const std::size_t begin = text.find_first_not_of(" \t", at); begin < end)
      last = text.substr(begin, end - begin);
    at = end + 1;
  }
  return last;
}

}  // namespace

CampaignConfig with_workers(CampaignConfig config) {
  const unsigned cores = tool::cores();
  if (!config.afl) config.afl = cores > 1 && config.libfuzzer.value_or(1) < cores && afl_is_there() ? 1 : 0;
  if (!config.libfuzzer) config.libfuzzer = cores > *config.afl ? cores - *config.afl : 0;
  if (*config.libfuzzer + *config.afl == 0) config.libfuzzer = 1;
  return config;
}

CampaignSession::CampaignSession(const CampaignConfig& config, const CampaignFiles& files,
                                 CampaignSubject subject)
    : config_(config),
      files_(files),
      subject_(std::move(subject)),
      corpus_(files),
      crashes_(config, files),
      begin_(Clock::now()) {
  // The status is newer than the last line of the statistics, unless it was lost.
  const auto all = read_statistics(files.statistics());
  if (!all.empty()) before_ = all.back();
  if (const auto status = read_status(files); status && status->now.active > before_.active)
    before_ = status->now;
  now_ = before_;
  rated_at_ = now_.active;
  rated_executions_ = now_.executions;
  appended_at_ = now_.active;
  const auto add = [&](CampaignEngine engine, unsigned count) {
    for (unsigned i = 1; i <= count; ++i) {
      Slot& slot = slots_.emplace_back();
      slot.worker = std::make_unique<CampaignWorker>(config, files, engine, i);
      slot.not_before = begin_;
    }
  };
  add(CampaignEngine::kLibfuzzer, config.libfuzzer.value_or(0));
  add(CampaignEngine::kAfl, config.afl.value_or(0));
}

bool CampaignSession::take_over() {
  bool all = true;
  std::error_code ignored;
  // By the directories: there may have been more workers than there are to be now.
  for (const fs::directory_entry& entry : fs::directory_iterator(files_.workers(), ignored)) {
    const fs::path& directory = entry.path();
    all = corpus_.adopt(directory / "queue", true, true) && all;
    for (const std::string& name :
         crashes_.collect(CampaignEngine::kLibfuzzer, directory.filename(), directory / "artifacts",
                          directory / "output", directory / "log"))
      corpus_.remove(name);
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(files_.afl(), ignored)) {
    const fs::path& directory = entry.path();
    all = corpus_.adopt(directory / "queue", false, true) && all;
    for (const char* const kind : {"crashes", "hangs"})
      for (const std::string& name :
           crashes_.collect(CampaignEngine::kAfl, directory.filename(), directory / kind, {}, {}))
        corpus_.remove(name);
  }
  if (all && crashes_.error() == 0) {
    fs::remove_all(files_.afl(), ignored);
    return true;
  }
  fmt::print(
      stderr,
      "labyrinth: {}: what the workers have found cannot be saved: {}; nothing is lost: make room, then "
      "labyrinth fuzz resume\n",
      files_.root.string(), std::strerror(std::max(corpus_.error(), crashes_.error())));
  return false;
}

std::string CampaignSession::reason_to_stop() const {
  std::error_code ignored;
  if (interrupted()) return "interrupted";
  if (fs::exists(files_.stop_request(), ignored)) return "asked to stop";
  if (config_.seconds > 0 && now_.active >= config_.seconds) return "the time budget is used up";
  if (config_.executions > 0 && now_.executions >= config_.executions)
    return "the execution budget is used up";
  if (config_.quiet_seconds > 0 && now_.active - now_.last_find >= config_.quiet_seconds)
    return fmt::format("no new coverage for {}", duration_text(config_.quiet_seconds));
  if (config_.signatures > 0 && crashes_.signatures() >= config_.signatures)
    return fmt::format("{} signatures of crashes", crashes_.signatures());
  if (std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.failed; }))
    return "every worker failed: " + last_failure_;
  return "";
}

void CampaignSession::start_what_waits() {
  if (waits_for_space_) return;
  for (Slot& slot : slots_) {
    CampaignWorker& worker = *slot.worker;
    if (slot.failed || worker.runs() || Clock::now() < slot.not_before) continue;
    // AFL++ wants an input to begin with.
    if (worker.engine() == CampaignEngine::kAfl && corpus_.size() == 0) continue;
    // Its queue is removed when it starts, so all of it must be safe.
    if (!corpus_.adopt(worker.queue(), worker.engine() == CampaignEngine::kLibfuzzer, true)) continue;
    ++now_.starts;
    worker.start(config_.seed + static_cast<std::uint32_t>(now_.starts) - 1);
    corpus_.restarts(worker.queue());
  }
}

void CampaignSession::see_to_ends() {
  for (Slot& slot : slots_) {
    if (const auto end = slot.worker->poll()) ended(slot, *end);
  }
}

void CampaignSession::ended(Slot& slot, CampaignEnd end) {
  CampaignWorker& worker = *slot.worker;
  const bool crashed = collect(worker);
  const bool killed = end.signal == SIGKILL || end.signal == SIGTERM || end.signal == SIGINT;
  constexpr double kSoon = 2;
  const bool worked = worker.progress().ready && (crashed || worker.seconds() > kSoon);
  slot.failures = killed || worked ? 0 : slot.failures + 1;
  // An input that crashes at every start is taken out of the corpus; what crashes without any is not to fill
  // the disk with crashes.
  constexpr unsigned kSlowest = 6;
  slot.not_before = Clock::now();
  if (slot.failures != 0)
    slot.not_before += std::chrono::milliseconds(100) * (1U << std::min(slot.failures, kSlowest));
  if (killed || worked || crashed) return;
  const std::string said = last_line(worker.log()) + last_line(worker.output());
  last_failure_ =
      fmt::format("{} ended with {} {} before it had begun: {}", worker.name(),
                  end.signal != 0 ? "signal" : "exit code", end.signal != 0 ? end.signal : end.code, said);
  slot.failed = slot.failures >= kPatience;
  if (slot.failed)
    fmt::print(stderr, "labyrinth: {}; it is left alone. Its log is {}\n", last_failure_,
               worker.log().string());
}

bool CampaignSession::collect(const CampaignWorker& worker) {
  bool any = false;
  const auto take = [&](const fs::path& from) {
    for (const std::string& name :
         crashes_.collect(worker.engine(), worker.name(), from, worker.output(), worker.log())) {
      corpus_.remove(name);
      any = true;
    }
  };
  take(worker.artifacts());
  if (worker.engine() == CampaignEngine::kAfl) take(worker.artifacts().parent_path() / "hangs");
  return any;
}

void CampaignSession::exchange() {
  for (const Slot& slot : slots_) {
    const CampaignWorker& worker = *slot.worker;
    const bool libfuzzer = worker.engine() == CampaignEngine::kLibfuzzer;
    if (worker.runs()) {
      corpus_.adopt(worker.queue(), libfuzzer, false);
      // AFL++'s artifacts are whole, libFuzzer's only once it has ended.
      if (!libfuzzer) collect(worker);
    }
  }
  for (const Slot& slot : slots_) {
    if (slot.worker->runs()) corpus_.deliver(slot.worker->queue(), slot.worker->inbox());
  }
  crashes_.count_traces();
}

void CampaignSession::count() {
  now_.time = std::time(nullptr);
  now_.active = before_.active + std::chrono::duration<double>(Clock::now() - begin_).count();
  now_.executions = before_.executions;
  now_.running = 0;
  bool found = false;
  const auto rise = [&](std::uint64_t& most, std::uint64_t value) {
    if (value <= most) return;
    most = value;
    found = true;
  };
  for (const Slot& slot : slots_) {
    CampaignWorker& worker = *slot.worker;
    if (worker.runs()) worker.look();
    now_.executions += worker.executions();
    if (worker.runs()) ++now_.running;
    const CampaignProgress& progress = worker.progress();
    if (worker.engine() == CampaignEngine::kAfl) {
      rise(now_.afl_edges, progress.edges);
    } else {
      rise(now_.edges, progress.edges);
      rise(now_.features, progress.features);
    }
  }
  if (found) now_.last_find = now_.active;
  now_.corpus = corpus_.size();
  now_.crashes = crashes_.total();
  now_.signatures = crashes_.signatures();
  constexpr double kLately = 5;
  if (now_.active - rated_at_ >= kLately || before_.active == rated_at_) {
    now_.rate =
        static_cast<double>(now_.executions - rated_executions_) / std::max(now_.active - rated_at_, kRound);
    if (now_.active - rated_at_ >= kLately) {
      rated_at_ = now_.active;
      rated_executions_ = now_.executions;
    }
  }
}

/// With no room left, libFuzzer would leave empty files in place of what it found, and say nothing.
void CampaignSession::watch_disk() {
  const double free = static_cast<double>(free_bytes(files_)) / kMebi;
  const int error = std::max({corpus_.error(), crashes_.error(), status_error_});
  const double wanted = config_.free_space;
  if (!waits_for_space_ && (error != 0 || free < wanted)) {
    waits_for_space_ = true;
    state_ = "waiting for disk space";
    end_workers();
    fmt::print(stderr,
               "labyrinth: {}: {}; the workers have been stopped, and go on when there is more room\n",
               files_.root.string(),
               error != 0 ? std::string(std::strerror(error))
                          : fmt::format("{:.1f} MiB free, {} wanted", free, wanted));
  } else if (waits_for_space_ && free >= wanted) {
    crashes_.clear_error();
    corpus_.clear_error();
    status_error_ = 0;
    for (const Slot& slot : slots_) {
      corpus_.adopt(slot.worker->queue(), slot.worker->engine() == CampaignEngine::kLibfuzzer, true);
      collect(*slot.worker);
    }
    // Room enough to write something, not only by the file system's count: there are quotas.
    const fs::path probe = files_.scratch() / "probe";
    if (corpus_.error() == 0 && crashes_.error() == 0 &&
        write_durably(files_, probe, std::string(static_cast<std::size_t>(kMebi) / 16, 'x')) == 0) {
      waits_for_space_ = false;
      state_ = "running";
    }
    std::error_code ignored;
    fs::remove(probe, ignored);
  }
}

void CampaignSession::end_workers() {
  for (const Slot& slot : slots_) slot.worker->ask_to_end();
  constexpr double kGrace = 5;
  const auto until = Clock::now() + std::chrono::duration<double>(kGrace);
  while (std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.worker->runs(); })) {
    for (Slot& slot : slots_) {
      if (!slot.worker->poll()) continue;
      slot.not_before = Clock::now();
      collect(*slot.worker);
    }
    if (Clock::now() > until) {
      for (const Slot& slot : slots_) slot.worker->kill_now();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  for (const Slot& slot : slots_)
    corpus_.adopt(slot.worker->queue(), slot.worker->engine() == CampaignEngine::kLibfuzzer, true);
  end_left_over(files_.root);
}

CampaignStatus CampaignSession::status() const {
  CampaignStatus status{.target = subject_.name,
                        .not_checked = subject_.not_checked,
                        .state = state_,
                        .reason = reason_,
                        .process = getpid(),
                        .now = now_,
                        .seconds = config_.seconds,
                        .executions = config_.executions,
                        .workers = {},
                        .crashes = crashes_.groups()};
  for (const Slot& slot : slots_) {
    const CampaignWorker& worker = *slot.worker;
    const CampaignProgress& progress = worker.progress();
    status.workers.push_back({.name = worker.name(),
                              .state = slot.failed      ? "failed"
                                       : !worker.runs() ? "ended"
                                       : progress.ready ? "fuzzing"
                                                        : "starting",
                              .stability = progress.stability,
                              .process = worker.runs() ? worker.process() : 0,
                              .executions = worker.executions(),
                              .starts = worker.starts(),
                              .edges = progress.edges,
                              .features = progress.features,
                              .units = progress.units});
  }
  return status;
}

void CampaignSession::save_status() {
  // Written every second: the first to notice that the disk is full, when nobody finds anything to be kept.
  status_error_ = write_whole(files_, files_.status(), to_json(files_, status()).dump(2) + "\n");
}

void CampaignSession::save_statistics(bool now) {
  // Weeks of it stay small: a line a second in the first minute, then one each ten, then one each minute.
  const double age = now_.active;
  const double interval = age < 60 ? 1 : age < 3600 ? 10 : 60;
  if (!now && now_.active - appended_at_ < interval) return;
  if (append_line(files_.statistics(), to_json(now_).dump()) == 0) appended_at_ = now_.active;
}

void CampaignSession::tell(StatusLine& line) {
  if (line.due()) line.show(status_line(status()));
}

int CampaignSession::run() {
  StatusLine line;
  double next_round = 0;
  while (true) {
    see_to_ends();
    start_what_waits();
    const double elapsed = line.elapsed();
    if (elapsed >= next_round) {
      next_round = elapsed + kRound;
      exchange();
      count();
      watch_disk();
      save_status();
      save_statistics(false);
    } else if (config_.executions > 0) {
      count();
    }
    tell(line);
    reason_ = reason_to_stop();
    if (!reason_.empty()) break;
    std::this_thread::sleep_for(kTick);
  }
  end_workers();
  exchange();
  count();
  state_ = "stopped";
  now_.running = 0;
  save_statistics(true);
  save_status();

  const bool all_failed = reason_.starts_with("every worker failed");
  const bool before_budget = reason_ == "interrupted" || reason_ == "asked to stop";
  const bool short_of_budget = before_budget && (config_.seconds > 0 || config_.executions > 0);
  return worse(exit_code(crashes_.groups()), all_failed || short_of_budget ? kInconclusive : kClean);
}

}  // namespace labyrinth::tool
