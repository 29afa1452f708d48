// Where a target's coverage counters register themselves when no fuzzer is linked in; libFuzzer's win if it
// is.
#include <cstdint>

extern "C" {

__attribute__((weak)) void __sanitizer_cov_8bit_counters_init(char*, char*) {}
__attribute__((weak)) void __sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}

}  // extern "C"
