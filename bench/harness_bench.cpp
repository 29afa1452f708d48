// What an input costs in a harness, without a fuzzer: traces of sixteen calls on a small machine.
//
//     harness_bench NAME TARGET     prints: NAME, nanoseconds an input, heap allocations in all inputs
//
// The machine is the binary form's own: 64 frames, four contexts on two CPUs. Allocs of orders 0 to 3 and
// frees of what they got; for interleaved, four departures besides.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <variant>

#include "interleaved.hpp"
#include "labyrinth/machine/random.hpp"
#include "sequential.hpp"

namespace {

std::uint64_t heap_allocations = 0;

using Input = std::array<std::uint8_t, 8 + 4 * 20>;

[[nodiscard]] Input draw_input(std::uint64_t& chance) {
  using labyrinth::machine::random_below;
  Input input{};
  for (std::size_t record = 0; record < 20; ++record) {
    std::uint8_t* const bytes = input.data() + 8 + record * 4;
    const bool departs = record >= 16;
    const bool frees = !departs && record != 0 && random_below(chance, 2) == 0;
    const std::uint32_t what = departs ? 10 + random_below(chance, 3) : frees ? 5 : 0;
    bytes[0] = static_cast<std::uint8_t>(what << 4 | random_below(chance, 4));
    bytes[1] = static_cast<std::uint8_t>(random_below(chance, 8));
    bytes[2] = static_cast<std::uint8_t>(random_below(chance, 4));
  }
  return input;
}

}  // namespace

void* operator new(std::size_t bytes) {
  ++heap_allocations;
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
  using namespace labyrinth;
  if (argc != 3) return 64;
  const std::string_view name = argv[1];
  const auto loaded = machine::Target::load(argv[2]);
  const auto* const target = std::get_if<machine::Target>(&loaded);
  if (target == nullptr) {
    std::fprintf(stderr, "harness_bench: %s\n", std::get<std::string>(loaded).c_str());
    return 66;
  }
  const auto stop = [](const fuzz::Find& find) {
    std::fprintf(stderr, "harness_bench: %s\n", find.outcome.violation.reason);
    std::abort();
  };
  std::unique_ptr<fuzz::Harness> harness;
  if (name == "interleaved") harness = std::make_unique<fuzz::Interleaved>(*target, stop);
  if (name == "sequential") harness = std::make_unique<fuzz::Sequential>(*target, stop);
  if (harness == nullptr) return 64;

  std::uint64_t chance = 1;
  std::array<Input, 256> inputs;
  for (Input& input : inputs) input = draw_input(chance);
  using Clock = std::chrono::steady_clock;
  const auto run_all = [&] {
    const auto begin = Clock::now();
    for (const Input& input : inputs) harness->run(input);
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / inputs.size();
  };
  static_cast<void>(run_all());
  heap_allocations = 0;
  // The least of many rounds: others on the machine only add to it.
  double least = 1e18;
  for (int round = 0; round < 500; ++round) least = std::min(least, run_all());
  std::printf("%s %.0f %llu\n", argv[1], least, static_cast<unsigned long long>(heap_allocations));
}
