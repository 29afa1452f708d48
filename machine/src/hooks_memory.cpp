// memcpy, memmove and memset of a target: ranges of plain accesses.
//
// clang calls __tsan_memcpy and its like; g++ leaves plain calls, which labyrinth_add_target() redirects with
// the linker's --wrap.
#include <cstring>

#include "access.hpp"

using namespace labyrinth::machine;

extern "C" {

void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  read_range(from, bytes);
  write_range(to, bytes);
  return std::memmove(to, from, bytes);
}

void* __tsan_memmove(void* to, const void* from, std::size_t bytes) { return __tsan_memcpy(to, from, bytes); }

void* __tsan_memset(void* to, int value, std::size_t bytes) {
  write_range(to, bytes);
  return std::memset(to, value, bytes);
}

void* __wrap_memcpy(void* to, const void* from, std::size_t bytes) { return __tsan_memcpy(to, from, bytes); }
void* __wrap_memmove(void* to, const void* from, std::size_t bytes) { return __tsan_memcpy(to, from, bytes); }
void* __wrap_memset(void* to, int value, std::size_t bytes) { return __tsan_memset(to, value, bytes); }

}  // extern "C"
