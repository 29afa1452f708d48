// Which way a frame is mapped: directly, in a global slot, or in one of the context's own.
#include "mapper.hpp"

#include "mapping_stack.hpp"

namespace labyrinth::mapping {
namespace {

[[nodiscard]] bool inside(const labyrinth_direct_range& range, std::uint64_t first,
                          std::uint64_t frames) noexcept {
  return range.base != nullptr && range.first_pfn >= first && range.first_pfn - first < frames &&
         range.frames <= frames - (range.first_pfn - first);
}

[[nodiscard]] bool disjoint(const labyrinth_direct_range& a, const labyrinth_direct_range& b) noexcept {
  return a.first_pfn + a.frames <= b.first_pfn || b.first_pfn + b.frames <= a.first_pfn;
}

}  // namespace

bool is_valid(const labyrinth_mapper_config& config) noexcept {
  const labyrinth_map_port& port = config.port;
  if (port.context == nullptr || port.may_sleep == nullptr || port.preempt_disable == nullptr ||
      port.preempt_enable == nullptr || port.set_slot == nullptr || port.clear_slot == nullptr) {
    return false;
  }
  if (config.frames == 0 || config.frames > LABYRINTH_MAX_FRAMES) return false;
  if (config.first_pfn > LABYRINTH_MAX_FIRST_PFN) return false;
  if (config.map_slots > LABYRINTH_MAX_MAP_SLOTS || config.depth > LABYRINTH_MAX_MAP_DEPTH) return false;
  for (unsigned i = 0; i < LABYRINTH_DIRECT_RANGES; ++i) {
    const labyrinth_direct_range& range = config.direct[i];
    if (range.frames == 0) continue;
    if (!inside(range, config.first_pfn, config.frames)) return false;
    for (unsigned j = 0; j < i; ++j) {
      if (config.direct[j].frames != 0 && !disjoint(range, config.direct[j])) return false;
    }
  }
  return true;
}

Mapper::Mapper(const labyrinth_mapper_config& config, std::byte* metadata) noexcept
    : config_(config), slots_(config, metadata) {}

void* Mapper::page_address(std::uint64_t pfn) const noexcept {
  constexpr std::uint64_t kFrameBytes = 4096;
  for (const labyrinth_direct_range& range : config_.direct) {
    if (pfn - range.first_pfn >= range.frames) continue;
    return static_cast<std::byte*>(range.base) + (pfn - range.first_pfn) * kFrameBytes;
  }
  return nullptr;
}

Status Mapper::map(std::uint64_t pfn, void*& address) noexcept {
  if (!knows(pfn)) return Status::kBadArgument;
  // Asked of directly mapped frames too: a caller that must not sleep is wrong on every machine, not only on
  // the one where this frame needs a slot.
  if (!config_.port.may_sleep(config_.port.self)) return Status::kBadContext;
  if (void* const direct = page_address(pfn); direct != nullptr) {
    address = direct;
    return Status::kOk;
  }
  return slots_.map(pfn - config_.first_pfn, address);
}

Status Mapper::unmap(std::uint64_t pfn) noexcept {
  if (!knows(pfn)) return Status::kBadArgument;
  if (page_address(pfn) != nullptr) return Status::kOk;
  return slots_.unmap(pfn - config_.first_pfn);
}

Status Mapper::push(std::uint64_t pfn, bool atomic, void*& address) noexcept {
  const labyrinth_map_port& port = config_.port;
  labyrinth_map_stack* const own = port.context(port.self);
  if (own == nullptr) return Status::kBadArgument;
  LocalStack stack(*own);
  const std::uint32_t depth = stack.depth();
  if (depth >= config_.depth) return Status::kExhausted;
  void* mapped = page_address(pfn);
  if (mapped == nullptr) mapped = port.set_slot(port.self, stack.slot(depth), pfn);
  stack.push(depth, {pfn, mapped, atomic});
  address = mapped;
  return Status::kOk;
}

Status Mapper::map_local(std::uint64_t pfn, bool atomic, void*& address) noexcept {
  if (!knows(pfn)) return Status::kBadArgument;
  const labyrinth_map_port& port = config_.port;
  // First: from here to the unmapping the caller stays where it is.
  if (atomic) port.preempt_disable(port.self);
  const Status status = push(pfn, atomic, address);
  if (atomic && status != Status::kOk) port.preempt_enable(port.self);
  return status;
}

Status Mapper::unmap_local(const void* address, bool atomic) noexcept {
  const labyrinth_map_port& port = config_.port;
  labyrinth_map_stack* const own = port.context(port.self);
  if (own == nullptr) return Status::kBadArgument;
  LocalStack stack(*own);
  const std::uint32_t depth = stack.depth();
  if (depth == 0) return Status::kBadArgument;
  const labyrinth_map_entry& newest = stack.entry(depth - 1);
  if (newest.address != address || newest.atomic != atomic) return Status::kBadArgument;
  const bool in_slot = page_address(newest.pfn) == nullptr;
  stack.pop(depth);
  if (in_slot) port.clear_slot(port.self, stack.slot(depth - 1));
  if (atomic) port.preempt_enable(port.self);
  return Status::kOk;
}

void Mapper::set_up(labyrinth_map_stack& stack, std::uint32_t number) const noexcept {
  stack = {};
  stack.first_slot = config_.map_slots + number * config_.depth;
}

}  // namespace labyrinth::mapping
