// The yardstick of the machine: the same program on the same target, with hooks that do nothing but switch
// fibers.
//
// Two fibers, each alloc, free, alloc; at each atomic access the other one goes on. No clocks, no checker, no
// schedule, no undoing but a free: what is left are the target's own instructions, the calls of its hooks,
// and the bare switches.
#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/context/detail/fcontext.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "labyrinth/machine/target.h"

namespace {

namespace context = boost::context::detail;

constexpr std::size_t kStackBytes = 65536;
constexpr int kCaller = 2;

context::fcontext_t saved[3];
alignas(64) std::byte stacks[2][kStackBytes];
bool alive[2];
bool running = false;
int current = kCaller;
std::uint64_t switches = 0;
const struct labyrinth_target* target = nullptr;
void* self = nullptr;

void go(int to) {
  const int from = current;
  current = to;
  ++switches;
  const context::transfer_t back =
      context::jump_fcontext(saved[to], reinterpret_cast<void*>(std::intptr_t{from}));
  saved[reinterpret_cast<std::intptr_t>(back.data)] = back.fctx;
  current = from;
}

void point() {
  if (running && alive[1 - current]) go(1 - current);
}

void body(context::transfer_t from) {
  saved[reinterpret_cast<std::intptr_t>(from.data)] = from.fctx;
  labyrinth_target_answer answer{}, ignored{};
  target->alloc(self, LABYRINTH_TARGET_HIGH | LABYRINTH_TARGET_KSWAPD_RECLAIM, 0, &answer);
  target->free(self, answer.pfn, 0, &ignored);
  target->alloc(self, LABYRINTH_TARGET_HIGH | LABYRINTH_TARGET_KSWAPD_RECLAIM, 0, &answer);
  alive[current] = false;
  running = false;
  target->free(self, answer.pfn, 0, &ignored);
  running = true;
  if (alive[1 - current]) go(1 - current);
  go(kCaller);
}

template <class T>
T load(const volatile T* at) {
  point();
  return *at;
}

template <class T, class Change>
T modify(volatile T* at, Change change) {
  point();
  const T before = *at;
  *at = change(before);
  return before;
}

}  // namespace

extern "C" {

using Word32 = std::uint32_t;
using Word64 = std::uint64_t;

void __tsan_init() {}
void __tsan_read1(void*) {}
void __tsan_read2(void*) {}
void __tsan_read4(void*) {}
void __tsan_read8(void*) {}
void __tsan_read16(void*) {}
void __tsan_write1(void*) {}
void __tsan_write2(void*) {}
void __tsan_write4(void*) {}
void __tsan_write8(void*) {}
void __tsan_write16(void*) {}
void __tsan_unaligned_read8(void*) {}
void __tsan_unaligned_write8(void*) {}
void __tsan_unaligned_read16(void*) {}
void __tsan_unaligned_write16(void*) {}
void* __tsan_memset(void* to, int value, std::size_t bytes) { return std::memset(to, value, bytes); }
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) { return std::memcpy(to, from, bytes); }
void* __wrap_memset(void* to, int value, std::size_t bytes) { return std::memset(to, value, bytes); }
void* __wrap_memcpy(void* to, const void* from, std::size_t bytes) { return std::memcpy(to, from, bytes); }

Word32 __tsan_atomic32_load(const volatile Word32* at, int) { return load(at); }
void __tsan_atomic32_store(volatile Word32* at, Word32 value, int) {
  modify(at, [=](Word32) { return value; });
}
Word32 __tsan_atomic32_fetch_add(volatile Word32* at, Word32 value, int) {
  return modify(at, [=](Word32 old) { return old + value; });
}
Word32 __tsan_atomic32_fetch_sub(volatile Word32* at, Word32 value, int) {
  return modify(at, [=](Word32 old) { return old - value; });
}
Word64 __tsan_atomic64_load(const volatile Word64* at, int) { return load(at); }
void __tsan_atomic64_store(volatile Word64* at, Word64 value, int) {
  modify(at, [=](Word64) { return value; });
}
Word64 __tsan_atomic64_fetch_add(volatile Word64* at, Word64 value, int) {
  return modify(at, [=](Word64 old) { return old + value; });
}
Word64 __tsan_atomic64_fetch_sub(volatile Word64* at, Word64 value, int) {
  return modify(at, [=](Word64 old) { return old - value; });
}
Word64 __tsan_atomic64_fetch_and(volatile Word64* at, Word64 value, int) {
  return modify(at, [=](Word64 old) { return old & value; });
}
Word64 __tsan_atomic64_fetch_or(volatile Word64* at, Word64 value, int) {
  return modify(at, [=](Word64 old) { return old | value; });
}
Word64 __tsan_atomic64_compare_exchange_val(volatile Word64* at, Word64 expected, Word64 desired, int, int) {
  return modify(at, [=](Word64 old) { return old == expected ? desired : old; });
}

Word32 __tsan_atomic32_exchange(volatile Word32* at, Word32 value, int) {
  return modify(at, [=](Word32) { return value; });
}
Word32 __tsan_atomic32_compare_exchange_val(volatile Word32* at, Word32 expected, Word32 desired, int, int) {
  return modify(at, [=](Word32 old) { return old == expected ? desired : old; });
}
void __tsan_atomic_signal_fence(int) {}

void __wrap___sanitizer_cov_8bit_counters_init(char*, char*) {}
void __wrap___sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}
std::uint32_t labyrinth_machine_level() { return 0; }
std::uint32_t labyrinth_machine_cpu() {
  return current == kCaller ? 0U : static_cast<std::uint32_t>(current);
}
bool labyrinth_machine_may_sleep() { return true; }
// What the program here never comes to: requests that wait, and a void that is unmapped.
std::uint32_t labyrinth_machine_context() { return 0; }
void labyrinth_machine_preempt_disable() {}
void labyrinth_machine_preempt_enable() {}
void labyrinth_machine_sleep() {}
void labyrinth_machine_unmap(std::uint64_t, std::uint64_t) {}
void labyrinth_machine_remap(std::uint64_t, std::uint64_t) {}
std::uint64_t labyrinth_machine_shrink(std::uint64_t) { return 0; }
bool labyrinth_machine_set_reclaiming(bool) { return false; }
void labyrinth_machine_wake() {}
void labyrinth_machine_wait() {}

}  // extern "C"

int main(int argc, char** argv) {
  void* const library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : nullptr;
  if (library == nullptr) {
    fmt::print(stderr, "usage: bare_run TARGET.so  ({})\n", argc == 2 ? dlerror() : "one argument");
    return 64;
  }
  using Entry = const struct labyrinth_target* (*)();
  target = reinterpret_cast<Entry>(dlsym(library, "labyrinth_target_entry"))();
  labyrinth_target_geometry geometry{};
  geometry.frames = 64;
  geometry.zones[LABYRINTH_TARGET_ZONE_NORMAL] = {64, 4, 6, 8, 0, 0, 0};
  geometry.max_order = 10;
  geometry.cpus = 2;
  alignas(64) static std::byte state[65536];
  self = target->create(&geometry, state, nullptr);
  constexpr int kRuns = 1'000'000;
  const auto begin = std::chrono::steady_clock::now();
  for (int run = 0; run < kRuns; ++run) {
    for (int fiber = 0; fiber < 2; ++fiber) {
      alive[fiber] = true;
      saved[fiber] = context::make_fcontext(stacks[fiber] + kStackBytes, kStackBytes, body);
    }
    running = true;
    go(0);
    running = false;
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{:.1f} {:.1f}\n", took.count() / kRuns, static_cast<double>(switches) / kRuns);
}
