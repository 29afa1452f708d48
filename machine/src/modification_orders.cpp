// What an access under rc11 may see, and what it does to its location's order.
//
// The clocks of a message take the place of the cell's while atomic_read() and atomic_write() work, so that
// happens-before follows the same rules under either memory model.
#include "modification_orders.hpp"

#include <algorithm>
#include <climits>

#include "access.hpp"

namespace labyrinth::machine {

constinit ModificationOrders modification_orders{};

namespace {

[[nodiscard]] bool seen(const Message& message, const Clock& by) noexcept {
  return !by.below(message.seen_by);
}

[[nodiscard]] Clock nobody() noexcept {
  Clock clock;
  for (std::int16_t& lane : clock.lane) lane = INT16_MAX;
  return clock;
}

[[nodiscard]] std::uint64_t value_at(std::uintptr_t address, std::uint8_t bytes) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), bytes);
  return value;
}

constexpr int kSeqCst = 5;

void enter(Cell& cell, const Message& message) noexcept {
  if ((cell.kinds & kAtomics) == 0) begin_atomics(cell);
  cell.sync = message.sync;
  cell.last_writer = message.writer;
  cell.last_write = message.id;
  cell.kinds = static_cast<std::uint8_t>(message.has_signal ? cell.kinds | kSignal : cell.kinds & ~kSignal);
  if (!message.has_signal) return;
  cell.signal = message.signal;
  cell.signal_cpu = message.signal_cpu;
}

void leave(const Cell& cell, Message& message) noexcept {
  message.sync = cell.sync;
  message.has_signal = (cell.kinds & kSignal) != 0;
  if (!message.has_signal) return;
  message.signal = cell.signal;
  message.signal_cpu = cell.signal_cpu;
}

void note_seen(Message& message) noexcept {
  const Running& me = *core.now;
  std::int16_t& lane = message.seen_by.lane[me.index];
  lane = std::min(lane, me.clock.of(me.index));
}

}  // namespace

void ModificationOrders::begin_run() noexcept {
  count_ = 0;
  sc_.begin_run();
}

ModificationOrders::Location* ModificationOrders::find(std::uintptr_t address, std::uint8_t bytes) noexcept {
  const Cell* const cell = core.shadow.known(address);
  if (cell == nullptr || cell->history == 0) return nullptr;
  Location& location = locations_[cell->history - 1U];
  return location.bytes == bytes ? &location : nullptr;
}

/// The order of a location that was not written yet begins with what stands there.
ModificationOrders::Location& ModificationOrders::locate(const Pending& what, Cell& cell) noexcept {
  if (cell.history != 0) {
    Location& location = locations_[cell.history - 1U];
    if (location.bytes != what.bytes) core.give_up("rc11: atomic accesses of one location differ in size");
    return location;
  }
  if (count_ == kMostLocations) core.give_up("rc11: the run has touched more than 512 atomic locations");
  // Cells are found by where accesses begin: what overlaps otherwise would not be seen.
  for (std::uintptr_t near = what.address & ~std::uintptr_t{7}; near < what.address + what.bytes; ++near) {
    const Cell* const other = near == what.address ? nullptr : core.shadow.known(near);
    if (other == nullptr || other->history == 0) continue;
    if (near > what.address || near + locations_[other->history - 1U].bytes > what.address)
      core.give_up("rc11: atomic accesses of different sizes overlap");
  }
  Location& location = locations_[count_++];
  cell.history = count_;
  location.address = what.address;
  location.bytes = what.bytes;
  location.count = 1;
  Message& first = location.messages[0];
  first.value = value_at(what.address, what.bytes);
  first.id = 0;
  first.writer = kMaxContexts;
  first.taken = first.has_signal = false;
  first.seen_by = first.sync = Clock{};
  return location;
}

std::uint32_t ModificationOrders::choices(const Running& who, bool spurious) noexcept {
  const Pending& what = who.pending;
  Location* const location = what.bytes == 0 ? nullptr : find(what.address, what.bytes);
  if (location == nullptr) return !spurious || value_at(what.address, what.bytes) == what.expected ? 1 : 0;
  const bool store = what.kind == AccessKind::kStore;
  const bool load = what.kind == AccessKind::kLoad;
  std::uint32_t set = spurious ? 0 : 1;
  for (std::uint8_t k = 0; k < location->count; ++k) {
    const auto place = static_cast<std::uint16_t>(location->count - 1U - k);
    const Message& message = location->messages[place];
    const bool exchanges = what.kind == AccessKind::kCompareExchange;
    const bool fails = exchanges && (message.value != what.expected || spurious);
    const bool writes = !load && !fails;
    const bool said = !spurious || message.value == what.expected;
    if (said && (k != 0 || spurious) && (!writes || !message.taken)) {
      const int order = fails ? what.failure : what.order;
      ScOrder::Event event{who.clock,
                           who.clock.of(who.index),
                           who.index,
                           order == kSeqCst,
                           index(*location),
                           store ? ScOrder::kNone : place,
                           writes ? static_cast<std::uint16_t>(place + 1) : ScOrder::kNone};
      if (!store && acquires(order)) event.clock.join(message.sync);
      if (sc_.permits(event)) set |= k <= kMostOlder ? 1U << k : kMoreThanThat;
    }
    if (who.up_to_date || seen(message, who.clock))
      break;  // Nothing before it can be seen, or come after what was seen.
  }
  return set;
}

