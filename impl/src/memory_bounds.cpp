// What there is to know of the whole beforehand or at any time: step bounds, drift, counts.
#include <algorithm>
#include <bit>

#include "memory.hpp"
#include "steps.hpp"

namespace labyrinth {

std::uint64_t Memory::alloc_steps(Order order) const noexcept {
  if (order > max_order_) return 0;
  std::uint64_t zones = order == Order{0} && has_.rooms != 0 ? kRoomSteps : 0;
  std::uint64_t at_hand = 0;
  for (const Zone* const zone : zones_) {
    if (zone == nullptr) continue;
    zones += take_steps(zone->shape(), order);
    at_hand = std::max(at_hand, at_hand_steps(zone->shape()));
  }
  if (order == Order{0}) zones += at_hand;
  if (isolated_ == nullptr) return zones;
  const Geometry& geometry = isolated_->zone().geometry();
  const std::uint64_t live = 1;
  const std::uint64_t end =
      has_.limbo ? std::max(live, release_steps(geometry, order)) : poison_words(order) + live;
  return std::max(zones, take_steps(isolated_->zone().shape(), order) + end);
}

std::uint64_t Memory::bulk_steps(std::uint32_t count) const noexcept {
  if (count == 0 || count > LABYRINTH_MAX_BULK) return 0;
  std::uint64_t steps = 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) steps += labyrinth::bulk_steps(zone->shape(), count);
  }
  // A bulk of one may go where a single frame goes.
  return count == 1 ? std::max(steps + kRoomSteps, alloc_steps(Order{0})) : steps;
}

std::uint64_t Memory::exact_steps(std::uint64_t frames) const noexcept {
  if (frames == 0 || frames > static_cast<std::uint64_t>(max_order_.frames().value)) return 0;
  const Order order{static_cast<std::uint32_t>(std::bit_width(frames - 1))};
  std::uint64_t tail = 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) tail = std::max(tail, release_steps(zone->geometry(), order));
  }
  return alloc_steps(order) + tail;
}

std::uint64_t Memory::free_steps(Order order) const noexcept {
  if (order > max_order_) return 0;
  std::uint64_t most = has_.rooms != 0 ? 1 : 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) most = std::max(most, release_steps(zone->geometry(), order));
  }
  if (isolated_ == nullptr) return most;
  const std::uint64_t live = 1;
  const std::uint64_t release = release_steps(isolated_->zone().geometry(), order);
  return std::max(most,
                  live + (has_.limbo ? std::max(release, kLimboPutSteps) : poison_words(order) + release));
}

std::uint64_t Memory::drain_steps(std::uint64_t most) const noexcept {
  return has_.limbo ? labyrinth::drain_steps(isolated_->zone().geometry(), most) : 0;
}

Frames Memory::batch(ZoneIndex zone) const noexcept {
  if (zone < LABYRINTH_ZONES) return zones_[zone] == nullptr ? Frames{} : zones_[zone]->batch();
  return zone == kNoZone && isolated_ != nullptr ? isolated_->zone().batch() : Frames{};
}

bool Memory::is_set_apart(Pfn pfn) const noexcept {
  for (const Zone* const zone : zones_) {
    if (zone != nullptr && zone->contains(pfn)) return zone->is_set_apart(pfn);
  }
  return false;
}

Frames Memory::free_frames() const noexcept {
  Frames sum{};
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) sum = sum + zone->free_frames();
  }
  return sum;
}

}  // namespace labyrinth
