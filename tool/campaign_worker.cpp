// Workers: their starts and ends, which are the same for every engine.
#include "campaign_worker.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "executions.hpp"

namespace labyrinth::tool {

namespace fs = std::filesystem;

CampaignWorker::CampaignWorker(const CampaignConfig& config, const CampaignFiles& files,
                               CampaignEngine engine, unsigned number)
    : config_(config),
      files_(files),
      engine_(engine),
      number_(number),
      name_(fmt::format("{}-{}", engine == CampaignEngine::kLibfuzzer ? "libfuzzer" : "afl", number)),
      directory_(files.workers() / name_),
      begin_(std::chrono::steady_clock::now()) {
  // No file of a disk: that may be full, and a page of it that cannot be had would kill who writes to it.
  counter_ = std::make_unique<Descriptor>(memfd_create("executions", 0));
  if (!*counter_ || ftruncate(counter_->get(), sizeof(std::uint64_t)) != 0)
    throw std::system_error(errno, std::generic_category(), "fuzz: memory to share with a worker");
}

CampaignWorker::~CampaignWorker() {
  if (process_ <= 0) return;
  kill_now();
  waitpid(process_, nullptr, 0);
}

fs::path CampaignWorker::queue() const {
  return engine_ == CampaignEngine::kLibfuzzer ? directory_ / "queue" : files_.afl() / name_ / "queue";
}

fs::path CampaignWorker::inbox() const {
  return engine_ == CampaignEngine::kLibfuzzer ? queue() : directory_ / "inbox";
}

fs::path CampaignWorker::artifacts() const {
  return engine_ == CampaignEngine::kLibfuzzer ? directory_ / "artifacts" : files_.afl() / name_ / "crashes";
}

void CampaignWorker::start(std::uint32_t seed) {
  earlier_ += progress_.executions;
  progress_ = {};
  log_read_ = 0;
  ++starts_;
  fs::create_directories(directory_);
  std::error_code ignored;
  fs::rename(log(), directory_ / "log.before", ignored);  // What the last start said before it ended.
  if (engine_ == CampaignEngine::kLibfuzzer) {
    fs::remove_all(queue());
    fs::create_directories(queue());
    fs::create_directories(artifacts());
  } else {
    fs::remove_all(files_.afl() / name_);
    fs::create_directories(files_.afl());
    fs::remove_all(inbox());
    fs::create_directories(inbox());
  }
  const std::uint64_t none = 0;
  if (pwrite(counter_->get(), &none, sizeof none, 0) != sizeof none)
    throw std::system_error(errno, std::generic_category(), "fuzz: memory shared with a worker");
  begin_ = std::chrono::steady_clock::now();
  ProcessSetup setup = engine_ == CampaignEngine::kLibfuzzer ? libfuzzer(seed) : afl(seed);
  setup.environment[fuzz::kExecutionsVariable] = std::to_string(counter_->get());
  setup.campaign = files_.root;
  process_ = start_process(setup);
}

std::optional<CampaignEnd> CampaignWorker::poll() {
  if (process_ <= 0) return std::nullopt;
  const auto ended = reap(process_);
  if (ended) {
    kill(-process_, SIGKILL);  // Nothing of its group is to outlive it.
    process_ = -1;
    look();
  }
  return ended;
}

void CampaignWorker::ask_to_end() const {
  if (process_ > 0) kill(process_, SIGTERM);
}

void CampaignWorker::kill_now() const {
  if (process_ > 0) kill(-process_, SIGKILL);
}

double CampaignWorker::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void CampaignWorker::look() {
  if (engine_ == CampaignEngine::kLibfuzzer) {
    look_at_libfuzzer();
  } else {
    look_at_afl();
  }
  std::uint64_t counted = 0;
  if (pread(counter_->get(), &counted, sizeof counted, 0) == sizeof counted) progress_.executions = counted;
  // AFL++ runs each input of its corpus before it says anything.
  if (engine_ == CampaignEngine::kAfl) progress_.ready = counted != 0;
}

}  // namespace labyrinth::tool
