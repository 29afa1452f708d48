// labyrinth fuzz coverage: what a corpus reaches, by llvm-cov.
#include "verb_coverage.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "corpus_files.hpp"
#include "coverage_lines.hpp"
#include "descriptor.hpp"
#include "exit_codes.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// What is neither impl/ nor model/, nor a user's allocator.
constexpr const char* kNotMeant = "/(machine|tool|targets|fuzz|properties)/|^/usr/";

/// Runs a program with its input from and its output to files ("": as ours). False, after saying why, unless
/// it ends with 0.
bool run_program(const std::vector<std::string>& command, const std::string& in, const std::string& out) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int from = in.empty() ? -1 : open(in.c_str(), O_RDONLY);
    const int to = out.empty() ? -1 : open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if ((!in.empty() && (from < 0 || dup2(from, 0) < 0)) || (!out.empty() && (to < 0 || dup2(to, 1) < 0)))
      _exit(126);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  const bool ended = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
  if (ended && WEXITSTATUS(status) == 0) return true;
  fmt::print(stderr, "labyrinth: {} {}\n", command.front(),
             ended && WEXITSTATUS(status) == 127
                 ? "cannot be started: ci/setup installs it (package llvm-" LABYRINTH_LLVM_VERSION ")"
             : ended ? fmt::format("ended with exit code {}", WEXITSTATUS(status))
                     : std::string("was ended by a signal"));
  return false;
}

[[nodiscard]] std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The files of a run of llvm-cov, and what to call them by.
struct Places {
  fs::path replayer, target, output, profile;
};

[[nodiscard]] bool make_profile(const Places& places, const std::vector<std::string>& inputs) {
  const fs::path raw = places.output / "raw";
  fs::create_directories(raw);
  std::string list;
  for (const std::string& input : inputs) list += fs::absolute(input).string() + "\n";
  std::ofstream(places.output / "inputs") << list;
  // One file for each module; what the children count is added up in it.
  setenv("LLVM_PROFILE_FILE", (raw / "%1m.profraw").c_str(), 1);
  if (!run_program({places.replayer, places.target}, places.output / "inputs", "")) return false;
  std::vector<std::string> merge{std::string("llvm-profdata-") + LABYRINTH_LLVM_VERSION, "merge", "-sparse",
                                 "-o", places.profile};
  for (const auto& entry : fs::directory_iterator(raw)) merge.push_back(entry.path());
  const bool merged = run_program(merge, "", "");
  fs::remove_all(raw);
  return merged;
}

[[nodiscard]] std::vector<std::string> llvm_cov(const Places& places, const std::vector<std::string>& words) {
  std::vector<std::string> command{"llvm-cov-" LABYRINTH_LLVM_VERSION};
  command.insert(command.end(), words.begin(), words.end());
  for (const std::string& word : {std::string("-instr-profile=") + places.profile.string(),
                                  std::string("-ignore-filename-regex=") + kNotMeant, places.target.string(),
                                  std::string("-object=") + places.replayer.string()})
    command.push_back(word);
  return command;
}

/// As a reader of the repository knows it: from impl/ or model/ on.
[[nodiscard]] std::string short_name(const std::string& path) {
  for (const char* const part : {"/impl/", "/model/include/"}) {
    if (const auto at = path.rfind(part); at != std::string::npos) return path.substr(at + 1);
  }
  return path;
}

void print(const std::map<std::string, FileLines>& files, const Places& places, std::size_t inputs,
           bool json) {
  nlohmann::json rows = nlohmann::json::array();
  std::size_t lines = 0, uncovered = 0;
  for (const auto& [path, file] : files) {
    const std::string name = short_name(path);
    lines += file.lines;
    uncovered += file.uncovered.size();
    rows.push_back({{"file", name}, {"lines", file.lines}, {"uncovered", file.uncovered}});
    if (!json)
      fmt::print("{:5.1f} %  {:4} of {:4} lines  {}\n",
                 100.0 * static_cast<double>(file.lines - file.uncovered.size()) /
                     static_cast<double>(std::max<std::size_t>(file.lines, 1)),
                 file.lines - file.uncovered.size(), file.lines, name);
  }
  const std::string page = places.output / "index.html";
  if (json) {
    fmt::print(
        "{}\n",
        nlohmann::json{
            {"inputs", inputs}, {"lines", lines}, {"uncovered", uncovered}, {"files", rows}, {"report", page}}
            .dump(2));
    return;
  }
  for (const auto& [path, file] : files) {
    const std::string name = short_name(path);
    if (!file.uncovered.empty() && !name.starts_with("model/"))
      fmt::print("not reached: {}: {}\n", name, ranges_text(file.uncovered));
  }
  fmt::print("summary: {} inputs reach {} of {} lines; in {}\n", inputs, lines - uncovered, lines, page);
}

}  // namespace

void add_coverage(CLI::App& verb, CoverageOptions& options) {
  verb.add_option("corpora", options.paths, "Files and directories, text and binary (default: corpus)");
  verb.add_option("-o,--output", options.output, "Directory for the HTML report")->capture_default_str();
  verb.add_option(
      "--target", options.target,
      "Target built with -fprofile-instr-generate -fcoverage-mapping (default: the reference allocator's)");
  verb.add_flag("--json", options.json, "Print one JSON object instead of text");
}

int fuzz_coverage(std::vector<std::string> arguments) {
  CLI::App verb{
      "What corpora reach of impl/ and model/: an HTML report by llvm-cov, and the lines of impl/ that "
      "nothing reaches.\n"
      "  labyrinth fuzz coverage corpus findings/queue --output build/coverage"};
  verb.name("labyrinth fuzz coverage");
  CoverageOptions options;
  add_coverage(verb, options);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    verb.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return verb.exit(error) == 0 ? kClean : kBadUsage;
  }
  return verb_fuzz_coverage(options);
}

int verb_fuzz_coverage(const CoverageOptions& options) {
  const fs::path built = program_directory();
  Places places{
      built / "coverage_replayer",
      options.target.empty() ? built / "targets" / "reference-coverage.so" : fs::path(options.target),
      fs::absolute(options.output), fs::absolute(options.output) / "corpus.profdata"};
  for (const fs::path& needed : {places.replayer, places.target}) {
    if (fs::exists(needed)) continue;
    fmt::print(stderr, "labyrinth: {} is missing: `ninja -C {} coverage` builds it\n", needed.string(),
               built.string());
    return kUnreadable;
  }
  const auto inputs =
      list_inputs(options.paths.empty() ? std::vector<std::string>{"corpus"} : options.paths, Wanted::kAll);
  int code = kClean;
  std::vector<std::string> readable;
  for (const std::string& path : inputs) {
    const auto input = read_input(path);
    if (const auto* const error = std::get_if<std::string>(&input)) {
      fmt::print(stderr, "{}\n", *error);
      code = kUnreadable;
    } else {
      readable.push_back(path);
    }
  }
  if (readable.empty()) {
    fmt::print(stderr, "labyrinth: there are no inputs to replay; name a corpus\n");
    return kUnreadable;
  }
  const fs::path lcov = places.output / "lines.lcov";
  if (!make_profile(places, readable) ||
      !run_program(llvm_cov(places, {"export", "-format=lcov"}), "", lcov) ||
      !run_program(llvm_cov(places, {"show", "-format=html", "-output-dir=" + places.output.string()}), "",
                   places.output / "llvm-cov.log"))
    return kInconclusive;
  print(lines_of(contents(lcov)), places, readable.size(), options.json);
  return code;
}

}  // namespace labyrinth::tool
