// Machines: so small that a few calls meet every limit.
#include <algorithm>

#include "chance.hpp"
#include "generators.hpp"

namespace labyrinth::properties {

using machine::Geometry;
using machine::ZoneShape;

namespace {

void draw_zone(const Aim& aim, Chance& chance, std::uint32_t cpus, ZoneShape& zone) noexcept {
  // Whole words of 64 frames, and enough of them for each CPU, are another path of many allocators.
  constexpr std::uint32_t kWord = 64;
  const bool large = chance.once_in(5);
  zone.frames = large ? kWord * (cpus + chance.below(2)) : 1 + chance.below(aim.most_frames);
  if ((aim.parts & kMarks) == 0) return;
  const auto step = [&] { return chance.below(std::min<std::uint32_t>(5, zone.frames / 2 + 1)); };
  zone.min = std::min(zone.frames, step() + step());
  // Of many frames most are behind a watermark now and then, so that few calls meet it.
  if (large && chance.once_in(3)) zone.min = zone.frames - 1 - chance.below(aim.most_frames);
  zone.low = std::min(zone.frames, zone.min + step());
  zone.high = std::min(zone.frames, zone.low + step());
}

void draw_room(Chance& chance, machine::RoomShape& room) noexcept {
  constexpr std::uint32_t kFew = 4;
  room = {static_cast<std::uint8_t>(1 + chance.below(kFew)), chance.once_in(2)};
}

}  // namespace

void draw_geometry(const Aim& aim, std::uint64_t seed, machine::Trace& out) noexcept {
  Chance chance(seed);
  const auto has = [&](Part part) {
    return (aim.always & part) != 0 || ((aim.parts & part) != 0 && !chance.once_in(3));
  };
  constexpr std::uint32_t kFarAway = 0x12300;  // A first frame that is no multiple of every order's size ...
  Geometry& g = out.geometry;
  g = {};
  g.cpus = static_cast<std::uint8_t>(1 + chance.below(aim.cpus));
  g.max_order = chance.once_in(2) ? std::uint8_t{10} : static_cast<std::uint8_t>(1 + chance.below(5));
  g.first_pfn = chance.once_in(4) ? kFarAway + chance.below(8) : 0;  // ... now and then.
  draw_zone(aim, chance, g.cpus, g.normal());
  if (has(kZones)) {
    for (std::size_t i = 0; i < model::kZoneTypes; ++i) {
      if (&g.zones[i] != &g.normal() && chance.once_in(2)) draw_zone(aim, chance, g.cpus, g.zones[i]);
      if (g.zones[i].frames != 0 && chance.once_in(2)) g.zones[i].ratio = 1 + chance.below(8);
    }
  }
  if (has(kTheVoid)) {
    draw_zone(aim, chance, g.cpus, g.zones[machine::kVoid]);
    g.zones[machine::kVoid].unmaps = has(kUnmapped);
  }
  if (has(kHighatomic)) {
    // A pageblock has 32 frames at least.
    constexpr std::uint32_t kPageblock = 32;
    g.max_order = std::min<std::uint8_t>(g.max_order, 5);
    ZoneShape& zone = g.normal();
    zone.frames = kPageblock * (1 + chance.below(3)) + chance.below(kPageblock);
    for (std::uint32_t* mark : {&zone.min, &zone.low, &zone.high}) *mark = std::min(*mark, zone.frames);
    zone.highatomic = 1 + chance.below(2);
  }
  if (has(kRooms)) {
    for (machine::RoomShape& room : g.rooms) {
      if (!chance.once_in(3)) draw_room(chance, room);
    }
  }
  if (has(kDevices)) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (!chance.once_in(3)) draw_room(chance, g.devices[i]);
    }
  }
  if (has(kMaps)) {
    g.map = {static_cast<std::uint8_t>(chance.below(3)), static_cast<std::uint8_t>(1 + chance.below(3)), 0};
    for (std::size_t i = 0; i < g.zones.size(); ++i) {
      if (g.zones[i].frames != 0 && !chance.once_in(4)) g.map.unmapped |= static_cast<std::uint8_t>(1U << i);
    }
  }
  if (has(kObjects)) {
    g.objects.frames = 1 + chance.below(6);
    g.objects.min = chance.below(2);
  }
}

}  // namespace labyrinth::properties
