// Revisions: a clone of their own, which shares the repository's objects and leaves everything else of it as
// it is, kept with its build for the next audit.
#include "audit_sides.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit_commands.hpp"
#include "corpus_files.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

class Revisions {
 public:
  Revisions(const AuditOptions& options, StatusLine& status)
      : options_(options),
        status_(status),
        scratch_(fs::absolute(options.scratch)),
        git_log_(scratch_ / fmt::format("git-{}.log", getpid())),
        words_(options.configure) {
    // Lowering all of them takes minutes.
    if (options.proofs == "quick") words_.insert(words_.begin(), "-DLABYRINTH_PROOFS=quick");
  }

  Revisions(const Revisions&) = delete;
  Revisions& operator=(const Revisions&) = delete;
  ~Revisions() {
    std::error_code ignored;
    fs::remove(git_log_, ignored);
  }

  /// The commit that it names; "": none.
  [[nodiscard]] std::string commit(const std::string& revision) const {
    fs::create_directories(scratch_);
    return first_line_of({"git", "-C", options_.repository, "rev-parse", "--verify", "--quiet",
                          "--end-of-options", revision + "^{commit}"},
                         git_log_.string())
        .value_or("");
  }

  /// `base`: commit that all but the paths of --only is taken from.
  [[nodiscard]] bool build(AuditSide& side, const std::string& base) {
    const bool parts = !options_.only.empty() && base != side.revision;
    const std::string key = fmt::format("{} {} {}", parts ? base : side.revision,
                                        fmt::join(options_.only, " "), fmt::join(words_, " "));
    const fs::path folder = scratch_ / fmt::format("{}-{}", side.revision.substr(0, 12), short_hash(key));
    fs::create_directories(folder);
    const fs::path source = folder / "source";
    log_ = folder / "log";
    side.build = (folder / "build").string();
    {
      const BuildLock lock(folder, status_);
      if (!lock) return false;
      if (!fs::exists(folder / "checked-out")) {
        std::error_code ignored;
        fs::remove_all(source, ignored);
        if (!check_out(source, side.revision, parts ? base : side.revision)) return false;
        std::ofstream(folder / "checked-out") << key << '\n';
      }
      const std::string prefix = git({"rev-parse", "--show-prefix"}).value_or("");
      if (!fs::exists(fs::path(side.build) / "build.ninja") && !configure(source / prefix, side.build))
        return false;
    }
    const std::string& name = options_.build_target;
    if (!build_more(side, {name, name + "-plain"}, status_)) return false;
    side.path = (fs::path(side.build) / "targets" / (name + ".so")).string();
    side.plain = plain_beside(side.path);
    if (fs::exists(side.path)) return true;
    fmt::print(stderr,
               "labyrinth: audit: {} of {} was built and is not in {}: is it made with "
               "labyrinth_add_target()?\n",
               name, side.said, fs::path(side.path).parent_path().string());
    return false;
  }

 private:
  [[nodiscard]] std::optional<std::string> git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"git", "-C", options_.repository});
    return first_line_of(words, git_log_.string());
  }

  [[nodiscard]] bool run(const std::vector<std::string>& command, const std::string& what) {
    const auto code = run_logged(command, log_.string(), "audit: " + what, status_);
    if (code == 0) return true;
    if (interrupted()) return false;
    fmt::print(stderr, "labyrinth: audit: {} failed:\n  {}\n", what, fmt::join(command, " "));
    print_end_of(log_.string());
    return false;
  }

  [[nodiscard]] bool check_out(const fs::path& source, const std::string& commit, const std::string& base) {
    const auto store = git({"rev-parse", "--path-format=absolute", "--git-common-dir"});
    const std::string what = "checking out " + commit.substr(0, 12);
    if (!store || !run({"git", "clone", "--quiet", "--shared", "--no-checkout", *store, source}, what))
      return false;
    if (!run({"git", "-C", source, "checkout", "--quiet", "--detach", base}, what)) return false;
    if (base == commit) return true;
    for (const std::string& path : options_.only) {
      // So that what the commit does not have goes, too.
      if (!run({"git", "-C", source, "rm", "-r", "--quiet", "--ignore-unmatch", "--", path}, what) ||
          !run({"git", "-C", source, "checkout", "--quiet", commit, "--", path}, what))
        return false;
    }
    return true;
  }

  [[nodiscard]] bool configure(const fs::path& source, const fs::path& build) {
    std::ifstream file(source / "CMakePresets.json");
    const std::string presets{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> command{"cmake", "-S", source, "-B", build};
    if (presets.find("\"default\"") != std::string::npos) {
      command.insert(command.end(), {"--preset", "default"});
    } else {
      command.insert(command.end(), {"-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"});
    }
    command.insert(command.end(), words_.begin(), words_.end());
    if (run(command, "configuring " + source.string())) return true;
    std::error_code ignored;
    fs::remove(build / "build.ninja", ignored);  // Else the next audit takes it for configured.
    return false;
  }

  const AuditOptions& options_;
  StatusLine& status_;
  fs::path scratch_;
  fs::path git_log_;                ///< Its own: another audit may ask at the same time.
  std::vector<std::string> words_;  ///< More, for cmake.
  fs::path log_;
};

}  // namespace

bool build_more(const AuditSide& side, const std::vector<std::string>& targets, StatusLine& status,
                bool past_errors) {
  std::vector<std::string> command{"ninja", "-C", side.build, "-j", std::to_string(cores())};
  if (past_errors) command.insert(command.end(), {"-k", "0"});
  command.insert(command.end(), targets.begin(), targets.end());
  const std::string folder = fs::path(side.build).parent_path();
  const BuildLock lock(folder, status);
  if (!lock) return false;
  const std::string log = folder + "/log";
  const auto code = run_logged(
      command, log, fmt::format("audit: building {} of {}", fmt::join(targets, ", "), side.said), status);
  if (code == 0) return true;
  if (interrupted()) return false;
  fmt::print(stderr, "labyrinth: audit: {} does not build{}:\n  {}\n", side.said,
             past_errors ? " in full" : "", fmt::join(command, " "));
  print_end_of(log);
  return false;
}

std::optional<std::array<AuditSide, 2>> find_sides(const AuditOptions& options, StatusLine& status) {
  std::array<AuditSide, 2> sides;
  sides[0].said = options.old_side;
  sides[1].said = options.new_side;
  Revisions revisions(options, status);
  std::string base;
  // NEW first: what --only leaves out is taken from it.
  for (AuditSide* const side : {&sides[1], &sides[0]}) {
    if (fs::is_regular_file(side->said)) {
      side->path = side->said;
      side->plain = plain_beside(side->said);
      if (side == &sides[1] && !options.only.empty()) base = revisions.commit("HEAD");
      continue;
    }
    side->revision = revisions.commit(side->said);
    if (side->revision.empty()) {
      fmt::print(stderr,
                 "labyrinth: audit: {} is neither a shared object nor a revision of {} (--repository)\n",
                 side->said, options.repository);
      return std::nullopt;
    }
    if (base.empty()) base = side->revision;
    if (!revisions.build(*side, base)) return std::nullopt;
  }
  return sides;
}

}  // namespace labyrinth::tool
