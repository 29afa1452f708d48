// labyrinth fuzz start, status, stop, resume, plot.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "campaign.hpp"
#include "campaign_plot.hpp"
#include "campaign_process.hpp"
#include "campaign_results.hpp"
#include "campaign_session.hpp"
#include "exit_codes.hpp"
#include "fuzz_setup.hpp"
#include "input.hpp"
#include "not_checked.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

[[nodiscard]] CampaignFiles files_of(const CampaignOptions& options) {
  // A worker's files are named from other directories, too.
  return {fs::weakly_canonical(fs::absolute(options.directory))};
}

[[nodiscard]] int no_campaign(const CampaignFiles& files) {
  fmt::print(stderr, "labyrinth: {}: there is no campaign here; `labyrinth fuzz start {}` begins one\n",
             files.root.string(), quoted(files.root));
  return kUnreadable;
}

[[nodiscard]] int bad(const std::string& message) {
  fmt::print(stderr, "labyrinth: {}\n", message);
  return kBadUsage;
}

/// What the command line says, on top, and what is under test; 0, or an exit code.
[[nodiscard]] int apply(const CampaignOptions& options, CampaignConfig& config, CampaignSubject& subject) {
  if (!options.target.empty()) config.target = fs::absolute(options.target);
  if (!options.harness.empty()) config.harness = options.harness;
  if (!options.against.empty()) config.against = fs::absolute(options.against);
  for (const std::string& seeds : options.seeds) config.seeds.push_back(fs::absolute(seeds));
  if (options.signatures) config.signatures = *options.signatures;
  if (options.seed) config.seed = *options.seed;
  if (options.libfuzzer) config.libfuzzer = options.libfuzzer;
  if (options.afl) config.afl = options.afl;
  if (options.executions) config.executions = *options.executions;
  const auto duration = [](const char* option, const std::string& text, double& into) {
    if (text.empty()) return 0;
    const auto seconds = duration_of_text(text);
    if (!seconds) return bad(fmt::format("{}: such as 90s, 30m, 8h or 7d, not `{}`", option, text));
    into = *seconds;
    return 0;
  };
  if (const int code = duration("--time", options.time, config.seconds); code != 0) return code;
  if (const int code = duration("--quiet", options.quiet, config.quiet_seconds); code != 0) return code;
  if (config.libfuzzer == 0U && config.afl == 0U) return bad("a campaign needs a worker: --libfuzzer 1");
  if (config.afl.value_or(0) != 0 && !afl_is_there())
    return bad(
        fmt::format("workers of AFL++ need afl-fuzz (package afl++) and {} (build target labyrinth_afl); "
                    "--afl 0 does without",
                    afl_program().string()));
  // Before anything is written: a harness or a target that is none fails here, not in each worker.
  FuzzOptions wanted{.harness = config.harness,
                     .target = config.target,
                     .against = config.against,
                     .findings = "",
                     .seed = "",
                     .json = false,
                     .verbose = false};
  const auto setup = FuzzSetup::make(wanted);
  if (setup == nullptr) return kUnreadable;
  const machine::Target& target = setup->targets().front();
  config.target = target.path();
  subject = {.name = target.table().name, .not_checked = not_checked_json(target)};
  return 0;
}

void say_end(const CampaignOptions& options, const CampaignFiles& files, const CampaignStatus& status) {
  if (options.json) {
    fmt::print("{}\n", to_json(files, status).dump());
  } else {
    fmt::print("{}", status_text(files, status));
  }
}

