// Hooks of plain and volatile accesses: what clang and g++ call before them under -fsanitize=thread.
//
// The interface is compiler-rt's tsan_interface.h. A plain access is no point of the schedule: between
// data-race-free contexts only synchronisation orders anything, and a race is itself the verdict. A volatile
// one is: it is how C code of kernels writes a relaxed atomic (READ_ONCE, WRITE_ONCE).
#include "access.hpp"
#include "hooks.hpp"

using namespace labyrinth::machine;

namespace {

[[nodiscard]] std::uintptr_t address_of(const void* at) noexcept {
  return reinterpret_cast<std::uintptr_t>(at);
}

// More than half of them are of the own stack: no other question comes before that one.
template <std::uint8_t kSize>
void read_plain(const void* at) noexcept {
  if constexpr (kSize <= 8) {
    if (core.on_own_stack(address_of(at)) || !core.active()) return;
    plain_read_elsewhere(address_of(at), kSize);
  } else {
    read_range(at, kSize);
  }
}

template <std::uint8_t kSize>
void write_plain(const void* at) noexcept {
  if constexpr (kSize <= 8) {
    if (core.on_own_stack(address_of(at)) || !core.active()) return;
    plain_write_slowly(address_of(at), kSize);
  } else {
    write_range(at, kSize);
  }
}

template <std::uint8_t kSize>
[[gnu::always_inline]] inline void read_volatile(const void* at) noexcept {
  for_pieces(address_of(at), kSize, [from = site()](auto... piece) { volatile_read(piece..., from); });
}

template <std::uint8_t kSize>
[[gnu::always_inline]] inline void write_volatile(const void* at) noexcept {
  for_pieces(address_of(at), kSize, [from = site()](auto... piece) { volatile_write(piece..., from); });
}

}  // namespace

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
void __tsan_vptr_read(void** at) { read_plain<8>(at); }
void __tsan_vptr_update(void** at, void*) { write_plain<8>(at); }
void __tsan_read_range(void* at, unsigned long bytes) { read_range(at, bytes); }
void __tsan_write_range(void* at, unsigned long bytes) { write_range(at, bytes); }

void __tsan_read1(void* at) { read_plain<1>(at); }
void __tsan_write1(void* at) { write_plain<1>(at); }
void __tsan_read_write1(void* at) { write_plain<1>(at); }
void __tsan_volatile_read1(void* at) { read_volatile<1>(at); }
void __tsan_volatile_write1(void* at) { write_volatile<1>(at); }

void __tsan_read2(void* at) { read_plain<2>(at); }
void __tsan_write2(void* at) { write_plain<2>(at); }
void __tsan_read_write2(void* at) { write_plain<2>(at); }
void __tsan_volatile_read2(void* at) { read_volatile<2>(at); }
void __tsan_volatile_write2(void* at) { write_volatile<2>(at); }
void __tsan_unaligned_read2(void* at) { read_range(at, 2); }
void __tsan_unaligned_write2(void* at) { write_range(at, 2); }
void __tsan_unaligned_read_write2(void* at) { write_range(at, 2); }
void __tsan_unaligned_volatile_read2(void* at) { read_volatile<2>(at); }
void __tsan_unaligned_volatile_write2(void* at) { write_volatile<2>(at); }

void __tsan_read4(void* at) { read_plain<4>(at); }
void __tsan_write4(void* at) { write_plain<4>(at); }
void __tsan_read_write4(void* at) { write_plain<4>(at); }
void __tsan_volatile_read4(void* at) { read_volatile<4>(at); }
void __tsan_volatile_write4(void* at) { write_volatile<4>(at); }
void __tsan_unaligned_read4(void* at) { read_range(at, 4); }
void __tsan_unaligned_write4(void* at) { write_range(at, 4); }
void __tsan_unaligned_read_write4(void* at) { write_range(at, 4); }
void __tsan_unaligned_volatile_read4(void* at) { read_volatile<4>(at); }
void __tsan_unaligned_volatile_write4(void* at) { write_volatile<4>(at); }

void __tsan_read8(void* at) { read_plain<8>(at); }
void __tsan_write8(void* at) { write_plain<8>(at); }
void __tsan_read_write8(void* at) { write_plain<8>(at); }
void __tsan_volatile_read8(void* at) { read_volatile<8>(at); }
void __tsan_volatile_write8(void* at) { write_volatile<8>(at); }
void __tsan_unaligned_read8(void* at) { read_range(at, 8); }
void __tsan_unaligned_write8(void* at) { write_range(at, 8); }
void __tsan_unaligned_read_write8(void* at) { write_range(at, 8); }
void __tsan_unaligned_volatile_read8(void* at) { read_volatile<8>(at); }
void __tsan_unaligned_volatile_write8(void* at) { write_volatile<8>(at); }

void __tsan_read16(void* at) { read_plain<16>(at); }
void __tsan_write16(void* at) { write_plain<16>(at); }
void __tsan_read_write16(void* at) { write_plain<16>(at); }
void __tsan_volatile_read16(void* at) { read_volatile<16>(at); }
void __tsan_volatile_write16(void* at) { write_volatile<16>(at); }
void __tsan_unaligned_read16(void* at) { read_range(at, 16); }
void __tsan_unaligned_write16(void* at) { write_range(at, 16); }
void __tsan_unaligned_read_write16(void* at) { write_range(at, 16); }
void __tsan_unaligned_volatile_read16(void* at) { read_volatile<16>(at); }
void __tsan_unaligned_volatile_write16(void* at) { write_volatile<16>(at); }

}  // extern "C"
