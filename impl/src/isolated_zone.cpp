// Destroying and verifying the content of isolated frames around a zone's allocation and free.
#include "isolated_zone.hpp"

#include <bit>
#include <new>

namespace labyrinth {
namespace {

constexpr std::uint32_t kBits = 64;

// The bits of a block, or of as much of it as one word holds.
std::uint64_t mask_of(Offset frame, std::uint32_t size) noexcept {
  return size < kBits ? ((std::uint64_t{1} << size) - 1) << (frame % kBits) : ~std::uint64_t{0};
}

std::size_t round_up(std::size_t bytes) noexcept { return (bytes + kCacheLine - 1) & ~(kCacheLine - 1); }

std::size_t zone_size(const ZoneSetup& setup) noexcept {
  return Zone::layout_of(setup, sizeof(IsolatedZone)).size;
}

std::size_t live_size(const ZoneSetup& setup) noexcept {
  return round_up(BlockSet::words(setup.geometry()) * sizeof(Word));
}

std::size_t poison_size(const ZoneSetup& setup) noexcept {
  return round_up((setup.geometry().frames.end + kBits - 1) / kBits * sizeof(std::uint64_t));
}

}  // namespace

std::size_t IsolatedZone::size_of(const ZoneSetup& setup) noexcept {
  return zone_size(setup) + live_size(setup) + poison_size(setup);
}

IsolatedZone::IsolatedZone(const ZoneSetup& setup, const Port& port, std::byte* metadata) noexcept
    : port_(port),
      live_(setup.geometry(), metadata + zone_size(setup)),
      poisoned_(nullptr),
      zone_(setup, metadata, sizeof(IsolatedZone)) {
  std::byte* const words = metadata + zone_size(setup) + live_size(setup);
  for (std::size_t at = 0; at < poison_size(setup); at += sizeof(std::uint64_t)) {
    auto* const created = ::new (words + at) std::atomic<std::uint64_t>(0);
    if (at == 0) poisoned_ = created;
  }
}

Zone::Taken IsolatedZone::take(Order order, Frames floor, std::uint32_t cpu, bool zeroed) noexcept {
  const Zone::Taken taken = zone_.take(order, floor, {.cpu = cpu});
  if (taken.status != Status::kOk) return taken;
  const Offset frame = zone_.offset_of(taken.pfn);
  const auto frames = static_cast<std::uint64_t>(order.frames().value);
  const bool intact = is_intact(frame, order);
  if (zeroed) {
    port_.zero(port_.self, taken.pfn.value, frames);
  } else if (!intact) {
    port_.poison(port_.self, taken.pfn.value, frames);
  }
  live_.insert(frame, order);
  return taken;
}

bool IsolatedZone::release(Pfn pfn, Order order) noexcept {
  const Offset frame = zone_.offset_of(pfn);
  if (!live_.erase(frame, order)) return false;
  port_.poison(port_.self, pfn.value, static_cast<std::uint64_t>(order.frames().value));
  const auto size = static_cast<std::uint32_t>(order.frames().value);
  for (std::uint32_t at = 0; at < size; at += kBits) {
    const std::uint64_t mask = mask_of(frame, size);
    // Relaxed: whoever claims the frames is ordered after this by the release of the zone's words.
    poisoned_[(frame + at) / kBits].fetch_or(mask, std::memory_order_relaxed);
  }
  return zone_.release(pfn, order);
}

// Whether all of the block is still full of poison. What is not was never freed, or is reported.
bool IsolatedZone::is_intact(Offset frame, Order order) noexcept {
  const auto size = static_cast<std::uint32_t>(order.frames().value);
  bool intact = true;
  for (std::uint32_t at = 0; at < size; at += kBits) {
    const std::uint64_t mask = mask_of(frame, size);
    // Relaxed: see release(). The frames are this call's alone; others write the rest of the word.
    const std::uint64_t old =
        poisoned_[(frame + at) / kBits].fetch_and(~mask, std::memory_order_relaxed) & mask;
    const std::uint64_t pfn = zone_.geometry().base_pfn + frame + at;
    if (old == mask && port_.is_poisoned(port_.self, pfn, size < kBits ? size : kBits)) continue;
    intact = false;
    report((frame + at) / kBits * kBits, old);
  }
  return intact;
}

void IsolatedZone::report(Offset first, std::uint64_t poisoned) const noexcept {
  for (; poisoned != 0; poisoned &= poisoned - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(poisoned));
    const std::uint64_t pfn = zone_.geometry().base_pfn + first + bit;
    if (port_.is_poisoned(port_.self, pfn, 1) || port_.report_damage == nullptr) continue;
    port_.report_damage(port_.self, pfn, 1);
  }
}

}  // namespace labyrinth
