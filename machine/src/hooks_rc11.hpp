// Atomic accesses under rc11: as hooks_atomic.cpp has them under sc, with values from ModificationOrders.
#pragma once

#include "modification_orders.hpp"

namespace labyrinth::machine {

/// Before an access: others may run, and it is decided what it sees. Returns the number of later messages
/// that it does not see, or comes before.
[[nodiscard]] inline std::uint8_t choose_message(const Pending& what, const Coming& coming) noexcept {
  Running& me = *core.now;
  me.pending = what;
  core.point(coming);
  // Others may have written since it was chosen.
  const bool still = me.older == 0 || (modification_orders.choices(me, me.spurious) >> me.older & 1U) != 0;
  const std::uint8_t older = still ? me.older : std::uint8_t{0};
  me.older = 0;
  me.pending.bytes = 0;
  return older;
}

template <class T>
[[nodiscard]] Pending pending(AccessKind kind, const volatile T* at, int order) noexcept {
  if constexpr (sizeof(T) > 8) core.give_up("rc11: an atomic access of 16 bytes");
  return {reinterpret_cast<std::uintptr_t>(at), 0, kind, sizeof(T), static_cast<std::uint8_t>(order),
          static_cast<std::uint8_t>(order)};
}

/// `read`, `wrote`: numbers of writes. `later`: how many messages stand behind the one that was read or
/// written.
template <class T>
void observe_message(const Pending& what, int order, T before, T after, bool succeeded, std::uint32_t read,
                     std::uint32_t wrote, std::uint8_t later) noexcept {
  if (core.observer == nullptr) [[likely]]
    return;
  AccessRecord record{what.kind,
                      what.bytes,
                      order,
                      false,
                      succeeded,
                      what.address,
                      static_cast<std::uint64_t>(before),
                      static_cast<std::uint64_t>(after)};
  record.rc11 = true;
  record.read = read;
  record.wrote = wrote;
  record.later = later;
  core.observer->on_access(record);
}

template <class T>
[[nodiscard]] T rc11_load(const volatile T* at, int order, const Coming& coming) noexcept {
  const Pending what = pending(AccessKind::kLoad, at, order);
  const std::uint8_t older = choose_message(what, coming);
  const ModificationOrders::Read seen = modification_orders.read(what, order, older);
  modification_orders.note_read(seen, order);
  const T value = static_cast<T>(seen.value);
  observe_message(what, order, value, value, true, seen.id, 0, older);
  return value;
}

template <class T>
void rc11_store(volatile T* at, T value, int order, const Coming& coming) noexcept {
  const Pending what = pending(AccessKind::kStore, at, order);
  const std::uint8_t older = choose_message(what, coming);
  const T before = *at;
  const std::uint32_t wrote = modification_orders.write(what, older, static_cast<std::uint64_t>(value));
  observe_message(what, order, before, value, true, 0, wrote, older);
  if (older == 0) *at = value;
}

template <class T, class Change>
T rc11_modify(AccessKind kind, volatile T* at, int order, Change change, const Coming& coming) noexcept {
  const Pending what = pending(kind, at, order);
  const std::uint8_t older = choose_message(what, coming);
  const ModificationOrders::Read seen = modification_orders.read(what, order, older);
  const T before = static_cast<T>(seen.value);
  const T after = change(before);
  const std::uint32_t wrote = modification_orders.modify(what, seen, static_cast<std::uint64_t>(after));
  if (older == 0) *at = after;
  observe_message(what, order, before, after, true, seen.id, wrote, older);
  return before;
}

template <class T>
[[nodiscard]] bool rc11_compare_exchange(volatile T* at, T* expected, T desired, int order, int failure,
                                         bool weak, const Coming& coming) noexcept {
  Running& me = *core.now;
  Pending what = pending(AccessKind::kCompareExchange, at, order);
  what.expected = static_cast<std::uint64_t>(*expected);
  what.failure = static_cast<std::uint8_t>(failure);
  me.weak = weak;
  const std::uint8_t older = choose_message(what, coming);
  const bool spurious = weak && me.spurious;
  me.weak = me.spurious = false;
  const bool success = modification_orders.value(what, older) == what.expected && !spurious;
  const int used = success ? order : failure;
  const ModificationOrders::Read seen = modification_orders.read(what, used, older);
  std::uint32_t wrote = 0;
  if (success) {
    wrote = modification_orders.modify(what, seen, static_cast<std::uint64_t>(desired));
    if (older == 0) *at = desired;
  } else {
    modification_orders.note_read(seen, used);
    *expected = static_cast<T>(seen.value);
  }
  const T before = static_cast<T>(seen.value);
  observe_message(what, used, before, success ? desired : before, success, seen.id, wrote, older);
  return success;
}

}  // namespace labyrinth::machine
