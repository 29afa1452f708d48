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

// Behind the live bits: Limbo and its bits, or a bit per frame.
std::size_t rest_size(const ZoneSetup& setup, const Port& port) noexcept {
  if (IsolatedZone::unmaps(port)) return round_up(sizeof(Limbo)) + round_up(Limbo::size_of(setup.geometry()));
  return round_up((setup.geometry().frames.end + kBits - 1) / kBits * sizeof(std::uint64_t));
}

[[nodiscard]] std::uint64_t count_of(Order order) noexcept {
  return static_cast<std::uint64_t>(order.frames().value);
}

}  // namespace

std::size_t IsolatedZone::size_of(const ZoneSetup& setup, const Port& port) noexcept {
  return zone_size(setup) + live_size(setup) + rest_size(setup, port);
}

IsolatedZone::IsolatedZone(const ZoneSetup& setup, const Port& port, std::byte* metadata) noexcept
    : port_(port),
      live_(setup.geometry(), metadata + zone_size(setup)),
      zone_(setup, metadata, sizeof(IsolatedZone)) {
  std::byte* const rest = metadata + zone_size(setup) + live_size(setup);
  if (unmaps()) {
    limbo_ = ::new (rest) Limbo(zone_.geometry(), rest + round_up(sizeof(Limbo)));
    return;
  }
  for (std::size_t at = 0; at < rest_size(setup, port_); at += sizeof(std::uint64_t)) {
    auto* const created = ::new (rest + at) std::atomic<std::uint64_t>(0);
    if (at == 0) poisoned_ = created;
  }
}

Zone::Taken IsolatedZone::take(Order order, Frames floor, std::uint32_t cpu, bool zeroed) noexcept {
  const Zone::Taken taken = zone_.take(order, floor, {.cpu = cpu});
  if (taken.status != Status::kOk) return taken;
  const Offset frame = zone_.offset_of(taken.pfn);
  if (!prepare(frame, order, zeroed)) {
    static_cast<void>(zone_.release(taken.pfn, order));  // it is claimed, so this cannot fail
    return {Status::kExhausted, Pfn{}};
  }
  live_.insert(frame, order);
  return taken;
}

// What the owner is to find. False, and nothing is mapped, if the port cannot map the block.
bool IsolatedZone::prepare(Offset frame, Order order, bool zeroed) noexcept {
  const std::uint64_t frames = count_of(order);
  const bool as_it_is = unmaps() || is_intact(frame, order);
  if (unmaps() && !port_.remap(port_.self, pfn_of(frame), frames)) return false;
  if (zeroed) {
    port_.zero(port_.self, pfn_of(frame), frames);
  } else if (!as_it_is) {
    port_.poison(port_.self, pfn_of(frame), frames);
  }
  return true;
}

bool IsolatedZone::release(Pfn pfn, Order order) noexcept {
  const Offset frame = zone_.offset_of(pfn);
  if (!live_.erase(frame, order)) return false;
  if (!unmaps()) {
    destroy(frame, order);
  } else if (!port_.may_sleep(port_.self) || !port_.unmap(port_.self, pfn.value, count_of(order))) {
    port_.poison(port_.self, pfn.value, count_of(order));
    limbo_->put(frame, order);
    return true;
  }
  return zone_.release(pfn, order);
}

std::uint64_t IsolatedZone::drain(std::uint64_t most) noexcept {
  return limbo_->drain(most, [this](Offset frame, Order order) { return settle(frame, order); });
}

// A block that was in limbo goes back into the zone, if the port can unmap it.
bool IsolatedZone::settle(Offset frame, Order order) noexcept {
  const std::uint64_t frames = count_of(order);
  if (port_.report_damage != nullptr && !port_.is_poisoned(port_.self, pfn_of(frame), frames)) {
    port_.report_damage(port_.self, pfn_of(frame), frames);
  }
  if (!port_.unmap(port_.self, pfn_of(frame), frames)) return false;
  return zone_.release(Pfn{pfn_of(frame)}, order);
}

// Poisons the block, and notes that it did.
void IsolatedZone::destroy(Offset frame, Order order) noexcept {
  port_.poison(port_.self, pfn_of(frame), count_of(order));
  const auto size = static_cast<std::uint32_t>(count_of(order));
  for (std::uint32_t at = 0; at < size; at += kBits) {
    const std::uint64_t mask = mask_of(frame, size);
    // Relaxed: whoever claims the frames is ordered after this by the release of the zone's words.
    poisoned_[(frame + at) / kBits].fetch_or(mask, std::memory_order_relaxed);
  }
}

// Whether all of the block is still full of poison. What is not was never freed, or is reported.
bool IsolatedZone::is_intact(Offset frame, Order order) noexcept {
  const auto size = static_cast<std::uint32_t>(order.frames().value);
  bool intact = true;
  for (std::uint32_t at = 0; at < size; at += kBits) {
    const std::uint64_t mask = mask_of(frame, size);
    // Relaxed: see destroy(). The frames are this call's alone; others write the rest of the word.
    const std::uint64_t old =
        poisoned_[(frame + at) / kBits].fetch_and(~mask, std::memory_order_relaxed) & mask;
    if (old == mask && port_.is_poisoned(port_.self, pfn_of(frame + at), size < kBits ? size : kBits))
      continue;
    intact = false;
    report((frame + at) / kBits * kBits, old);
  }
  return intact;
}

void IsolatedZone::report(Offset first, std::uint64_t poisoned) const noexcept {
  for (; poisoned != 0; poisoned &= poisoned - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(poisoned));
    const std::uint64_t pfn = pfn_of(first + bit);
    if (port_.is_poisoned(port_.self, pfn, 1) || port_.report_damage == nullptr) continue;
    port_.report_damage(port_.self, pfn, 1);
  }
}

}  // namespace labyrinth
