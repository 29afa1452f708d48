// The loop that libFuzzer makes of a harness.
#include "libfuzzer.hpp"

#include "executions.hpp"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

namespace labyrinth::fuzz {

int run_libfuzzer(int argc, char** argv, Harness& harness) {
  libfuzzers_harness = &harness;
  share_executions();
  return LLVMFuzzerRunDriver(&argc, &argv, [](const std::uint8_t* data, std::size_t size) {
    count_execution();
    libfuzzers_harness->run({data, size});
    return 0;
  });
}

}  // namespace labyrinth::fuzz
