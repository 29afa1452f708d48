// Modification orders under rc11: all values that a location was given, and which of them an access may see.
//
// Operational, with views: an access chooses a place in its location's modification order among those that
// what happens before it permits (Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in
// C/C++11, PLDI 2017; release sequences are C++20's, of read-modify-writes alone). What a read sees was
// written before it in the run, so there are no load-buffering cycles. Memory itself always holds the last
// value of each order: plain accesses, which must not race, and everything after the run read that.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "pending.hpp"
#include "sc_order.hpp"
#include "shadow.hpp"

namespace labyrinth::machine {

struct Running;

/// A value in a modification order.
struct Message {
  std::uint64_t value;
  std::uint32_t id;     ///< Number of the write in the run; 0: what stood there before.
  std::uint8_t writer;  ///< Its context.
  bool taken;           ///< A read-modify-write has read it: nothing comes between the two any more.
  bool has_signal;      ///< `signal` is valid.
  std::uint8_t signal_cpu;
  Clock seen_by;  ///< Per context, its clock at its first access that wrote or read this, or INT16_MAX.
  Clock sync;     ///< What an acquire read of it learns.
  Clock signal;   ///< The same, of signal fences.
};

class ModificationOrders {
 public:
  static constexpr std::uint8_t kMostMessages = 240;  ///< Of one location.
  static constexpr std::uint16_t kMostLocations = 512;
  static constexpr std::uint32_t kMoreThanThat = 1U << 31;

  void begin_run() noexcept;

  /// How many messages from the last one of its location the context's pending access can be: bit k for k. Of
  /// a read, that it reads that one; of a store, that it comes before the last k. kMoreThanThat: there are
  /// more than can be told apart. Bit 0 is always set, unless `spurious`: then only messages count with which
  /// the compare-exchange would have succeeded, had it not failed for nothing.
  [[nodiscard]] std::uint32_t choices(const Running& who, bool spurious) noexcept;
  /// The value that the pending access would read there.
  [[nodiscard]] std::uint64_t value(const Pending& what, std::uint8_t k) noexcept;
  /// Number of the write that the k-th message from the last is of.
  [[nodiscard]] std::uint32_t id(const Pending& what, std::uint8_t k) noexcept;

  /// The access itself, by the present context. `after`, of a write: the new value.
  struct Read {
    std::uint64_t value;
    std::uint32_t id;
    std::uint16_t location;
    std::uint16_t place;  ///< In the order, from the first.
  };
  [[nodiscard]] Read read(const Pending& what, int order, std::uint8_t k) noexcept;
  /// Returns the number of the write.
  std::uint32_t write(const Pending& what, std::uint8_t k, std::uint64_t after) noexcept;
  std::uint32_t modify(const Pending& what, const Read& seen, std::uint64_t after) noexcept;
  /// After a read that does not modify.
  void note_read(const Read& seen, int order) noexcept;
  void fence(int order) noexcept;
  /// Whether anything in the run was seq_cst so far.
  [[nodiscard]] bool uses_sc() const noexcept { return sc_.uses_sc(); }

  /// Calls `visit(before, after)` with the numbers of the writes of each two neighbours in an order, and the
  /// location's address.
  template <class Visit>
  void each_neighbours(Visit visit) const noexcept {
    for (std::uint16_t i = 0; i < count_; ++i) {
      const Location& location = locations_[i];
      for (std::uint8_t k = 1; k < location.count; ++k)
        visit(location.address, location.messages[k - 1U].id, location.messages[k].id);
    }
  }

 private:
  struct Location {
    std::uintptr_t address;
    std::uint8_t bytes;
    std::uint8_t count;
    std::array<Message, kMostMessages> messages;  ///< In modification order.
  };

  [[nodiscard]] Location* find(std::uintptr_t address, std::uint8_t bytes) noexcept;
  [[nodiscard]] Location& locate(const Pending& what, Cell& cell) noexcept;
  [[nodiscard]] std::uint16_t index(const Location& location) const noexcept {
    return static_cast<std::uint16_t>(&location - locations_.data());
  }
  static void note_missed(const Location& location, std::uint16_t from) noexcept;
  void record(const ScOrder::Event& event) noexcept;
  Message& insert(Location& location, std::uint16_t place, std::uint64_t after) noexcept;
  void finish_write(Location& location, std::uint16_t place, Cell& cell, int order, bool keeps) noexcept;

  std::uint16_t count_ = 0;
  std::array<Location, kMostLocations> locations_;
  ScOrder sc_;
};

[[gnu::visibility("hidden")]] extern ModificationOrders modification_orders;

}  // namespace labyrinth::machine
