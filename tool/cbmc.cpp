// Finding CBMC, and its command line.
#include "cbmc.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "path_search.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

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
  return find_program(program);
}

[[nodiscard]] int major(const std::string& version) {
  int number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

std::variant<Cbmc, std::string> look_for_cbmc() {
  const std::string wish = environment("LABYRINTH_CBMC");
  std::string program = !wish.empty() ? find_program(wish) : unpacked();
  if (program.empty() && wish.empty()) program = find_program("cbmc");
  if (program.empty()) {
    return wish.empty() ? "there is no cbmc: run ci/setup, or set LABYRINTH_CBMC to one"
                        : fmt::format("LABYRINTH_CBMC is {}, which is no program", wish);
  }
  const std::string version = version_of(program);
  if (major(version) < major(LABYRINTH_CBMC_VERSION)) {
    return fmt::format(
        "{} is {}, and version {} or later is needed: run ci/setup, or set LABYRINTH_CBMC to one", program,
        version.empty() ? "no cbmc that works" : version, major(LABYRINTH_CBMC_VERSION));
  }
  const std::string cadical = find_program("cadical");
  return Cbmc{program, version, cadical.empty() ? "" : version_of(cadical)};
}

std::optional<Cbmc> find_cbmc() {
  auto found = look_for_cbmc();
  if (const auto* const error = std::get_if<std::string>(&found)) {
    fmt::print(stderr, "labyrinth: prove: {}\n", *error);
    return std::nullopt;
  }
  return std::get<Cbmc>(std::move(found));
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
