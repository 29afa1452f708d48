// The loop that libFuzzer makes of a harness.
#include "libfuzzer.hpp"

#include <span>

#include "executions.hpp"
#include "mutate.hpp"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace labyrinth::fuzz {
namespace {

/// libFuzzer's callbacks carry no context.
Harness* harness = nullptr;

}  // namespace

int run_libfuzzer(int argc, char** argv, Harness& used) {
  harness = &used;
  share_executions();
  return LLVMFuzzerRunDriver(&argc, &argv, [](const std::uint8_t* data, std::size_t size) {
    count_execution();
    harness->run({data, size});
    return 0;
  });
}

}  // namespace labyrinth::fuzz

// libFuzzer looks for these by name (its documentation: "Structure-Aware Fuzzing"). Half of the mutations are
// libFuzzer's own, of bytes: they reach what no edit draws, such as other machines, and use its dictionaries.
extern "C" {

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  using labyrinth::fuzz::harness;
  if (harness != nullptr && (seed & 1U) != 0) {
    const std::size_t mutated =
        labyrinth::fuzz::mutate({data, max_size}, size, harness->machine(), std::uint64_t{seed});
    if (mutated != 0) return mutated;
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                      const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                      std::size_t max_size, unsigned seed) {
  return labyrinth::fuzz::cross({one, one_size}, {other, other_size}, {out, max_size}, std::uint64_t{seed});
}

}  // extern "C"
