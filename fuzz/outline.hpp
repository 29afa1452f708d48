// A trace's program and schedule as a list, in which calls can be put in, taken out and moved without looking
// after who refers to them by number.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::fuzz {

/// Names a call for as long as the list lives; 0 is nobody.
using Id = std::uint16_t;

struct Item {
  Id id = 0;
  Id means = 0;              ///< The call that its handle names.
  std::uint8_t context = 0;  ///< Of the trace's contexts. Calls of one context are in the list's order.
  machine::Call call{};      ///< But for its handle.
};

/// A departure.
struct Turn {
  Id call = 0;
  std::uint16_t access = 0;
  machine::Decision decision{};
};

/// Fixed storage: an edit costs no heap. What has no room is left out.
class Outline {
 public:
  /// Of a valid trace in which no blocks live from the start: the binary form has none.
  explicit Outline(const machine::Trace& trace) noexcept;

  [[nodiscard]] std::span<Item> items() noexcept { return {items_.data(), count_}; }
  [[nodiscard]] std::span<Turn> turns() noexcept { return {turns_.data(), turn_count_}; }
  [[nodiscard]] std::uint8_t contexts() const noexcept { return contexts_; }

  /// Before the item that is there now, as a call of its own; its id, or 0 if there is no room.
  Id insert(std::size_t place, const Item& item) noexcept;
  void erase(std::size_t place) noexcept;
  void add(const Turn& turn) noexcept;
  void erase_turn(std::size_t place) noexcept;
  /// Behind what is here: calls [from, from + count) of the other, and its turns at them. A context that is
  /// not here comes in again somewhere.
  void append(const Outline& other, std::size_t from, std::size_t count) noexcept;

  /// Writes the list over program and schedule of the trace that it was made of. Calls that mean what is gone
  /// go with it, and departures at them.
  void apply(machine::Trace& trace) const noexcept;

 private:
  std::array<Item, machine::kMaxCalls> items_{};
  std::size_t count_ = 0;
  std::array<Turn, machine::kMaxDepartures> turns_{};
  std::size_t turn_count_ = 0;
  std::uint8_t contexts_ = 0;
  Id next_id_ = 1;
};

}  // namespace labyrinth::fuzz
