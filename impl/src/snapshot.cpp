// Looking at an allocator, and writing down what was seen. Loads only, each relaxed: numbers that order
// nothing.
#include "labyrinth/snapshot.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "bounded_text.hpp"
#include "free_blocks.hpp"
#include "memory.hpp"

namespace labyrinth {
namespace {

// By enum labyrinth_zone_type, as Linux calls them; and by enum labyrinth_level.
constexpr std::array<const char*, LABYRINTH_ZONES + 1> kZoneNames = {"DMA", "DMA32", "Normal", "Movable",
                                                                     "void"};
constexpr std::array<const char*, LABYRINTH_LEVELS> kLevelNames = {"task", "softirq", "hardirq", "nmi"};

ZoneSnapshot look_at(ZoneIndex index, const Zone& zone) noexcept {
  const Geometry& geometry = zone.geometry();
  const Watermarks& watermarks = zone.watermarks();
  FreeBlocks blocks(geometry.max_order);
  const Range words = geometry.words();
  for (WordIndex word = words.begin; word < words.end; ++word) {
    blocks.add(word, zone.ownership().look(word));
  }
  return {index,
          Pfn{geometry.base_pfn + geometry.frames.begin},
          Frames{geometry.frames.size()},
          zone.free_frames(),
          watermarks.min,
          watermarks.low,
          watermarks.high,
          zone.lowmem_reserves(),
          geometry.max_order,
          blocks.finish()};
}

RoomsSnapshot look_at(labyrinth_level level, const Memory::Rooms& rooms) noexcept {
  RoomsSnapshot seen{level,    Pfn{rooms.first_pfn}, rooms.count, Frames{rooms.frames},
                     Frames{}, Frames{rooms.frames}};
  for (std::uint32_t cpu = 0; cpu < rooms.count; ++cpu) {
    const Frames free{rooms.at(cpu).free_frames()};
    seen.free = seen.free + free;
    seen.fewest_free = std::min(seen.fewest_free, free);
  }
  return seen;
}

std::uint64_t number(Frames frames) noexcept { return static_cast<std::uint64_t>(frames.value); }

void put_line(BoundedText& out, const char* label, std::uint64_t value) noexcept {
  out.put(label);
  out.put(value);
  out.put('\n');
}

void put_field(BoundedText& out, const char* name, std::uint64_t value) noexcept {
  out.put(",\"");
  out.put(name);
  out.put("\":");
  out.put(value);
}

void put_reserves(BoundedText& out, const ZoneSnapshot& zone, char separator) noexcept {
  for (std::size_t highest = 0; highest < zone.lowmem_reserve.size(); ++highest) {
    if (highest > 0) out.put(separator);
    out.put(number(zone.lowmem_reserve[highest]));
  }
}

void put_blocks(BoundedText& out, const ZoneSnapshot& zone, char separator) noexcept {
  for (std::uint32_t order = 0; order <= zone.max_order.value; ++order) {
    if (order > 0) out.put(separator);
    out.put(zone.free_blocks[order]);
  }
}

void put_text(BoundedText& out, const ZoneSnapshot& zone) noexcept {
  out.put("zone ");
  out.put(kZoneNames[zone.zone]);
  put_line(out, "\n  pages free   ", number(zone.free));
  put_line(out, "        min    ", number(zone.min));
  put_line(out, "        low    ", number(zone.low));
  put_line(out, "        high   ", number(zone.high));
  put_line(out, "        all    ", number(zone.frames));
  out.put("  protection   ");
  put_reserves(out, zone, ' ');
  put_line(out, "\n  start_pfn    ", zone.first.value);
  out.put("  free blocks  ");
  put_blocks(out, zone, ' ');
  out.put('\n');
}

void put_text(BoundedText& out, const RoomsSnapshot& rooms) noexcept {
  out.put("rooms ");
  out.put(kLevelNames[rooms.level]);
  put_line(out, "\n  pages free   ", number(rooms.free));
  put_line(out, "        all    ", number(rooms.frames) * rooms.rooms);
  put_line(out, "  rooms        ", rooms.rooms);
  put_line(out, "  fewest free  ", number(rooms.fewest_free));
  put_line(out, "  start_pfn    ", rooms.first.value);
}

void put_text(BoundedText& out, const DeviceSnapshot& room) noexcept {
  put_line(out, "room device", room.device);
  put_line(out, "  pages free   ", number(room.free));
  put_line(out, "        all    ", number(room.frames));
  put_line(out, "  start_pfn    ", room.first.value);
}

void put_json(BoundedText& out, const ZoneSnapshot& zone) noexcept {
  out.put("{\"name\":\"");
  out.put(kZoneNames[zone.zone]);
  out.put('"');
  put_field(out, "start_pfn", zone.first.value);
  put_field(out, "frames", number(zone.frames));
  put_field(out, "free", number(zone.free));
  put_field(out, "min", number(zone.min));
  put_field(out, "low", number(zone.low));
  put_field(out, "high", number(zone.high));
  out.put(",\"protection\":[");
  put_reserves(out, zone, ',');
  out.put("],\"free_blocks\":[");
  put_blocks(out, zone, ',');
  out.put("]}");
}

void put_json(BoundedText& out, const RoomsSnapshot& rooms) noexcept {
  out.put("{\"level\":\"");
  out.put(kLevelNames[rooms.level]);
  out.put('"');
  put_field(out, "start_pfn", rooms.first.value);
  put_field(out, "rooms", rooms.rooms);
  put_field(out, "frames", number(rooms.frames));
  put_field(out, "free", number(rooms.free));
  put_field(out, "fewest_free", number(rooms.fewest_free));
  out.put('}');
}

void put_json(BoundedText& out, const DeviceSnapshot& room) noexcept {
  out.put("{\"device\":");
  out.put(std::uint64_t{room.device});
  put_field(out, "start_pfn", room.first.value);
  put_field(out, "frames", number(room.frames));
  put_field(out, "free", number(room.free));
  out.put('}');
}

template <class Item>
void put_list(BoundedText& out, std::span<const Item> items) noexcept {
  out.put('[');
  for (const Item& item : items) {
    if (&item != items.data()) out.put(',');
    put_json(out, item);
  }
  out.put(']');
}

}  // namespace

Snapshot::Snapshot(const Allocator& allocator) noexcept {
  if (!allocator) return;
  const Memory& memory = allocator.handle()->memory;
  for (ZoneIndex index = 0; index <= LABYRINTH_ZONES; ++index) {
    if (const Zone* const zone = memory.zone(index)) zones_[zone_count_++] = look_at(index, *zone);
  }
  for (std::uint32_t level = 0; level < LABYRINTH_LEVELS; ++level) {
    const Memory::Rooms& rooms = memory.rooms(level);
    if (rooms.frames == 0) continue;
    rooms_[level_count_++] = look_at(static_cast<labyrinth_level>(level), rooms);
  }
  for (std::uint32_t device = 0; device < LABYRINTH_MAX_DEVICES; ++device) {
    const Memory::Rooms& room = memory.rooms(rooms_of_device(device));
    if (room.frames == 0) continue;
    devices_[device_count_++] = {device, Pfn{room.first_pfn}, Frames{room.frames},
                                 Frames{room.at(0).free_frames()}};
  }
}

std::size_t Snapshot::write_text(std::span<char> buffer) const noexcept {
  BoundedText out(buffer);
  for (const ZoneSnapshot& zone : zones()) put_text(out, zone);
  for (const RoomsSnapshot& level : rooms()) put_text(out, level);
  for (const DeviceSnapshot& room : devices()) put_text(out, room);
  return out.finish();
}

std::size_t Snapshot::write_json(std::span<char> buffer) const noexcept {
  BoundedText out(buffer);
  out.put("{\"zones\":");
  put_list(out, zones());
  out.put(",\"rooms\":");
  put_list(out, rooms());
  out.put(",\"devices\":");
  put_list(out, devices());
  out.put("}\n");
  return out.finish();
}

}  // namespace labyrinth

// The handle's constness is the promise not to change anything; an Allocator has no const twin.
std::size_t labyrinth_snapshot_text(const labyrinth_allocator* allocator, char* buffer, std::size_t size) {
  const labyrinth::Snapshot snapshot{labyrinth::Allocator{const_cast<labyrinth_allocator*>(allocator)}};
  return snapshot.write_text({buffer, size});
}

std::size_t labyrinth_snapshot_json(const labyrinth_allocator* allocator, char* buffer, std::size_t size) {
  const labyrinth::Snapshot snapshot{labyrinth::Allocator{const_cast<labyrinth_allocator*>(allocator)}};
  return snapshot.write_json({buffer, size});
}
