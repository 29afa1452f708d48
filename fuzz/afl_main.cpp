// labyrinth_afl: AFL++ as a front end of the harnesses.
//
//     afl-fuzz -i SEEDS -o OUT -- labyrinth_afl --harness interleaved --target X.so --findings DIR
//
// A program of its own: AFL++'s run-time defines names that libFuzzer, which is in `labyrinth`, defines, too,
// and its constructors look for afl-fuzz at every start. Deferred: the fork server starts once the target is
// loaded. Persistent: one process runs many test cases, which come in shared memory.
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "afl_runtime.hpp"
#include "executions.hpp"
#include "exit_codes.hpp"
#include "fuzz_setup.hpp"
#include "labyrinth/machine/coverage.hpp"

// afl-fuzz looks for the first two in the file, and so learns what the program does; the run-time looks at
// the third.
extern "C" {
[[gnu::used]] const char labyrinth_afl_persistent[] = "##SIG_AFL_PERSISTENT##";
[[gnu::used]] const char labyrinth_afl_deferred[] = "##SIG_AFL_DEFER_FORKSRV##";
int __afl_sharedmem_fuzzing = 1;  // NOLINT(readability-identifier-naming)
}

namespace labyrinth::tool {
namespace {

/// The run-time writes into the map's first byte.
constexpr std::size_t kMapBegin = 64;
/// After so many test cases afl-fuzz gets a new process.
constexpr unsigned kTestCases = 100'000;

[[nodiscard]] std::size_t map_bytes() noexcept {
  std::size_t bytes = kMapBegin;
  for (const auto range : machine::coverage()) bytes += range.size();
  return (bytes + 63) / 64 * 64;
}

/// Into afl-fuzz's map: of each counter the largest value that an execution of this test case had, so that
/// several executions look like one.
void collect_coverage() noexcept {
  std::uint8_t* to = __afl_area_ptr + kMapBegin;
  for (const auto range : machine::coverage()) {
    std::uint8_t* const from = range.data();
    for (std::size_t i = 0; i < range.size(); ++i) {
      to[i] = std::max(to[i], from[i]);
      from[i] = 0;
    }
    to += range.size();
  }
}

void run_test_case(fuzz::Harness& harness, std::span<const std::uint8_t> input, unsigned near) noexcept {
  harness.run(input);
  fuzz::count_execution();
  collect_coverage();
  for (unsigned i = 0; i < near && harness.run_near(i); ++i) {
    fuzz::count_execution();
    collect_coverage();
  }
}

/// Without afl-fuzz: what the files hold, one test case each, as afl-fuzz would run them.
[[nodiscard]] int run_files(fuzz::Harness& harness, const std::vector<std::string>& files, unsigned near) {
  std::vector<std::uint8_t> no_map(map_bytes());
  __afl_area_ptr = no_map.data();
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) {
      std::fprintf(stderr, "labyrinth_afl: %s cannot be read\n", path.c_str());
      return kUnreadable;
    }
    run_test_case(harness, bytes, near);
    std::printf("%s: clean\n", path.c_str());
  }
  return kClean;
}

[[nodiscard]] int run(int argc, char** argv) {
  CLI::App app{
      "Runs a harness for AFL++.\n"
      "  afl-fuzz -i SEEDS -o OUT -- labyrinth_afl --target X.so --findings DIR\n"
      "  labyrinth_afl --target X.so --findings DIR OUT/default/crashes/id*    what afl-fuzz has kept, "
      "again\n"
      "A violation is saved as a trace, as `labyrinth fuzz` does, and then the process aborts."};
  FuzzOptions options;
  options.engine = "afl";
  std::vector<std::string> files;
  unsigned near = fuzz::kNear;
  app.add_option("--harness", options.harness, "What is made of an input; docs/harnesses.md")
      ->check(CLI::IsMember(harness_names()))
      ->capture_default_str();
  app.add_option("--target", options.target, "What is put under test (default: the reference allocator)");
  app.add_option("--against", options.against,
                 "For differential: the other target (default: the reference allocator)");
  app.add_option("--findings", options.findings, "Where traces of violations are saved")
      ->capture_default_str();
  app.add_option(
         "--near", near,
         "Executions of each test case besides its own, under schedules near it: afl-fuzz's part in a "
         "test case takes as long as ten")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Tell findings in JSON");
  app.add_option("files", files, "Without afl-fuzz: test cases to run");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kClean : kBadUsage;
  }
  options.findings = std::filesystem::absolute(options.findings);
  const auto setup = FuzzSetup::make(options);
  if (setup == nullptr) return kUnreadable;
  fuzz::Harness& harness = setup->harness();
  if (!files.empty()) return run_files(harness, files, near);

  setup->keep_aside();
  __afl_map_size = static_cast<std::uint32_t>(map_bytes());
  fuzz::share_executions();  // Before the fork server: its children count on.
  __afl_manual_init();
  if (__afl_fuzz_ptr == nullptr) {
    std::fprintf(stderr,
                 "labyrinth_afl: name test cases to run, or let afl-fuzz start this program: "
                 "afl-fuzz -i SEEDS -o OUT -- labyrinth_afl ...\n");
    return kBadUsage;
  }
  // Here this is the fork server's child, and stopped whenever it waits for a test case: where afl-fuzz is
  // killed then, the fork server ends, and nobody would wake its child again.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (__afl_persistent_loop(kTestCases) != 0)
    run_test_case(harness, {__afl_fuzz_ptr, *__afl_fuzz_len}, near);
  return kClean;
}

}  // namespace
}  // namespace labyrinth::tool

int main(int argc, char** argv) {
  try {
    return labyrinth::tool::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "labyrinth_afl: %s\n", error.what());
    return labyrinth::tool::kInconclusive;
  }
}
