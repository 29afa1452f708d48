// Finding CBMC, and its command line.
#include "cbmc.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "input.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

[[nodiscard]] std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

[[nodiscard]] bool runs(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// As a shell finds it; "" if it does not.
[[nodiscard]] std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return runs(name) ? fs::absolute(name).string() : "";
  const std::string path = environment("PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const fs::path candidate = fs::path(end == at ? "." : path.substr(at, end - at)) / name;
    if (runs(candidate)) return fs::absolute(candidate).string();
    at = end + 1;
  }
  return "";
}

/// The first line that `PROGRAM --version` prints.
[[nodiscard]] std::string version_of(const std::string& program) {
  const auto close = [](FILE* file) { pclose(file); };
  const std::unique_ptr<FILE, decltype(close)> pipe(
      popen((quoted(program) + " --version 2>/dev/null").c_str(), "re"), close);
  std::array<char, 256> line{};
  if (!pipe || std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) == nullptr) return "";
  std::string text = line.data();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// Where ci/setup-cbmc puts it.
[[nodiscard]] std::string unpacked() {
  std::string tools = environment("LABYRINTH_TOOLS");
  if (tools.empty()) {
    const std::string cache = environment("XDG_CACHE_HOME");
    const std::string home = environment("HOME");
    if (cache.empty() && home.empty()) return "";
    tools = (cache.empty() ? home + "/.cache" : cache) + "/labyrinth";
  }
  const fs::path program = fs::path(tools) / ("cbmc-" LABYRINTH_CBMC_VERSION) / "bin" / "cbmc";
  return runs(program) ? fs::absolute(program).string() : "";
}

[[nodiscard]] int major(const std::string& version) {
  int number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

std::optional<Cbmc> find_cbmc() {
  const std::string wish = environment("LABYRINTH_CBMC");
  std::string program = !wish.empty() ? find_program(wish) : unpacked();
  if (program.empty() && wish.empty()) program = find_program("cbmc");
  if (program.empty()) {
    fmt::print(stderr, "labyrinth: prove: {}\n",
               wish.empty() ? "there is no cbmc: run ci/setup, or set LABYRINTH_CBMC to one"
                            : fmt::format("LABYRINTH_CBMC is {}, which is no program", wish));
    return std::nullopt;
  }
  const std::string version = version_of(program);
  if (major(version) < major(LABYRINTH_CBMC_VERSION)) {
    fmt::print(stderr,
               "labyrinth: prove: {} is {}, and version {} or later is needed: run ci/setup, or set "
               "LABYRINTH_CBMC to one\n",
               program, version.empty() ? "no cbmc that works" : version, major(LABYRINTH_CBMC_VERSION));
    return std::nullopt;
  }
  const std::string cadical = find_program("cadical");
  return Cbmc{program, version, cadical.empty() ? "" : version_of(cadical)};
}

std::vector<std::string> cbmc_flags(const Proof& proof, Question question, const std::string& property) {
  // Without standard checks there are no unwinding assertions either, unless they are asked for.
  std::vector<std::string> flags{
      "--function", "proof", "--unwind", std::to_string(proof.unwind), "--no-standard-checks",
      // Each variable of each unrolled call counts; 2^8, the default, is soon used up.
      "--object-bits", "12"};
  const auto add = [&flags](std::initializer_list<const char*> more) {
    flags.insert(flags.end(), more.begin(), more.end());
  };
  // What is reached, or broken, within the bound is so without it, too; so only the proof asks whether the
  // bound is enough.
  if (question == Question::kProof) add({"--unwinding-assertions"});
  if (question == Question::kCover) {
    add({"-DLABYRINTH_COVER"});
  } else {
    add({"--bounds-check", "--pointer-check"});
  }
  // Slicing puts wrong values into counterexamples.
  if (question != Question::kCounterexample) add({"--slice-formula"});
  if (question == Question::kCounterexample) {
    add({"--trace", "--property"});
    flags.push_back(property);
  }
  // Each property that fails starts an external solver from nothing; the one that is built in goes on. So the
  // latter looks for many, and the former for one.
  const bool external = proof.cadical && question != Question::kCover;
  if (external) add({"--external-sat-solver", "cadical"});
  if (external || question == Question::kMutant || question == Question::kCounterexample)
    add({"--stop-on-fail"});
  flags.insert(flags.end(), proof.flags.begin(), proof.flags.end());
  return flags;
}

}  // namespace labyrinth::tool
