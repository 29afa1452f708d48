// From a trace to the list, and back.
#include "outline.hpp"

#include <algorithm>

namespace labyrinth::fuzz {

using machine::Call;
using machine::Departure;
using machine::kMaxCalls;
using machine::kNoHandle;
using machine::Trace;

Outline::Outline(const Trace& trace) noexcept : contexts_(trace.context_count) {
  const auto id = [](std::uint8_t call) { return static_cast<Id>(call + 1); };
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    const machine::Context& context = trace.context_storage[i];
    for (std::uint8_t k = 0; k < context.calls; ++k) {
      const auto index = static_cast<std::uint8_t>(context.first_call + k);
      const Call& call = trace.call_storage[index];
      items_[count_++] = {id(index), call.handle == kNoHandle ? Id{0} : id(call.handle), i, call};
    }
  }
  for (const Departure& departure : trace.departures())
    turns_[turn_count_++] = {id(departure.call), departure.access, departure.decision};
  next_id_ = kMaxCalls + 1;
}

Id Outline::insert(std::size_t place, const Item& item) noexcept {
  if (count_ == items_.size()) return 0;
  place = std::min(place, count_);
  std::move_backward(items_.begin() + place, items_.begin() + count_, items_.begin() + count_ + 1);
  items_[place] = item;
  ++count_;
  return items_[place].id = next_id_++;
}

void Outline::erase(std::size_t place) noexcept {
  std::move(items_.begin() + place + 1, items_.begin() + count_, items_.begin() + place);
  --count_;
}

void Outline::add(const Turn& turn) noexcept {
  if (turn_count_ != turns_.size()) turns_[turn_count_++] = turn;
}

void Outline::erase_turn(std::size_t place) noexcept {
  std::move(turns_.begin() + place + 1, turns_.begin() + turn_count_, turns_.begin() + place);
  --turn_count_;
}

void Outline::append(const Outline& other, std::size_t from, std::size_t count) noexcept {
  if (contexts_ == 0) return;
  const Id offset = next_id_;
  for (std::size_t i = from; i < std::min(from + count, other.count_) && count_ != items_.size(); ++i) {
    Item item = other.items_[i];
    item.id = static_cast<Id>(item.id + offset);
    if (item.means != 0) item.means = static_cast<Id>(item.means + offset);
    item.context = static_cast<std::uint8_t>(item.context % contexts_);
    items_[count_++] = item;
  }
  for (std::size_t i = 0; i < other.turn_count_; ++i) {
    Turn turn = other.turns_[i];
    turn.call = static_cast<Id>(turn.call + offset);
    add(turn);  // those at calls that did not come along are left out by apply()
  }
  next_id_ = static_cast<Id>(offset + other.next_id_);
}

void Outline::apply(Trace& trace) const noexcept {
  // Who means a call that is gone is gone, too; and who means that one.
  std::array<bool, kMaxCalls> gone{};
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (items_[i].means == 0) continue;
      const auto* const meant = std::find_if(items_.begin(), items_.begin() + count_,
                                             [&](const Item& it) { return it.id == items_[i].means; });
      gone[i] = meant == items_.begin() + count_ || gone[static_cast<std::size_t>(meant - items_.begin())];
    }
  }
  std::array<Id, kMaxCalls> ids;
  trace.call_count = 0;
  for (std::uint8_t c = 0; c < trace.context_count; ++c) {
    machine::Context& context = trace.context_storage[c];
    context.first_call = trace.call_count;
    for (std::size_t i = 0; i < count_; ++i) {
      if (items_[i].context != c || gone[i]) continue;
      ids[trace.call_count] = items_[i].id;
      trace.call_storage[trace.call_count] = items_[i].call;
      ++trace.call_count;
    }
    context.calls = static_cast<std::uint8_t>(trace.call_count - context.first_call);
  }
  const auto number_of = [&](Id id) {
    const auto* const found = std::find(ids.begin(), ids.begin() + trace.call_count, id);
    return static_cast<std::uint8_t>(found - ids.begin());
  };
  for (std::size_t i = 0; i < count_; ++i) {
    if (gone[i]) continue;
    trace.call_storage[number_of(items_[i].id)].handle =
        items_[i].means == 0 ? kNoHandle : number_of(items_[i].means);
  }
  trace.departure_count = 0;
  for (std::size_t i = 0; i < turn_count_; ++i) {
    const std::uint8_t call = number_of(turns_[i].call);
    if (call == trace.call_count) continue;
    // Put in behind those before it, and behind those at the same point: std::stable_sort takes heap.
    const Departure departure{call, turns_[i].access, turns_[i].decision};
    auto* const begin = trace.departure_storage.begin();
    auto* const end = begin + trace.departure_count;
    auto* const place =
        std::upper_bound(begin, end, departure, [](const Departure& left, const Departure& right) {
          return left.call != right.call ? left.call < right.call : left.access < right.access;
        });
    std::move_backward(place, end, end + 1);
    *place = departure;
    ++trace.departure_count;
  }
}

}  // namespace labyrinth::fuzz
