// The less common paths of plain accesses; the rules are access.hpp's.
#include "access.hpp"

namespace labyrinth::machine {

void plain_read_slowly(std::uintptr_t address, std::uint8_t size) noexcept {
  const Running& me = *core.now;
  Cell& cell = cell_at(address, size);
  if ((cell.kinds & kAtomics) != 0 && !cell.atomic_writes.before(me.clock)) {
    race(cell.atomic_writes.first_after(me.clock), "a plain read races with an atomic write of its location");
  }
  if ((cell.kinds & kPlainWrites) != 0 && !cell.plain_writes.before(me.clock)) {
    race(cell.plain_writes.first_after(me.clock), "a plain read races with a plain write of its location");
  }
  if ((cell.kinds & kPlainReads) == 0) {
    cell.kinds |= kPlainReads;
    cell.plain_reads = Clock{};
  }
  cell.plain_reads.set(me.index, me.clock.of(me.index));
}

void plain_write_slowly(std::uintptr_t address, std::uint8_t size) noexcept {
  const Running& me = *core.now;
  Cell& cell = cell_at(address, size);
  if ((cell.kinds & kAtomics) != 0) {
    if (!cell.atomic_writes.before(me.clock)) {
      race(cell.atomic_writes.first_after(me.clock),
           "a plain write races with an atomic write of its location");
    }
    if (!cell.atomic_reads.before(me.clock)) {
      race(cell.atomic_reads.first_after(me.clock),
           "a plain write races with an atomic read of its location");
    }
  }
  if ((cell.kinds & kPlainReads) != 0 && !cell.plain_reads.before(me.clock)) {
    race(cell.plain_reads.first_after(me.clock), "a plain write races with a plain read of its location");
  }
  if ((cell.kinds & kPlainWrites) == 0) {
    cell.kinds |= kPlainWrites;
    cell.plain_writes = Clock{};
  } else if (!cell.plain_writes.before(me.clock)) {
    race(cell.plain_writes.first_after(me.clock), "two plain writes race");
  }
  cell.plain_writes.set(me.index, me.clock.of(me.index));
  cell.history = 0;  // Whatever happens after this, as all that does not race must, sees nothing older.
  cell.dirty = true;
  cell.last_write = ++core.writes;
  cell.last_writer = me.index;
  cell.write_site = 0;
}

}  // namespace labyrinth::machine
