// What seq_cst adds to a graph of accesses: RC11's partial order psc must have no cycle.
//
// Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in C/C++11 (PLDI 2017), section 3.4,
// as C++20 took it over ([atomics.order]). No order of the run's own is kept: whether a graph is permitted
// does not depend on the order in which it came about.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "clock.hpp"

namespace labyrinth::machine {

class ScOrder {
 public:
  static constexpr std::uint16_t kMostEvents = 256;
  static constexpr std::uint16_t kNone = 0xffff;

  struct Event {
    Clock clock;       ///< What happens before it, in its context's clock, after it has learned.
    std::int16_t own;  ///< Its place in its context's lane.
    std::uint8_t context;
    bool is_sc;
    std::uint16_t location;  ///< kNone: a fence.
    std::uint16_t reads;     ///< Place in the location's order that it reads, or kNone.
    std::uint16_t writes;    ///< Place that it writes, or kNone.
  };

  void begin_run() noexcept {
    count_ = 0;
    uses_sc_ = overflows_ = false;
  }
  /// Whether any event so far is seq_cst.
  [[nodiscard]] bool uses_sc() const noexcept { return uses_sc_; }
  /// More events than can be judged, and seq_cst among them.
  [[nodiscard]] bool overflows() const noexcept { return overflows_ && uses_sc_; }

  void add(const Event& event) noexcept;
  /// A write was inserted in the order of a location: what is behind moves by one.
  void make_room(std::uint16_t location, std::uint16_t place) noexcept;
  /// Whether the graph stays consistent with this event too, whose write, if any, comes at its place.
  [[nodiscard]] bool permits(const Event& event) noexcept;

 private:
  using Set = std::bitset<kMostEvents>;
  using Relation = std::array<Set, kMostEvents>;

  void relate() noexcept;
  [[nodiscard]] bool happens_before(std::uint16_t a, std::uint16_t b) const noexcept;
  [[nodiscard]] bool coherence_before(std::uint16_t a, std::uint16_t b) const noexcept;
  [[nodiscard]] bool has_cycle() noexcept;

  std::uint16_t count_ = 0;
  bool uses_sc_ = false;
  bool overflows_ = false;
  std::array<Event, kMostEvents> events_;
  Relation hb_, scb_, psc_;
};

}  // namespace labyrinth::machine
