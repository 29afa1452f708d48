// Hooks of atomic accesses and fences: what clang and g++ call for them under -fsanitize=thread.
//
// The interface is compiler-rt's tsan_interface_atomic.h; orders come as memory_order's values, relaxed 0 to
// seq_cst 5. The machine runs on one host thread, so an access here is a plain one; its place among the
// others was decided at point().
#include <type_traits>

#include "access.hpp"
#include "hooks.hpp"
#include "hooks_rc11.hpp"

namespace labyrinth::machine {
namespace {

__extension__ using Wide = unsigned __int128;

/// Applies `track(cell)` to the location, in halves of eight bytes.
template <class T, class Track>
void each_cell(const volatile T* at, Track track) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if constexpr (sizeof(T) <= 8) {
    track(cell_at(address, sizeof(T)));
  } else {
    track(cell_at(address, 8));
    track(cell_at(address + 8, 8));
  }
}

template <class T>
[[nodiscard, gnu::always_inline]] inline Coming coming(const volatile T* at, bool may_write) noexcept {
  return {reinterpret_cast<std::uintptr_t>(at), sizeof(T), may_write, site()};
}

template <class T>
void observe(AccessKind kind, const volatile T* at, int order, T before, T after,
             bool succeeded = true) noexcept {
  if (core.observer == nullptr) [[likely]]
    return;
  core.observer->on_access({kind, sizeof(T), order, false, succeeded, reinterpret_cast<std::uintptr_t>(at),
                            static_cast<std::uint64_t>(before), static_cast<std::uint64_t>(after)});
}

template <class T>
[[gnu::always_inline]] inline T load(const volatile T* at, int order) noexcept {
  if (!core.active()) return *at;
  if (core.rc11) [[unlikely]]
    return rc11_load(at, order, coming(at, false));
  core.point(coming(at, false));
  each_cell(at, [order](Cell& cell) {
    meet_others(cell, false);
    atomic_read(cell, order);
  });
  const T value = *at;
  observe(AccessKind::kLoad, at, order, value, value);
  return value;
}

template <class T>
[[gnu::always_inline]] inline void store(volatile T* at, T value, int order) noexcept {
  if (core.active()) {
    if (core.rc11) [[unlikely]]
      return rc11_store(at, value, order, coming(at, true));
    core.point(coming(at, true));
    each_cell(at, [order](Cell& cell) {
      meet_others(cell, true);
      atomic_write(cell, order, false);
    });
    observe<T>(AccessKind::kStore, at, order, *at, value);
  }
  *at = value;
}

template <class T, class Change>
[[gnu::always_inline]] inline T modify(AccessKind kind, volatile T* at, int order, Change change) noexcept {
  if (core.active()) {
    if (core.rc11) [[unlikely]]
      return rc11_modify(kind, at, order, change, coming(at, true));
    core.point(coming(at, true));
    each_cell(at, [order](Cell& cell) {
      meet_others(cell, true);
      atomic_read(cell, order);
      atomic_write(cell, order, true);
    });
  }
  const T before = *at;
  const T after = change(before);
  *at = after;
  if (core.active()) observe(kind, at, order, before, after);
  return before;
}

/// `weak`: may fail although the values agree, if the strategy says so.
template <class T>
[[gnu::always_inline]] inline bool compare_exchange(volatile T* at, T* expected, T desired, int order,
                                                    int failure, bool weak) noexcept {
  if (!core.active()) {
    if (*at == *expected) {
      *at = desired;
      return true;
    }
    *expected = *at;
    return false;
  }
  if (core.rc11) [[unlikely]]
    return rc11_compare_exchange(at, expected, desired, order, failure, weak, coming(at, true));
  if (weak) core.now->weak = true;
  core.point(coming(at, true));
  const bool spurious = weak && core.now->spurious;
  if (weak) core.now->weak = core.now->spurious = false;
  const T before = *at;
  const bool success = before == *expected && !spurious;
  each_cell(at, [&](Cell& cell) {
    meet_others(cell, success);
    atomic_read(cell, success ? order : failure);
    if (success) atomic_write(cell, order, true);
  });
  if (success) {
    *at = desired;
  } else {
    *expected = before;
  }
  observe<T>(AccessKind::kCompareExchange, at, success ? order : failure, before, success ? desired : before,
             success);
  return success;
}

template <class T>
[[gnu::always_inline]] inline T compare_exchange_value(volatile T* at, T expected, T desired, int order,
                                                       int failure) noexcept {
  T seen = expected;
  compare_exchange(at, &seen, desired, order, failure, false);
  return seen;
}

template <class T>
T narrow(auto value) noexcept {
  return static_cast<T>(value);
}

}  // namespace

/// The value of a store is not known yet: the access follows its hook.
static void observe_volatile(AccessKind kind, std::uintptr_t address, std::uint8_t size) noexcept {
  if (core.observer == nullptr) [[likely]]
    return;
  std::uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), size);
  core.observer->on_access({kind, size, 0, true, true, address, value, value});
}