/// In the background from here on, with what it says in campaign.log. True: in the child.
[[nodiscard]] bool detach(const CampaignFiles& files) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fuzz: a process in the background");
  if (child > 0) {
    // Not before it can be asked for its status, or has said in its log why not.
    while (!campaign_runs(files) && waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return false;
  }
  setsid();
  const int log = open(files.log().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int none = open("/dev/null", O_RDONLY);
  if (log < 0 || none < 0) _exit(kUnreadable);
  dup2(none, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  return true;
}

[[nodiscard]] int run_campaign(const CampaignOptions& options, const CampaignFiles& files,
                               const CampaignConfig& config, const CampaignSubject& subject) {
  if (options.detach && !detach(files)) {
    fmt::print("{0}: runs in the background; labyrinth fuzz status {1}, labyrinth fuzz stop {1}\n",
               files.root.string(), quoted(files.root));
    return kClean;
  }
  // After fork(), so that it is this process's, and before what only its owner may do.
  const auto lock = lock_campaign(files);
  if (lock == nullptr) return bad(fmt::format("{}: this campaign runs already", files.root.string()));
  catch_interrupt();
  end_left_over(files.root);
  std::error_code ignored;
  fs::remove_all(files.scratch(), ignored);
  fs::create_directories(files.scratch());
  fs::remove(files.stop_request(), ignored);
  CampaignStatus status;
  int code = kClean;
  {
    const CampaignConfig whole = with_workers(config);
    CampaignSession session(whole, files, subject);
    if (!session.take_over()) return kUnreadable;
    code = session.run();
    status = session.status();
  }
  static_cast<void>(
      write_whole(files, files.plot(),
                  campaign_page(files.root.filename(), status, read_statistics(files.statistics()))));
  fs::remove(files.stop_request(), ignored);
  say_end(options, files, status);
  return campaign_results(files, status).write(options.results, code) ? code : worse(code, kInconclusive);
}

}  // namespace

int campaign_start(const CampaignOptions& options) {
  const CampaignFiles files = files_of(options);
  std::error_code error;
  if (fs::exists(files.config(), error)) {
    fmt::print(stderr,
               "labyrinth: {}: there is a campaign already; `labyrinth fuzz resume {}` goes on with it\n",
               files.root.string(), quoted(options.directory));
    return kBadUsage;
  }
  CampaignConfig config;
  if (!options.config.empty()) {
    const auto read = read_campaign_config(options.config);
    if (!read) return kUnreadable;
    config = *read;
  }
  CampaignSubject subject;
  if (const int code = apply(options, config, subject); code != 0) return code;
  for (const fs::path& directory :
       {files.corpus(), files.crashes(), files.findings(), files.workers(), files.scratch()}) {
    fs::create_directories(directory, error);
    if (error) {
      fmt::print(stderr, "labyrinth: {}: cannot be made: {}\n", directory.string(), error.message());
      return kUnreadable;
    }
  }
  {
    CampaignCorpus corpus(files);
    for (const fs::path& directory : config.seeds)
      if (!corpus.add_seeds(directory)) return kUnreadable;
    // AFL++ does not begin with nothing: the simplest trace there is.
    if (corpus.size() == 0) {
      constexpr std::size_t kHeader = 8;
      const std::string simplest(kHeader, '\0');
      if (const int failed = write_durably(files, files.corpus() / sha1(simplest), simplest); failed != 0) {
        fmt::print(stderr, "labyrinth: {}: cannot be written: {}\n", files.corpus().string(),
                   std::strerror(failed));
        return kUnreadable;
      }
    }
  }
  // Last: with it the directory is a campaign.
  if (const int failed = write_durably(files, files.config(), print_campaign_config(config)); failed != 0) {
    fmt::print(stderr, "labyrinth: {}: cannot be written: {}\n", files.config().string(),
               std::strerror(failed));
    return kUnreadable;
  }
  static_cast<void>(sync_directory(files.root));
  return run_campaign(options, files, config, subject);
}

int campaign_resume(const CampaignOptions& options) {
  const CampaignFiles files = files_of(options);
  std::error_code error;
  if (!fs::exists(files.config(), error)) return no_campaign(files);
  if (campaign_runs(files)) return bad(fmt::format("{}: this campaign runs already", files.root.string()));
  auto config = read_campaign_config(files.config());
  if (!config) return kUnreadable;
  CampaignSubject subject;
  if (const int code = apply(options, *config, subject); code != 0) return code;
  return run_campaign(options, files, *config, subject);
}

int campaign_status(const CampaignOptions& options) {
  const CampaignFiles files = files_of(options);
  auto status = read_status(files);
  if (!status) return no_campaign(files);
  if (!campaign_runs(files) && status->state != "stopped") {
    status->state = "killed";
    status->reason = fmt::format("nothing is lost; `labyrinth fuzz resume {}` goes on", options.directory);
    status->now.running = 0;
  }
  say_end(options, files, *status);
  const int code = exit_code(status->crashes);
  return campaign_results(files, *status).write(options.results, code) ? code : worse(code, kInconclusive);
}

int campaign_stop(const CampaignOptions& options) {
  const CampaignFiles files = files_of(options);
  std::error_code error;
  if (!fs::exists(files.config(), error)) return no_campaign(files);
  if (!campaign_runs(files)) {
    fmt::print("{}: does not run\n", files.root.string());
    return kClean;
  }
  // Not write_whole(): what lies in scratch/ is the campaign's.
  const Descriptor request(open(files.stop_request().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!request) {
    fmt::print(stderr, "labyrinth: {}: cannot be made: {}\n", files.stop_request().string(),
               std::strerror(errno));
    return kUnreadable;
  }
  constexpr std::chrono::seconds kPatience{60};
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (campaign_runs(files)) {
    if (std::chrono::steady_clock::now() > until) {
      fmt::print(stderr, "labyrinth: {}: still runs, although asked to stop a minute ago\n",
                 files.root.string());
      return kInconclusive;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return campaign_status(options);
}

int campaign_plot(const CampaignOptions& options) {
  const CampaignFiles files = files_of(options);
  const auto status = read_status(files);
  if (!status) return no_campaign(files);
  const fs::path output = options.output.empty() ? files.plot() : fs::absolute(options.output);
  const auto course = read_statistics(files.statistics());
  const CampaignFiles beside{output.parent_path()};
  const std::string page = campaign_page(files.root.filename(), *status, course);
  const fs::path temporary = fmt::format("{}.{}", output.string(), getpid());
  std::error_code error;
  const int failed = append_line(temporary, page);
  if (failed == 0) fs::rename(temporary, output, error);
  if (failed != 0 || error) {
    fmt::print(stderr, "labyrinth: {}: cannot be written: {}\n", output.string(),
               failed != 0 ? std::strerror(failed) : error.message());
    fs::remove(temporary, error);
    return kUnreadable;
  }
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"plot", output.string()}, {"points", course.size()}}.dump());
  } else {
    fmt::print("{}: {} points\n", output.string(), course.size());
  }
  return kClean;
}

}  // namespace labyrinth::tool
