// What the engines need of the machine at hand.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <variant>

#include "cbmc.hpp"
#include "doctor.hpp"
#include "path_search.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

[[nodiscard]] bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

[[nodiscard]] std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// A program that is asked for by name.
[[nodiscard]] Check look_for(const char* check, const std::string& name, const char* what_for,
                             const char* package) {
  const std::string program = find_program(name);
  if (program.empty()) {
    return {check, Check::State::kWarning, fmt::format("there is no {} in PATH, for {}", name, what_for),
            fmt::format("install Debian's package {} (ci/setup does), or put {} into PATH", package, name)};
  }
  return {check, Check::State::kOk, version_of(program), ""};
}

[[nodiscard]] Check look_for_libfuzzer() {
  const std::string clang = find_program("clang-" LABYRINTH_LLVM_VERSION);
  // It prints the name as it is if there is no such file.
  for (const char* const name : {"libclang_rt.fuzzer-x86_64.a", "libclang_rt.fuzzer.a"}) {
    if (clang.empty()) break;
    const std::string path = first_line_of(quoted(clang) + " -print-file-name=" + name);
    if (path.find('/') != std::string::npos && is_there(path))
      return {"libFuzzer", Check::State::kOk, path, ""};
  }
  return {"libFuzzer", Check::State::kWarning,
          "`labyrinth fuzz` has it, but harnesses of your own cannot be linked with -fsanitize=fuzzer",
          "install Debian's packages libfuzzer-" LABYRINTH_LLVM_VERSION
          "-dev and libclang-rt-" LABYRINTH_LLVM_VERSION "-dev (ci/setup does)"};
}

[[nodiscard]] Check look_for_cbmc_and_solver() {
  const auto found = look_for_cbmc();
  if (const auto* const error = std::get_if<std::string>(&found))
    return {"CBMC", Check::State::kWarning, *error, "ci/setup installs it; only `labyrinth prove` needs it"};
  const Cbmc& cbmc = std::get<Cbmc>(found);
  if (cbmc.cadical.empty()) {
    return {"CBMC", Check::State::kWarning, cbmc.version + ", but its solver, cadical, is not there",
            "install Debian's package cadical (ci/setup does)"};
  }
  return {"CBMC", Check::State::kOk, fmt::format("{}, cadical {}", cbmc.version, cbmc.cadical), ""};
}

[[nodiscard]] Check look_for_afl() {
  const std::string afl = find_program("afl-fuzz");
  if (afl.empty()) {
    return {"AFL++", Check::State::kWarning, "there is no afl-fuzz in PATH; campaigns use libFuzzer alone",
            "install Debian's package afl++ (ci/setup does)"};
  }
  const fs::path here = program_directory();
  for (const fs::path& part : {here / "labyrinth_afl", here / "fuzz" / "liblabyrinth_afl_mutator.so"}) {
    if (!is_there(part)) {
      return {
          "AFL++", Check::State::kWarning, fmt::format("afl-fuzz is there, and {} is not", part.string()),
          fmt::format("build it: ninja {}",
                      part.stem().string() == "labyrinth_afl" ? "labyrinth_afl" : "labyrinth_afl_mutator")};
    }
  }
  // Its run-time, which builds of Labyrinth itself link.
  constexpr std::array kPlaces{"/usr/lib/afl/afl-compiler-rt.o", "/usr/local/lib/afl/afl-compiler-rt.o"};
  for (const char* const place : kPlaces) {
    if (is_there(place)) return {"AFL++", Check::State::kOk, fmt::format("{}, {}", afl, place), ""};
  }
  return {"AFL++", Check::State::kWarning,
          fmt::format("{}, but its run-time, afl-compiler-rt.o, is not there", afl),
          "needed to build Labyrinth itself: cmake -DLABYRINTH_AFL_RUNTIME=PATH"};
}

[[nodiscard]] std::vector<std::string> governors(const fs::path& root) {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& cpu : fs::directory_iterator(root / "sys/devices/system/cpu", failed)) {
    const std::string governor = first_line(cpu.path() / "cpufreq" / "scaling_governor");
    if (!governor.empty()) found.push_back(governor);
  }
  return found;
}

}  // namespace

std::vector<Check> look_at_machine(const std::string& root) {
  return {look_for("clang", "clang++-" LABYRINTH_LLVM_VERSION, "building targets",
                   "clang-" LABYRINTH_LLVM_VERSION),
          look_for("cmake", "cmake", "building targets", "cmake"),
          look_for("ninja", "ninja", "building targets", "ninja-build"),
          look_for_libfuzzer(),
          look_for_afl(),
          judge_core_pattern(first_line(fs::path(root) / "proc/sys/kernel/core_pattern")),
          judge_governors(governors(root)),
          look_for_cbmc_and_solver(),
          look_for("jq", "jq", "reading what --json prints in scripts", "jq")};
}

}  // namespace labyrinth::tool