void volatile_read(std::uintptr_t address, std::uint8_t size, std::uint32_t site) noexcept {
  if (!core.active()) return;
  core.point({address, size, false, site});
  Cell& cell = cell_at(address, size);
  meet_others(cell, false);
  atomic_read(cell, 0);
  observe_volatile(AccessKind::kLoad, address, size);
}

void volatile_write(std::uintptr_t address, std::uint8_t size, std::uint32_t site) noexcept {
  if (!core.active()) return;
  core.point({address, size, true, site});
  Cell& cell = cell_at(address, size);
  meet_others(cell, true);
  atomic_write(cell, 0, false);
  observe_volatile(AccessKind::kStore, address, size);
}

}  // namespace labyrinth::machine

using namespace labyrinth::machine;

extern "C" {

std::uint8_t __tsan_atomic8_load(const volatile std::uint8_t* at, int order) { return load(at, order); }
void __tsan_atomic8_store(volatile std::uint8_t* at, std::uint8_t value, int order) {
  store(at, value, order);
}
std::uint8_t __tsan_atomic8_exchange(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kExchange, at, order, [=](std::uint8_t) { return value; });
}
std::uint8_t __tsan_atomic8_fetch_add(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kAdd, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(old + value); });
}
std::uint8_t __tsan_atomic8_fetch_sub(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kSub, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(old - value); });
}
std::uint8_t __tsan_atomic8_fetch_and(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kAnd, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(old & value); });
}
std::uint8_t __tsan_atomic8_fetch_or(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kOr, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(old | value); });
}
std::uint8_t __tsan_atomic8_fetch_xor(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kXor, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(old ^ value); });
}
std::uint8_t __tsan_atomic8_fetch_nand(volatile std::uint8_t* at, std::uint8_t value, int order) {
  return modify(AccessKind::kNand, at, order,
                [=](std::uint8_t old) { return narrow<std::uint8_t>(~(old & value)); });
}
int __tsan_atomic8_compare_exchange_strong(volatile std::uint8_t* at, std::uint8_t* expected,
                                           std::uint8_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;
}
int __tsan_atomic8_compare_exchange_weak(volatile std::uint8_t* at, std::uint8_t* expected,
                                         std::uint8_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;
}
std::uint8_t __tsan_atomic8_compare_exchange_val(volatile std::uint8_t* at, std::uint8_t expected,
                                                 std::uint8_t desired, int order, int failure) {
  return compare_exchange_value(at, expected, desired, order, failure);
}

std::uint16_t __tsan_atomic16_load(const volatile std::uint16_t* at, int order) { return load(at, order); }
void __tsan_atomic16_store(volatile std::uint16_t* at, std::uint16_t value, int order) {
  store(at, value, order);
}
std::uint16_t __tsan_atomic16_exchange(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kExchange, at, order, [=](std::uint16_t) { return value; });
}
std::uint16_t __tsan_atomic16_fetch_add(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kAdd, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(old + value); });
}
std::uint16_t __tsan_atomic16_fetch_sub(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kSub, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(old - value); });
}
std::uint16_t __tsan_atomic16_fetch_and(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kAnd, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(old & value); });
}
std::uint16_t __tsan_atomic16_fetch_or(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kOr, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(old | value); });
}
std::uint16_t __tsan_atomic16_fetch_xor(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kXor, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(old ^ value); });
}
std::uint16_t __tsan_atomic16_fetch_nand(volatile std::uint16_t* at, std::uint16_t value, int order) {
  return modify(AccessKind::kNand, at, order,
                [=](std::uint16_t old) { return narrow<std::uint16_t>(~(old & value)); });
}
int __tsan_atomic16_compare_exchange_strong(volatile std::uint16_t* at, std::uint16_t* expected,
                                            std::uint16_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;
}
int __tsan_atomic16_compare_exchange_weak(volatile std::uint16_t* at, std::uint16_t* expected,
                                          std::uint16_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;
}
std::uint16_t __tsan_atomic16_compare_exchange_val(volatile std::uint16_t* at, std::uint16_t expected,
                                                   std::uint16_t desired, int order, int failure) {
  return compare_exchange_value(at, expected, desired, order, failure);
}

std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* at, int order) { return load(at, order); }
void __tsan_atomic32_store(volatile std::uint32_t* at, std::uint32_t value, int order) {
  store(at, value, order);
}
std::uint32_t __tsan_atomic32_exchange(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kExchange, at, order, [=](std::uint32_t) { return value; });
}
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kAdd, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(old + value); });
}
std::uint32_t __tsan_atomic32_fetch_sub(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kSub, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(old - value); });
}
std::uint32_t __tsan_atomic32_fetch_and(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kAnd, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(old & value); });
}
std::uint32_t __tsan_atomic32_fetch_or(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kOr, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(old | value); });
}
std::uint32_t __tsan_atomic32_fetch_xor(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kXor, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(old ^ value); });
}
std::uint32_t __tsan_atomic32_fetch_nand(volatile std::uint32_t* at, std::uint32_t value, int order) {
  return modify(AccessKind::kNand, at, order,
                [=](std::uint32_t old) { return narrow<std::uint32_t>(~(old & value)); });
}
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t* at, std::uint32_t* expected,
                                            std::uint32_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;
}
int __tsan_atomic32_compare_exchange_weak(volatile std::uint32_t* at, std::uint32_t* expected,
                                          std::uint32_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;
}
std::uint32_t __tsan_atomic32_compare_exchange_val(volatile std::uint32_t* at, std::uint32_t expected,
                                                   std::uint32_t desired, int order, int failure) {
  return compare_exchange_value(at, expected, desired, order, failure);
}

