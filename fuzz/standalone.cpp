// A harness as LLVMFuzzerTestOneInput, for what builds fuzzers by the contract of OSS-Fuzz: one program a
// harness, LABYRINTH_HARNESS says which, and
// LABYRINTH_SANITIZED whether its targets have sanitizers. The target is $LABYRINTH_TARGET, else targets/
// beside the program; traces of violations go to $LABYRINTH_FINDINGS, else findings/.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "exit_codes.hpp"
#include "fuzz_setup.hpp"
#include "libfuzzer.hpp"

namespace {

std::unique_ptr<labyrinth::tool::FuzzSetup> setup;

}  // namespace

// The names are libFuzzer's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  labyrinth::tool::FuzzOptions options;
  options.harness = LABYRINTH_HARNESS;
  options.sanitized = LABYRINTH_SANITIZED;
  const char* const findings = std::getenv("LABYRINTH_FINDINGS");
  if (findings != nullptr) options.findings = findings;
  setup = labyrinth::tool::FuzzSetup::make(options);
  if (setup == nullptr) std::exit(labyrinth::tool::kUnreadable);
  labyrinth::fuzz::libfuzzers_harness = &setup->harness();
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  setup->harness().run({data, size});
  return 0;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
