// The pools of a trace's machine, as the model sees them.
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

model::Memory memory_of(const Geometry& geometry) noexcept {
  model::Memory memory{};
  memory.max_order = {geometry.max_order};
  memory.pageblock = {pageblock_order(geometry)};
  std::uint64_t next = geometry.first_pfn;
  const auto add = [&](std::uint32_t frames) -> model::Pool& {
    model::Pool& pool = memory.pools[memory.pool_count++];
    pool.span = {{next}, {frames}};
    next += frames;
    return pool;
  };
  std::array<model::ZoneConfig, model::kZoneTypes> zones{};
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const ZoneShape& zone = geometry.zones[i];
    zones[i] = {{zone.frames}, {{zone.min}, {zone.low}, {zone.high}}, zone.ratio};
  }
  for (std::size_t i = 0; i < geometry.zones.size(); ++i) {
    const ZoneShape& shape = geometry.zones[i];
    if (shape.frames == 0) continue;
    model::Pool& pool = add(shape.frames);
    pool.marks = {{shape.min}, {shape.low}, {shape.high}};
    pool.unmaps = shape.unmaps;
    pool.kind = i == kVoid ? model::PoolKind::kVoid : model::PoolKind::kZone;
    if (i == kVoid) continue;
    pool.zone = static_cast<model::ZoneType>(i);
    pool.highatomic = shape.highatomic;
    for (std::size_t highest = i; highest < zones.size(); ++highest) {
      pool.reserve[highest] =
          model::lowmem_reserve(zones, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(highest));
    }
  }
  for (std::size_t level = 0; level < geometry.rooms.size(); ++level) {
    const RoomShape& shape = geometry.rooms[level];
    for (std::uint8_t cpu = 0; cpu < geometry.cpus && shape.frames != 0; ++cpu) {
      model::Pool& pool = add(shape.frames);
      pool.kind = model::PoolKind::kRoom;
      pool.cpu = cpu;
      pool.level = static_cast<model::Level>(level);
      pool.spills = shape.spills;
    }
  }
  for (std::size_t device = 0; device < geometry.devices.size(); ++device) {
    if (geometry.devices[device].frames == 0) continue;
    model::Pool& pool = add(geometry.devices[device].frames);
    pool.kind = model::PoolKind::kRoom;
    pool.device = static_cast<std::uint8_t>(device);
    pool.spills = geometry.devices[device].spills;
  }
  return memory;
}

}  // namespace labyrinth::machine
