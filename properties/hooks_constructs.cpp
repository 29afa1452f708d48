// One function per construct of C and C++ that touches memory, for hooks_test.cpp; compiled as targets are,
// with clang and with g++. Each gets 64 bytes of zeroed, aligned memory that nothing else knows of.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#define CONSTRUCT(name) \
  extern "C" __attribute__((visibility("default"))) void construct_##name(unsigned char* at)

namespace {

__extension__ using u128 = unsigned __int128;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// Values leave the constructs through here, without a hook: by the register of an asm statement.
template <class T>
void keep(T value) {
  asm volatile("" : : "r"(value));
}
template <class T>
T* as(unsigned char* at) {
  return reinterpret_cast<T*>(at);
}
template <class T>
std::atomic<T>& atomic(unsigned char* at) {
  return *reinterpret_cast<std::atomic<T>*>(at);
}

struct __attribute__((packed)) Packed {
  u8 before;
  u32 value;
};
struct Big {
  u64 words[6];
};
struct Triple {
  u8 bytes[3];
};
struct Pair {
  u64 first, second;
};

thread_local u32 own_count = 7;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kAcqRel = std::memory_order_acq_rel;

}  // namespace

// Plain accesses.
CONSTRUCT(read1) { keep(*as<u8>(at)); }
CONSTRUCT(read2) { keep(*as<u16>(at)); }
CONSTRUCT(read4) { keep(*as<u32>(at)); }
CONSTRUCT(read8) { keep(*as<u64>(at)); }
CONSTRUCT(read16) {
  const u128 value = *as<u128>(at);
  keep(static_cast<u64>(value));
  keep(static_cast<u64>(value >> 64));
}
CONSTRUCT(write1) { *as<u8>(at) = 1; }
CONSTRUCT(write2) { *as<u16>(at) = 1; }
CONSTRUCT(write4) { *as<u32>(at) = 1; }
CONSTRUCT(write8) { *as<u64>(at) = 1; }
CONSTRUCT(write16) { *as<u128>(at) = 1; }
CONSTRUCT(increment1) { ++*as<u8>(at); }
CONSTRUCT(increment4) { *as<u32>(at) = *as<u32>(at) + 1; }
CONSTRUCT(increment8) { ++*as<u64>(at); }
CONSTRUCT(unaligned_read4) { keep(as<Packed>(at)->value); }
CONSTRUCT(unaligned_write4) { as<Packed>(at)->value = 1; }
CONSTRUCT(unaligned_across) { as<Packed>(at + 5)->value = 1; }
CONSTRUCT(read_bit_field) {
  struct Fields {
    u32 low : 3, high : 29;
  };
  keep(u32{as<Fields>(at)->high});
}

// Volatile accesses.
CONSTRUCT(volatile_read1) { keep(*as<volatile u8>(at)); }
CONSTRUCT(volatile_read4) { keep(*as<volatile u32>(at)); }
CONSTRUCT(volatile_read8) { keep(*as<volatile u64>(at)); }
CONSTRUCT(volatile_write2) { *as<volatile u16>(at) = 1; }
CONSTRUCT(volatile_write8) { *as<volatile u64>(at) = 1; }