std::uint64_t ModificationOrders::value(const Pending& what, std::uint8_t k) noexcept {
  const Location& location = locate(what, cell_at(what.address, what.bytes));
  return location.messages[location.count - 1U - k].value;
}

std::uint32_t ModificationOrders::id(const Pending& what, std::uint8_t k) noexcept {
  const Location* const location = find(what.address, what.bytes);
  return location == nullptr || k >= location->count ? 0 : location->messages[location->count - 1U - k].id;
}

/// The context does not see what stands from there on.
void ModificationOrders::note_missed(const Location& location, std::uint16_t from) noexcept {
  Running& me = *core.now;
  for (std::uint16_t i = from; i < location.count; ++i) {
    me.conflict = true;
    const std::uint32_t id = location.messages[i].id;
    me.missed = me.missed == 0 ? id : std::min(me.missed, id);
  }
}

ModificationOrders::Read ModificationOrders::read(const Pending& what, int order, std::uint8_t k) noexcept {
  Cell& cell = cell_at(what.address, what.bytes);
  Location& location = locate(what, cell);
  const auto place = static_cast<std::uint16_t>(location.count - 1U - k);
  Message& message = location.messages[place];
  enter(cell, message);
  atomic_read(cell, order);
  note_seen(message);
  Running& me = *core.now;
  note_missed(location, static_cast<std::uint16_t>(place + 1));
  for (std::uint16_t i = 0; i < location.count; ++i)
    me.conflict |= location.messages[i].id > me.call_began && location.messages[i].writer != me.index;
  return {message.value, message.id, index(location), place};
}

Message& ModificationOrders::insert(Location& location, std::uint16_t place, std::uint64_t after) noexcept {
  if (location.count == kMostMessages) core.give_up("rc11: a location was written more than 239 times");
  const auto begin = location.messages.begin();
  std::copy_backward(begin + place, begin + location.count, begin + location.count + 1);
  ++location.count;
  Message& message = location.messages[place];
  message.value = after;
  message.taken = false;
  message.seen_by = nobody();
  return message;
}

void ModificationOrders::finish_write(Location& location, std::uint16_t place, Cell& cell, int order,
                                      bool keeps) noexcept {
  Message& message = location.messages[place];
  note_seen(message);
  atomic_write(cell, order, keeps);
  leave(cell, message);
  message.id = cell.last_write;
  message.writer = cell.last_writer;
  note_missed(location, static_cast<std::uint16_t>(place + 1));
}

std::uint32_t ModificationOrders::write(const Pending& what, std::uint8_t k, std::uint64_t after) noexcept {
  Cell& cell = cell_at(what.address, what.bytes);
  Location& location = locate(what, cell);
  const auto place = static_cast<std::uint16_t>(location.count - k);
  const Running& me = *core.now;
  const ScOrder::Event event{me.clock,        me.clock.of(me.index), me.index, what.order == kSeqCst,
                             index(location), ScOrder::kNone,        place};
  insert(location, place, after);
  sc_.make_room(event.location, place);
  record(event);
  if ((cell.kinds & kAtomics) == 0) begin_atomics(cell);
  finish_write(location, place, cell, what.order, false);
  return location.messages[place].id;
}

std::uint32_t ModificationOrders::modify(const Pending& what, const Read& seen,
                                         std::uint64_t after) noexcept {
  Cell& cell = cell_at(what.address, what.bytes);
  Location& location = locations_[seen.location];
  const auto place = static_cast<std::uint16_t>(seen.place + 1);
  const Running& me = *core.now;
  location.messages[seen.place].taken = true;
  insert(location, place, after);
  sc_.make_room(seen.location, place);
  record(
      {me.clock, me.clock.of(me.index), me.index, what.order == kSeqCst, seen.location, seen.place, place});
  finish_write(location, place, cell, what.order, true);
  return location.messages[place].id;
}

void ModificationOrders::note_read(const Read& seen, int order) noexcept {
  const Running& me = *core.now;
  record({me.clock, me.clock.of(me.index), me.index, order == kSeqCst, seen.location, seen.place,
          ScOrder::kNone});
}

/// Whether seq_cst permits what comes cannot be said of more events than are kept.
void ModificationOrders::record(const ScOrder::Event& event) noexcept {
  sc_.add(event);
  if (sc_.overflows()) core.give_up("rc11: more than 255 accesses and fences beside seq_cst ones");
}

void ModificationOrders::fence(int order) noexcept {
  const Running& me = *core.now;
  record({me.clock, me.clock.of(me.index), me.index, order == kSeqCst, ScOrder::kNone, ScOrder::kNone,
          ScOrder::kNone});
}

}  // namespace labyrinth::machine
