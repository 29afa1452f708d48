// What every access means: its place in happens-before, whether it races (M1), whether it disturbs a call
// (E3).
//
// Sequentially consistent values; happens-before as C++20 has it ([intro.races]), from the orders that the
// code names, so that a missing release is a race here although the values never show it. A handler is a
// thread of its own. Vector clocks as in FastTrack (Flanagan, Freund: PLDI 2009), with full lanes in place of
// epochs.
#pragma once

#include <cstdint>
#include <cstring>

#include "core.hpp"
#include "frames.hpp"

namespace labyrinth::machine {

/// memory_order as compilers pass it to the hooks.
[[nodiscard]] constexpr bool acquires(int order) noexcept { return order != 0 && order != 3; }
[[nodiscard]] constexpr bool releases(int order) noexcept { return order >= 3; }

inline void race(std::uint8_t other, const char* reason) noexcept {
  core.fail({.clause = model::Clause::M1, .other = other, .reason = reason});
}

/// The location's cell. An access to a frame is held against X5 on the way.
[[nodiscard]] inline Cell& cell_at(std::uintptr_t address, std::uint8_t size) noexcept {
  Cell* cell = nullptr;
  if (core.shadow.in_arena(address)) [[likely]] {
    cell = core.shadow.find_in_arena(address, size);
  } else {
    if (in_frames(address)) touch_frame(address);
    cell = core.shadow.find_elsewhere(address, size);
  }
  if (cell == nullptr) [[unlikely]]
    core.give_up("the run has touched more than 16384 locations");
  // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.UndefReturn): give_up() has left this fiber for good.
  return *cell;
}

inline void begin_atomics(Cell& cell) noexcept {
  cell.kinds |= kAtomics;
  cell.sync = cell.atomic_reads = cell.atomic_writes = Clock{};
}

/// Before the parts that follow: whom the access meets at its location.
[[gnu::always_inline]] inline void meet_others(Cell& cell, bool writes) noexcept {
  const Running& me = *core.now;
  const auto in_call = [](std::uint8_t context) { return (core.in_call >> context & 1U) != 0; };
  if (cell.last_write != 0 && cell.last_writer != me.index &&
      (cell.last_write > me.call_began || in_call(cell.last_writer)))
    core.meetings.note(cell.write_site, me.site, in_call(cell.last_writer));
  if (writes && cell.last_context != me.index && cell.last_context != kUntouched &&
      in_call(cell.last_context))
    core.meetings.note(cell.last_site, me.site, true);
  cell.last_context = me.index;
  cell.last_site = me.site;
  if (writes) cell.write_site = me.site;
}

/// The part that reading an atomic has, also as half of a read-modify-write.
[[gnu::always_inline]] inline void atomic_read(Cell& cell, int order) noexcept {
  Running& me = *core.now;
  if (cell.kinds != kAtomics) [[unlikely]] {
    if ((cell.kinds & kAtomics) == 0) begin_atomics(cell);
    if ((cell.kinds & kPlainWrites) != 0 && !cell.plain_writes.before(me.clock)) {
      race(cell.plain_writes.first_after(me.clock),
           "an atomic read races with a plain write of its location");
    }
    if ((cell.kinds & kSignal) != 0 && cell.signal_cpu == me.cpu) {
      (acquires(order) ? me.clock : me.signal_to_acquire).join(cell.signal);
    }
  }
  if (acquires(order)) {
    me.clock.join(cell.sync);
  } else {
    me.to_acquire.join(cell.sync);
    if (cell.last_writer != me.index && cell.last_write != 0 &&
        core.contexts[cell.last_writer].cpu == me.cpu) {
      me.signal_to_acquire.join(cell.sync);
    }
  }
  cell.atomic_reads.set(me.index, me.clock.of(me.index));
  me.touched |= std::uint64_t{1} << (core.shadow.index(cell) % 64);
  if (cell.last_write > me.call_began && cell.last_writer != me.index) me.conflict = true;
}

/// The part that writing an atomic has. `keep`: a read-modify-write goes on with the release sequence.
[[gnu::always_inline]] inline void atomic_write(Cell& cell, int order, bool keep) noexcept {
  Running& me = *core.now;
  if (cell.kinds != kAtomics) [[unlikely]] {
    if ((cell.kinds & kAtomics) == 0) begin_atomics(cell);
    if ((cell.kinds & kPlainWrites) != 0 && !cell.plain_writes.before(me.clock)) {
      race(cell.plain_writes.first_after(me.clock),
           "an atomic write races with a plain write of its location");
    }
    if ((cell.kinds & kPlainReads) != 0 && !cell.plain_reads.before(me.clock)) {
      race(cell.plain_reads.first_after(me.clock), "an atomic write races with a plain read of its location");
    }
    if (!keep) cell.kinds = static_cast<std::uint8_t>(cell.kinds & ~kSignal);
  }
  const Clock& offered = releases(order) ? me.clock : me.released;
  if (keep) {
    cell.sync.join(offered);
  } else {
    cell.sync = offered;
  }
  if (me.has_signal_release) [[unlikely]] {
    const bool goes_on = keep && (cell.kinds & kSignal) != 0 && cell.signal_cpu == me.cpu;
    if (!goes_on) cell.signal = Clock{};
    cell.signal.join(me.signal_released);
    cell.kinds |= kSignal;
    cell.signal_cpu = me.cpu;
  }
  cell.atomic_writes.set(me.index, me.clock.of(me.index));
  if (releases(order)) me.clock.advance(me.index);
  cell.dirty = true;
  cell.last_write = ++core.writes;
  cell.last_writer = me.index;
  const std::uint64_t location = std::uint64_t{1} << (core.shadow.index(cell) % 64);
  me.touched |= location;
  for (unsigned others = core.in_call & ~(1U << me.index); others != 0; others &= others - 1) {
    Running& other = core.contexts[static_cast<std::size_t>(std::countr_zero(others))];
    if ((other.touched & location) != 0) other.conflict = true;
  }
}

/// What is rare about plain accesses: the first one of a location, and locations that are written too.
void plain_read_slowly(std::uintptr_t address, std::uint8_t size) noexcept;
void plain_write_slowly(std::uintptr_t address, std::uint8_t size) noexcept;

/// Not on the own stack. Most are of what nobody writes; they pass through here alone.
[[gnu::always_inline]] inline void plain_read_elsewhere(std::uintptr_t address, std::uint8_t size) noexcept {
  if (core.shadow.in_arena(address)) [[likely]] {
    Cell* const cell = core.shadow.known_in_arena(address);
    if (cell != nullptr && cell->kinds == kPlainReads) [[likely]] {
      const Running& me = *core.now;
      cell->plain_reads.set(me.index, me.clock.of(me.index));
      return;
    }
  } else if (core.is_constant(address)) {
    return;
  }
  plain_read_slowly(address, size);
}

[[gnu::always_inline]] inline void plain_read(std::uintptr_t address, std::uint8_t size) noexcept {
  if (!core.on_own_stack(address)) plain_read_elsewhere(address, size);
}

[[gnu::always_inline]] inline void plain_write(std::uintptr_t address, std::uint8_t size) noexcept {
  if (!core.on_own_stack(address)) plain_write_slowly(address, size);
}

/// A range, in pieces of at most eight bytes that do not cross an eight-byte boundary.
template <class Piece>
void for_pieces(std::uintptr_t address, std::size_t bytes, Piece piece) noexcept {
  while (bytes != 0) {
    std::size_t size = 8 - address % 8;
    if (size > bytes) size = bytes;
    piece(address, static_cast<std::uint8_t>(size));
    address += size;
    bytes -= size;
  }
}

inline void read_range(const void* at, std::size_t bytes) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if (!core.active()) return;
  if (in_frames(address) && (bytes >= kRangeOfFrames || in_objects(address)))
    return touch_frames(address, bytes);
  for_pieces(address, bytes, [](auto... piece) { plain_read(piece...); });
}

inline void write_range(const void* at, std::size_t bytes) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if (!core.active()) return;
  if (in_frames(address) && (bytes >= kRangeOfFrames || in_objects(address)))
    return touch_frames(address, bytes);
  for_pieces(address, bytes, [](auto... piece) { plain_write(piece...); });
}

}  // namespace labyrinth::machine
