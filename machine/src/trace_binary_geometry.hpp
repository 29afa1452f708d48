// What the header and the records of the binary form draft of a machine's geometry, and the geometry that
// comes of it: always a valid one. It is plain data, which proofs/trace-geometry.cpp begins with.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "trace_binary_layout.hpp"

namespace labyrinth::machine::binary {

using Header = std::array<std::uint8_t, kBinaryHeaderSize>;
using RecordBytes = std::array<std::uint8_t, kBinaryRecordSize>;

/// Frames; the distances from min to low and from low to high.
struct ZoneDraft {
  std::uint32_t frames, min, low_step, high_step, ratio, highatomic = 0;
  bool unmaps = false;
};

struct GeometryDraft {
  static constexpr auto kNormal = static_cast<std::size_t>(model::ZoneType::kNormal);

  std::array<ZoneDraft, model::kZoneTypes + 1> zones{};
  std::array<RoomShape, model::kLevels> rooms{};
  std::array<RoomShape, model::kMaxDevices> devices{};
  ObjectShape objects{};
  MapShape map{};
  bool map_given = false;
  std::size_t zone = kNormal;  // That records are about.
  bool several = false;        // There may be more than zone NORMAL.
  std::uint64_t first_pfn = 0;
  std::uint8_t cpus = 1, max_order = 0;

  void header(const Header& bytes) noexcept {
    cpus = kCpus[bytes[kAtCpus]];
    max_order = kMaximalOrder[bytes[kAtCpus]];
    zones[kNormal] = {kFrames[bytes[kAtFrames]],
                      kMin[bytes[kAtMin]],
                      kStep[bytes[kAtLow]],
                      kStep[bytes[kAtHigh]],
                      0,
                      false};
  }

  /// Of a zone, which the next records are about.
  void zone_record(const RecordBytes& bytes) noexcept {
    zone = kZoneOf[bytes[1] & 7U];
    several = several || zone != kNormal;
    zones[zone] = {kZoneFrames[bytes[2]],
                   bytes[3] & 7U,
                   bytes[3] >> 3 & 3U,
                   bytes[3] >> 5 & 3U,
                   kRatio[bytes[1]],
                   0,
                   (bytes[1] >> kUnmapsBit & 1U) != 0};
  }

  /// Of a room, of mappings, of objects, or more of the zone that zone records are about.
  void room_record(const RecordBytes& bytes) noexcept {
    const unsigned what = bytes[1] & 7U;
    if (what < model::kLevels) {
      const std::uint8_t frames = kRoomFrames[bytes[2]];
      const RoomShape room{frames, frames != 0 && (bytes[3] & 1U) != 0};
      const bool of_device = (bytes[1] & kOfDevice) == kOfDevice;
      const unsigned device = what | ((bytes[1] & kUpperDevice) != 0 ? model::kLevels : 0U);
      (of_device ? devices[device] : rooms[what]) = room;
      several = true;
    } else if (what == kMapOfMachine) {
      map_given = true;
      map = {kMapSlots[bytes[2]], kMapDepth[bytes[3]], static_cast<std::uint8_t>(bytes[1] >> 3)};
    } else if (what == kRatioOfZone) {
      zones[zone].ratio = bytes[2] | std::uint32_t{bytes[3]} << 8;
    } else if (what == kHighatomicOfZone) {
      zones[zone].highatomic = kHighatomic[bytes[2]];
    } else if (what == kObjects && (bytes[1] & kObjectsExactly) == 0) {
      objects = {kObjectFrames[bytes[2]], kObjectMin[bytes[3]]};
    } else if (what == kObjects) {
      objects = {bytes[2] + 1U, bytes[3]};
    }
  }

  /// What has no place in the tables: the first pfn, frames and marks to 17 bits. `last`: the record's last
  /// byte.
  void widen(unsigned variant, unsigned bits, std::uint8_t last) noexcept {
    const bool sealed = (last & 0xfeU) == kSeal;
    const unsigned value = bits | (last & 1U) << 16;
    if (variant >= kWideFirst && variant < kWideFirst + 3 && (sealed || variant == kWideFirst)) {
      const unsigned shift = 16 * (variant - kWideFirst);
      first_pfn = (first_pfn & ~(std::uint64_t{0xffff} << shift)) | std::uint64_t{bits} << shift;
    }
    if (!sealed) return;
    ZoneDraft& meant = zones[zone];
    if (variant == kWideFrames) meant.frames = std::min(value, kMaxFrames);
    if (variant == kWideMin) meant.min = value;
    if (variant == kWideLowStep) meant.low_step = value;
    if (variant == kWideHighStep) meant.high_step = value;
  }

  /// Rooms first, then each zone of what frames are left, NORMAL last; a machine without frames gets one.
  void finish(Geometry& g) const noexcept {
    g.cpus = cpus;
    g.max_order = max_order;
    g.first_pfn = first_pfn <= kMaxFirstPfn ? first_pfn : first_pfn % (kMaxFirstPfn + 1);
    g.zones = {};
    g.rooms = {};
    g.devices = {};
    g.objects = {objects.frames, std::min(objects.min, objects.frames)};
    std::uint32_t left = kMaxFrames - objects.frames;
    const std::uint32_t all = left;
    if (several) [[unlikely]] {
      for (std::size_t i = 0; i < rooms.size(); ++i) {
        g.rooms[i] = rooms[i];
        left -= std::uint32_t{rooms[i].frames} * cpus;
      }
      for (std::size_t i = 0; i < devices.size(); ++i) {
        g.devices[i] = devices[i];
        left -= devices[i].frames;
      }
      for (std::size_t i = 0; i < zones.size(); ++i) {
        if (i != kNormal) left -= finish_zone(zones[i], left, g.zones[i]);
      }
      g.zones[kVoid].ratio = 0;
      g.zones[kVoid].unmaps = g.zones[kVoid].frames != 0 && zones[kVoid].unmaps;
      g.zones[kVoid].highatomic = 0;
    }
    left -= finish_zone(zones[kNormal], left, g.normal());
    if (left == all) g.normal().frames = 1;
    g.map = map;
    for (std::size_t i = 0; i < g.zones.size() && map.unmapped != 0; ++i) {
      if (g.zones[i].frames == 0) g.map.unmapped = static_cast<std::uint8_t>(g.map.unmapped & ~(1U << i));
    }
  }

  /// Returns the frames that the zone has: at most `left`.
  static std::uint32_t finish_zone(const ZoneDraft& draft, std::uint32_t left, ZoneShape& shape) noexcept {
    const std::uint32_t frames = std::min(draft.frames, left);
    shape.frames = frames;
    shape.min = draft.min <= frames ? draft.min : draft.min % (frames + 1);
    const std::uint32_t low = shape.min + draft.low_step;
    shape.low = low <= frames ? low : shape.min + draft.low_step % (frames - shape.min + 1);
    const std::uint32_t high = shape.low + draft.high_step;
    shape.high = high <= frames ? high : shape.low + draft.high_step % (frames - shape.low + 1);
    shape.ratio = frames != 0 ? draft.ratio : 0;
    shape.highatomic = std::min(draft.highatomic, frames);
    return frames;
  }
};

}  // namespace labyrinth::machine::binary
