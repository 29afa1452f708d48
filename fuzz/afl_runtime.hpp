// AFL++'s run-time, /usr/lib/afl/afl-compiler-rt.o, as AFL++'s instrumentation/README.persistent_mode.md has
// it for C. Its names are AFL++'s.
#pragma once

#include <cstdint>

// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

/// Where afl-fuzz reads what an execution covered; shared with it after __afl_manual_init().
extern std::uint8_t* __afl_area_ptr;
/// Bytes of it; told to afl-fuzz by __afl_manual_init().
extern std::uint32_t __afl_map_size;
/// The test case, in shared memory; null outside of afl-fuzz.
extern std::uint8_t* __afl_fuzz_ptr;
extern std::uint32_t* __afl_fuzz_len;

/// Start the fork server here (deferred): what follows is in a child for each batch of test cases.
void __afl_manual_init();
/// Wait for the next test case. 0 after `count` of them: then the process is to exit.
int __afl_persistent_loop(unsigned count);

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
