// The reference mapper on the machine: its port, with a table of what each slot reaches in place of page
// tables.
#include "reference_mapper.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "labyrinth/machine/machine.h"
#include "labyrinth/mapping.h"

// Named, since the sources of a target are compiled as one.
namespace reference_mapper {
namespace {

constexpr std::uint64_t kFrameBytes = 4096;
constexpr std::uint64_t kNothing = ~std::uint64_t{0};
// Where no memory of a process is: nothing stands behind the slots.
constexpr std::uintptr_t kWindow = 0xffff'8000'0000'0000;
// What the port adds to a call: an entry of the table, and for each wait two looks.
constexpr std::uint64_t kTableSteps = 1;
constexpr std::uint64_t kWaitSteps = 2;

struct alignas(LABYRINTH_METADATA_ALIGNMENT) Surroundings {
  std::uint64_t first_pfn = 0;
  std::uint64_t frames = 0;
  std::uintptr_t base = 0;
  std::uint32_t slots = 0;  // global ones, and those of all stacks
  labyrinth_mapper* mapper = nullptr;
  // Written by several map() calls of one frame at once, and atomic as in hardware. Relaxed: to order who
  // reaches what is the mapper's part.
  std::atomic<std::uint64_t>* table = nullptr;
  std::array<labyrinth_map_stack, LABYRINTH_MACHINE_CONTEXTS> stacks{};
};

[[nodiscard]] Surroundings& of(void* self) noexcept { return *static_cast<Surroundings*>(self); }

void* set_slot(void* self, std::uint32_t slot, std::uint64_t pfn) {
  of(self).table[slot].store(pfn, std::memory_order_relaxed);
  return reinterpret_cast<void*>(kWindow + slot * kFrameBytes);  // NOLINT(performance-no-int-to-ptr)
}

// Sleeps for no time: what comes free meanwhile is what others do at the looks around it.
bool wait_for_slot(void* self, std::uint32_t freed) {
  if (labyrinth_mapper_freed(of(self).mapper) != freed) return true;
  labyrinth_machine_sleep();
  return labyrinth_mapper_freed(of(self).mapper) != freed;
}

[[nodiscard]] std::uint32_t all_slots(const labyrinth_target_geometry& geometry) noexcept {
  return geometry.map_slots + LABYRINTH_MACHINE_CONTEXTS * geometry.map_depth;
}

// Zones that have a direct map, and follow one another, are one range; the rooms behind them have one.
void set_direct(const labyrinth_target_geometry& geometry, std::uintptr_t base,
                labyrinth_mapper_config& config) {
  std::uint64_t next = 0;
  unsigned range = 0;
  for (unsigned i = 0; i <= LABYRINTH_TARGET_ZONES; ++i) {
    const bool zone = i < LABYRINTH_TARGET_ZONES;
    const std::uint64_t frames = zone ? geometry.zones[i].frames : geometry.frames - next;
    const bool mapped = !zone || (geometry.unmapped >> i & 1U) == 0;
    labyrinth_direct_range& it = config.direct[range];
    if (mapped && frames != 0 && it.frames == 0) {
      it.first_pfn = geometry.first_pfn + next;
      it.base = reinterpret_cast<void*>(base + next * kFrameBytes);  // NOLINT(performance-no-int-to-ptr)
    }
    if (mapped) it.frames += frames;
    if (!mapped && frames != 0 && it.frames != 0) ++range;
    next += frames;
  }
}

[[nodiscard]] labyrinth_mapper_config config_of(const labyrinth_target_geometry& geometry,
                                                std::uintptr_t base, Surroundings* surroundings) noexcept {
  labyrinth_mapper_config config{};
  config.first_pfn = geometry.first_pfn;
  config.frames = geometry.frames;
  set_direct(geometry, base, config);
  config.map_slots = geometry.map_slots;
  config.depth = geometry.map_depth;
  labyrinth_map_port& port = config.port;
  port.self = surroundings;
  port.context = [](void* self) { return &of(self).stacks[labyrinth_machine_context()]; };
  port.may_sleep = [](void*) { return labyrinth_machine_may_sleep(); };
  port.preempt_disable = [](void*) { labyrinth_machine_preempt_disable(); };
  port.preempt_enable = [](void*) { labyrinth_machine_preempt_enable(); };
  port.set_slot = set_slot;
  port.clear_slot = [](void* self, std::uint32_t slot) {
    of(self).table[slot].store(kNothing, std::memory_order_relaxed);
  };
  // Both kinds of surroundings: in those with an odd number of slots nobody waits.
  if (geometry.map_slots % 2 == 0) port.wait_for_slot = wait_for_slot;
  return config;
}

[[nodiscard]] std::size_t mapper_size(const labyrinth_target_geometry& geometry) noexcept {
  // Where the frames are makes no difference to the size.
  const labyrinth_mapper_config config = config_of(geometry, kFrameBytes, nullptr);
  return labyrinth_mapper_size(&config);
}

// The surroundings, the mapper, the table: each one's size is a multiple of what the next one is aligned to.
std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const std::size_t size = mapper_size(*geometry);
  if (size == 0) return 0;
  return sizeof(Surroundings) + size + all_slots(*geometry) * sizeof(std::atomic<std::uint64_t>);
}

void* create(const labyrinth_target_geometry* geometry, void* state, void* base) {
  const std::size_t size = mapper_size(*geometry);
  auto* const bytes = static_cast<std::byte*>(state);
  auto* const surroundings = ::new (bytes) Surroundings;
  surroundings->first_pfn = geometry->first_pfn;
  surroundings->frames = geometry->frames;
  surroundings->base = reinterpret_cast<std::uintptr_t>(base);
  surroundings->slots = all_slots(*geometry);
  const labyrinth_mapper_config config = config_of(*geometry, surroundings->base, surroundings);
  surroundings->mapper = labyrinth_mapper_init(&config, bytes + sizeof(Surroundings), size);
  if (surroundings->mapper == nullptr) return nullptr;
  for (std::uint32_t i = 0; i < surroundings->slots; ++i) {
    auto* const entry = ::new (bytes + sizeof(Surroundings) + size + i * sizeof(std::atomic<std::uint64_t>))
        std::atomic<std::uint64_t>(kNothing);
    if (i == 0) surroundings->table = entry;
  }
  for (std::uint32_t i = 0; i < LABYRINTH_MACHINE_CONTEXTS; ++i) {
    labyrinth_map_stack_init(surroundings->mapper, &surroundings->stacks[i], i);
  }
  return surroundings;
}

[[nodiscard]] labyrinth_mapper* mapper_of(const void* self) noexcept {
  return static_cast<const Surroundings*>(self)->mapper;
}

std::uint64_t page_address(const void* self, std::uint64_t pfn) {
  return reinterpret_cast<std::uint64_t>(labyrinth_page_address(mapper_of(self), pfn));
}

void map(void* self, std::uint32_t way, std::uint64_t pfn, labyrinth_target_map_answer* answer) {
  constexpr std::array kMaps = {labyrinth_map, labyrinth_map_local, labyrinth_map_atomic};
  void* address = nullptr;
  answer->status = static_cast<std::uint32_t>(kMaps[way](mapper_of(self), pfn, &address));
  answer->address = reinterpret_cast<std::uint64_t>(address);
}

void unmap(void* self, std::uint32_t way, std::uint64_t pfn, std::uint64_t address,
           labyrinth_target_map_answer* answer) {
  if (way == LABYRINTH_TARGET_MAP) {
    answer->status = static_cast<std::uint32_t>(labyrinth_unmap(mapper_of(self), pfn));
    return;
  }
  auto* const take_back = way == LABYRINTH_TARGET_MAP_LOCAL ? labyrinth_unmap_local : labyrinth_unmap_atomic;
  const auto* const at = reinterpret_cast<const void*>(address);  // NOLINT(performance-no-int-to-ptr)
  answer->status = static_cast<std::uint32_t>(take_back(mapper_of(self), at));
}

// What hardware would find at the address.
std::uint64_t reaches(const void* self, std::uint64_t address) {
  const auto& here = *static_cast<const Surroundings*>(self);
  if (const std::uint64_t frame = (address - here.base) / kFrameBytes; frame < here.frames) {
    return here.first_pfn + frame;
  }
  const std::uint64_t slot = (address - kWindow) / kFrameBytes;
  return slot < here.slots ? here.table[slot].load(std::memory_order_relaxed) : kNothing;
}

std::uint64_t map_steps(const void* self, std::uint32_t way) {
  if (way != LABYRINTH_TARGET_MAP) return labyrinth_map_local_steps(mapper_of(self)) + kTableSteps;
  return labyrinth_map_steps(mapper_of(self)) + kTableSteps + LABYRINTH_MAX_MAP_WAITS * kWaitSteps;
}

std::uint64_t unmap_steps(const void* self, std::uint32_t way) {
  if (way != LABYRINTH_TARGET_MAP) return labyrinth_map_local_steps(mapper_of(self)) + kTableSteps;
  return labyrinth_unmap_steps(mapper_of(self));
}

}  // namespace

constexpr labyrinth_target_mapper kTable{.state_size = state_size,
                                         .create = create,
                                         .page_address = page_address,
                                         .map = map,
                                         .unmap = unmap,
                                         .reaches = reaches,
                                         .map_steps = map_steps,
                                         .unmap_steps = unmap_steps};

}  // namespace reference_mapper
