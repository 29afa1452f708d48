// The void: a zone whose frames nobody reaches while they are free. Exclusive requests alone are served from
// it; what an owner left in a block is destroyed when it is freed, before anyone else can have it.
//
//      free ──take──> claimed ──verify, poison or zero, mark live──> live
//       ^                                                             │ free: live bit cleared (decides X3)
//       └───────release────── claimed <──poison, mark poisoned────────┘
//
// A block that is being freed stays claimed in the zone until its poison stands, so it needs a live bit of
// its own: the zone's could not be cleared first.
//
// With a port that unmaps, free frames cannot even be addressed. Unmapping may sleep; where that is not
// permitted, a free leaves its block in limbo (limbo.hpp), poisoned and claimed:
//
//      free ──take──> claimed ──────────────remap, zero, mark live──> live
//       ^                                                             │ free: live bit cleared
//       ├───────release────── claimed <───unmap (destroys)── may sleep┤
//       └─release── claimed <──verify, unmap── limbo <──poison── may not
#pragma once

#include "block_set.hpp"
#include "labyrinth/types.hpp"
#include "limbo.hpp"
#include "zone.hpp"

namespace labyrinth {

class IsolatedZone {
 public:
  IsolatedZone(const ZoneSetup& setup, const Port& port, std::byte* metadata) noexcept;

  IsolatedZone(const IsolatedZone&) = delete;
  IsolatedZone& operator=(const IsolatedZone&) = delete;

  // As Zone's. A block comes zeroed if asked for, otherwise full of poison, or as the port maps it.
  // kExhausted too if the port cannot map it.
  [[nodiscard]] Zone::Taken take(Order order, Frames floor, std::uint32_t cpu, bool zeroed) noexcept;
  [[nodiscard]] bool release(Pfn pfn, Order order) noexcept;
  // Unmaps and releases what is in limbo, at most so many blocks; how many it were. May sleep.
  std::uint64_t drain(std::uint64_t most) noexcept;

  [[nodiscard]] const Zone& zone() const noexcept { return zone_; }
  [[nodiscard]] bool unmaps() const noexcept { return unmaps(port_); }
  [[nodiscard]] static bool unmaps(const Port& port) noexcept { return port.unmap != nullptr; }

  // Bytes of metadata, the zone itself included.
  [[nodiscard]] static std::size_t size_of(const ZoneSetup& setup, const Port& port) noexcept;

 private:
  [[nodiscard]] bool prepare(Offset frame, Order order, bool zeroed) noexcept;
  [[nodiscard]] bool is_intact(Offset frame, Order order) noexcept;
  [[nodiscard]] bool settle(Offset frame, Order order) noexcept;
  void destroy(Offset frame, Order order) noexcept;
  void report(Offset frame, std::uint64_t poisoned) const noexcept;
  [[nodiscard]] std::uint64_t pfn_of(Offset frame) const noexcept {
    return zone_.geometry().base_pfn + frame;
  }

  const Port port_;
  BlockSet live_;
  std::atomic<std::uint64_t>* poisoned_ = nullptr;  // bit per frame: was poisoned when it was last freed
  Limbo* limbo_ = nullptr;                          // instead, if the port unmaps
  Zone zone_;
};

// Words of `poisoned_` that a block touches.
[[nodiscard]] constexpr std::uint32_t poison_words(Order order) noexcept {
  return order.value > 6 ? 1u << (order.value - 6) : 1;
}

}  // namespace labyrinth
