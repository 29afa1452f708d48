// Mutator and crossover as libFuzzer looks for them, by name (its documentation: "Structure-Aware Fuzzing").
// Half of the mutations are libFuzzer's own, of bytes: they reach what no edit draws, such as other machines,
// and use its dictionaries.
#include <span>

#include "libfuzzer.hpp"
#include "mutate.hpp"

namespace labyrinth::fuzz {

Harness* libfuzzers_harness = nullptr;

}  // namespace labyrinth::fuzz

extern "C" {

// Other engines that link LLVMFuzzerTestOneInput have no such function, and call no mutator.
[[gnu::weak]] std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  auto* const harness = labyrinth::fuzz::libfuzzers_harness;
  if (harness != nullptr && (seed & 1U) != 0) {
    const std::size_t mutated =
        labyrinth::fuzz::mutate({data, max_size}, size, harness->machine(), std::uint64_t{seed});
    if (mutated != 0) return mutated;
  }
  return &LLVMFuzzerMutate != nullptr ? LLVMFuzzerMutate(data, size, max_size) : size;
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                      const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                      std::size_t max_size, unsigned seed) {
  return labyrinth::fuzz::cross({one, one_size}, {other, other_size}, {out, max_size}, std::uint64_t{seed});
}

}  // extern "C"
