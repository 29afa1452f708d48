// The calls that -fsanitize=thread puts before or in place of memory accesses. The allocator is compiled with
// that flag and linked without it, so that they end here. Plain accesses are none of its steps.
#include "object_hooks.hpp"

#include <cstddef>
#include <cstring>

namespace labyrinth::test {

AccessHook access_hook;

namespace {

void stop() {
  if (!access_hook.is_on) return;
  ++access_hook.accesses;
  if (access_hook.interrupt != nullptr) access_hook.interrupt();
}

// Real threads do not come here: an interrupt is a nested call. So any order will do.
template <typename T>
T load(const volatile T* a) {
  stop();
  return *a;
}
template <typename T>
T change(volatile T* a, T (*to)(T, T), T v) {
  stop();
  const T old = *a;
  *a = to(old, v);
  return old;
}
template <typename T>
T exchange_if(volatile T* a, T expected, T desired) {
  stop();
  const T old = *a;
  if (old == expected) *a = desired;
  return old;
}
template <typename T>
int exchange_if_strong(volatile T* a, T* expected, T desired) {
  const T wanted = *expected;
  *expected = exchange_if(a, wanted, desired);
  return *expected == wanted ? 1 : 0;
}
template <typename T>
constexpr auto kSet = +[](T, T v) { return v; };
template <typename T>
constexpr auto kAdd = +[](T old, T v) { return old + v; };
template <typename T>
constexpr auto kSub = +[](T old, T v) { return old - v; };
template <typename T>
constexpr auto kAnd = +[](T old, T v) { return old & v; };
template <typename T>
constexpr auto kOr = +[](T old, T v) { return old | v; };

using U32 = std::uint32_t;
using U64 = std::uint64_t;

}  // namespace
}  // namespace labyrinth::test

// Names and signatures are the compilers'.
using namespace labyrinth::test;
extern "C" {
U32 __tsan_atomic32_load(const volatile U32* a, int) { return load(a); }
U64 __tsan_atomic64_load(const volatile U64* a, int) { return load(a); }
void __tsan_atomic32_store(volatile U32* a, U32 v, int) { change(a, kSet<U32>, v); }
void __tsan_atomic64_store(volatile U64* a, U64 v, int) { change(a, kSet<U64>, v); }
U32 __tsan_atomic32_exchange(volatile U32* a, U32 v, int) { return change(a, kSet<U32>, v); }
U64 __tsan_atomic64_exchange(volatile U64* a, U64 v, int) { return change(a, kSet<U64>, v); }
U32 __tsan_atomic32_fetch_add(volatile U32* a, U32 v, int) { return change(a, kAdd<U32>, v); }
U64 __tsan_atomic64_fetch_add(volatile U64* a, U64 v, int) { return change(a, kAdd<U64>, v); }
U32 __tsan_atomic32_fetch_sub(volatile U32* a, U32 v, int) { return change(a, kSub<U32>, v); }
U64 __tsan_atomic64_fetch_sub(volatile U64* a, U64 v, int) { return change(a, kSub<U64>, v); }
U32 __tsan_atomic32_fetch_and(volatile U32* a, U32 v, int) { return change(a, kAnd<U32>, v); }
U64 __tsan_atomic64_fetch_and(volatile U64* a, U64 v, int) { return change(a, kAnd<U64>, v); }
U32 __tsan_atomic32_fetch_or(volatile U32* a, U32 v, int) { return change(a, kOr<U32>, v); }
U64 __tsan_atomic64_fetch_or(volatile U64* a, U64 v, int) { return change(a, kOr<U64>, v); }
U32 __tsan_atomic32_compare_exchange_val(volatile U32* a, U32 e, U32 d, int, int) {
  return exchange_if(a, e, d);
}
U64 __tsan_atomic64_compare_exchange_val(volatile U64* a, U64 e, U64 d, int, int) {
  return exchange_if(a, e, d);
}
int __tsan_atomic32_compare_exchange_strong(volatile U32* a, U32* e, U32 d, int, int) {
  return exchange_if_strong(a, e, d);
}
int __tsan_atomic64_compare_exchange_strong(volatile U64* a, U64* e, U64 d, int, int) {
  return exchange_if_strong(a, e, d);
}

void* __tsan_memcpy(void* to, const void* from, std::size_t size) { return std::memcpy(to, from, size); }
void* __tsan_memmove(void* to, const void* from, std::size_t size) { return std::memmove(to, from, size); }
void* __tsan_memset(void* to, int value, std::size_t size) { return std::memset(to, value, size); }
void __tsan_atomic_signal_fence(int) {}
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
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
void __tsan_read_range(void*, std::size_t) {}
void __tsan_write_range(void*, std::size_t) {}
void __tsan_unaligned_read2(const void*) {}
void __tsan_unaligned_read4(const void*) {}
void __tsan_unaligned_read8(const void*) {}
void __tsan_unaligned_read16(const void*) {}
void __tsan_unaligned_write2(void*) {}
void __tsan_unaligned_write4(void*) {}
void __tsan_unaligned_write8(void*) {}
void __tsan_unaligned_write16(void*) {}
}