std::uint64_t __tsan_atomic64_load(const volatile std::uint64_t* at, int order) { return load(at, order); }
void __tsan_atomic64_store(volatile std::uint64_t* at, std::uint64_t value, int order) {
  store(at, value, order);
}
std::uint64_t __tsan_atomic64_exchange(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kExchange, at, order, [=](std::uint64_t) { return value; });
}
std::uint64_t __tsan_atomic64_fetch_add(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kAdd, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(old + value); });
}
std::uint64_t __tsan_atomic64_fetch_sub(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kSub, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(old - value); });
}
std::uint64_t __tsan_atomic64_fetch_and(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kAnd, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(old & value); });
}
std::uint64_t __tsan_atomic64_fetch_or(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kOr, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(old | value); });
}
std::uint64_t __tsan_atomic64_fetch_xor(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kXor, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(old ^ value); });
}
std::uint64_t __tsan_atomic64_fetch_nand(volatile std::uint64_t* at, std::uint64_t value, int order) {
  return modify(AccessKind::kNand, at, order,
                [=](std::uint64_t old) { return narrow<std::uint64_t>(~(old & value)); });
}
int __tsan_atomic64_compare_exchange_strong(volatile std::uint64_t* at, std::uint64_t* expected,
                                            std::uint64_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;
}
int __tsan_atomic64_compare_exchange_weak(volatile std::uint64_t* at, std::uint64_t* expected,
                                          std::uint64_t desired, int order, int failure) {
  return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;
}
std::uint64_t __tsan_atomic64_compare_exchange_val(volatile std::uint64_t* at, std::uint64_t expected,
                                                   std::uint64_t desired, int order, int failure) {
  return compare_exchange_value(at, expected, desired, order, failure);
}

Wide __tsan_atomic128_load(const volatile Wide* at, int order) { return load(at, order); }
void __tsan_atomic128_store(volatile Wide* at, Wide value, int order) { store(at, value, order); }
Wide __tsan_atomic128_exchange(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kExchange, at, order, [=](Wide) { return value; });
}
Wide __tsan_atomic128_fetch_add(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kAdd, at, order, [=](Wide old) { return narrow<Wide>(old + value); });
}
Wide __tsan_atomic128_fetch_sub(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kSub, at, order, [=](Wide old) { return narrow<Wide>(old - value); });
}
Wide __tsan_atomic128_fetch_and(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kAnd, at, order, [=](Wide old) { return narrow<Wide>(old & value); });
}
Wide __tsan_atomic128_fetch_or(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kOr, at, order, [=](Wide old) { return narrow<Wide>(old | value); });
}
Wide __tsan_atomic128_fetch_xor(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kXor, at, order, [=](Wide old) { return narrow<Wide>(old ^ value); });
}
Wide __tsan_atomic128_fetch_nand(volatile Wide* at, Wide value, int order) {
  return modify(AccessKind::kNand, at, order, [=](Wide old) { return narrow<Wide>(~(old & value)); });
}
int __tsan_atomic128_compare_exchange_strong(volatile Wide* at, Wide* expected, Wide desired, int order,
                                             int failure) {
  return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;
}
int __tsan_atomic128_compare_exchange_weak(volatile Wide* at, Wide* expected, Wide desired, int order,
                                           int failure) {
  return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;
}
Wide __tsan_atomic128_compare_exchange_val(volatile Wide* at, Wide expected, Wide desired, int order,
                                           int failure) {
  return compare_exchange_value(at, expected, desired, order, failure);
}

void __tsan_atomic_thread_fence(int order) {
  if (!core.active()) return;
  Running& me = *core.now;
  if (acquires(order)) {
    me.clock.join(me.to_acquire);
    me.clock.join(me.signal_to_acquire);
  }
  if (core.rc11) modification_orders.fence(order);
  if (releases(order)) {
    me.released = me.clock;
    count_release(me);
  }
}

// A signal fence orders a context only with what it interrupts or is interrupted by: contexts of the same
// CPU.
void __tsan_atomic_signal_fence(int order) {
  if (!core.active()) return;
  Running& me = *core.now;
  if (acquires(order)) me.clock.join(me.signal_to_acquire);
  if (releases(order)) {
    me.signal_released = me.clock;
    me.has_signal_release = true;
    count_release(me);
  }
}

}  // extern "C"