// Atomic accesses, C++.
#define ATOMICS(bits)                                                                        \
  CONSTRUCT(load##bits) { keep(atomic<u##bits>(at).load(kAcquire)); }                        \
  CONSTRUCT(store##bits) { atomic<u##bits>(at).store(1, kRelease); }                         \
  CONSTRUCT(exchange##bits) { keep(atomic<u##bits>(at).exchange(1, kAcqRel)); }              \
  CONSTRUCT(add##bits) { keep(atomic<u##bits>(at).fetch_add(3, kRelaxed)); }                 \
  CONSTRUCT(sub##bits) { keep(atomic<u##bits>(at).fetch_sub(1)); }                           \
  CONSTRUCT(and##bits) { keep(atomic<u##bits>(at).fetch_and(1)); }                           \
  CONSTRUCT(or ##bits) { keep(atomic<u##bits>(at).fetch_or(5)); }                            \
  CONSTRUCT(xor##bits) { keep(atomic<u##bits>(at).fetch_xor(6)); }                           \
  CONSTRUCT(nand##bits) { keep(__atomic_fetch_nand(as<u##bits>(at), 1, __ATOMIC_SEQ_CST)); } \
  CONSTRUCT(strong##bits) {                                                                  \
    u##bits expected = 0;                                                                    \
    keep(atomic<u##bits>(at).compare_exchange_strong(expected, 9, kAcqRel, kAcquire));       \
  }                                                                                          \
  CONSTRUCT(strong_fails##bits) {                                                            \
    u##bits expected = 4;                                                                    \
    keep(atomic<u##bits>(at).compare_exchange_strong(expected, 9, kAcqRel, kAcquire));       \
    keep(expected);                                                                          \
  }                                                                                          \
  CONSTRUCT(weak##bits) {                                                                    \
    u##bits expected = 0;                                                                    \
    keep(atomic<u##bits>(at).compare_exchange_weak(expected, 9, kRelease, kRelaxed));        \
  }
ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)

CONSTRUCT(sync_add32) { keep(__sync_fetch_and_add(as<u32>(at), 2)); }
CONSTRUCT(sync_lock32) {
  keep(__sync_lock_test_and_set(as<u32>(at), 1));
  __sync_lock_release(as<u32>(at));
}
CONSTRUCT(sync_strong128) {
  keep(static_cast<u64>(__sync_val_compare_and_swap(as<u128>(at), u128{0}, u128{5})));
}
CONSTRUCT(flag) { keep(reinterpret_cast<std::atomic_flag*>(at)->test_and_set(kAcquire)); }
CONSTRUCT(add_and_fetch32) { keep(__atomic_add_fetch(as<u32>(at), 3, __ATOMIC_RELAXED)); }

// Fences.
CONSTRUCT(thread_fence) {
  std::atomic_thread_fence(kAcqRel);
  keep(at);
}
CONSTRUCT(signal_fence) {
  std::atomic_signal_fence(kAcqRel);
  keep(at);
}

// Ranges.
CONSTRUCT(memcpy20) { std::memcpy(at, at + 32, 20); }
CONSTRUCT(memmove20) { std::memmove(at, at + 32, 20); }
CONSTRUCT(memset20) { std::memset(at, 1, 20); }
CONSTRUCT(memcpy_unknown) {
  std::size_t bytes = 12;
  asm("" : "+r"(bytes));
  std::memcpy(at, at + 32, bytes);
}
CONSTRUCT(memcpy3_of_a_local) {
  u64 local = 0x1234567;
  asm("" : "+r"(local));
  std::memcpy(at + 5, &local, 3);
}
CONSTRUCT(struct_copy3) { *as<Triple>(at + 8) = *as<Triple>(at); }
CONSTRUCT(struct_copy48) {
  unsigned char* to = at + 8;
  asm("" : "+r"(to));
  *as<Big>(to) = *as<Big>(at);
}
CONSTRUCT(struct_copy16) { *as<Pair>(at + 32) = *as<Pair>(at); }
CONSTRUCT(struct_zero48) { *as<Big>(at) = Big{}; }
CONSTRUCT(loop_zero48) {
  for (int i = 0; i < 6; ++i) as<u64>(at)[i] = 0;
}

// Memory that the construct finds itself.
CONSTRUCT(heap) {
  auto* word = static_cast<u32*>(std::malloc(4));
  *word = 5;
  asm volatile("" : : "r"(word) : "memory");
  *as<u32*>(at + 8) = word;
  std::free(word);
}
CONSTRUCT(operator_new) { *as<u32*>(at + 8) = new u32(5); }
CONSTRUCT(thread_local_count) {
  ++own_count;
  *as<u32>(at) = own_count;
}
CONSTRUCT(own_stack) {
  u32 local[4];
  u32* alias = local;
  asm volatile("" : "+r"(alias) : : "memory");  // or the accesses would be optimised away
  alias[1] = 5;
  keep(alias[1]);
  keep(at);
}
