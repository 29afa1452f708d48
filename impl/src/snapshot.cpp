// Looking at zones, and writing down what was seen. Loads only, each relaxed: numbers that order nothing.
#include "labyrinth/snapshot.hpp"

#include <span>

#include "bounded_text.hpp"
#include "free_blocks.hpp"
#include "zone_reader.hpp"

namespace labyrinth {
namespace {

// The one place that knows how an allocator keeps its zones.
std::span<const Zone> zones_of(const labyrinth_zone* handle) noexcept {
  return handle == nullptr ? std::span<const Zone>() : std::span<const Zone>(&handle->zone, 1);
}

ZoneSnapshot look_at(const Zone& zone) noexcept {
  const Geometry& geometry = zone.geometry();
  const Ownership& ownership = ownership_of(zone);
  const Watermarks& watermarks = watermarks_of(zone);
  FreeBlocks blocks(geometry.max_order);
  const Range words = geometry.words();
  for (WordIndex word = words.begin; word < words.end; ++word) blocks.add(word, ownership.look(word));
  return {Pfn{geometry.base_pfn + geometry.frames.begin},
          Frames{geometry.frames.size()},
          zone.free_frames(),
          watermarks.min,
          watermarks.low,
          watermarks.high,
          geometry.max_order,
          blocks.finish()};
}

std::uint64_t number(Frames frames) noexcept { return static_cast<std::uint64_t>(frames.value); }

void put_name(BoundedText& out, Snapshot::Names names, std::size_t zone, bool in_json) noexcept {
  const char* const name = zone < names.size() ? names[zone] : nullptr;
  if (name == nullptr) {
    out.put(std::uint64_t{zone});
    return;
  }
  for (std::size_t i = 0; i < LABYRINTH_MAX_NAME && name[i] != '\0'; ++i) {
    const bool is_printable = name[i] >= ' ' && name[i] <= '~';
    if (in_json && (name[i] == '"' || name[i] == '\\')) out.put('\\');
    out.put(is_printable ? name[i] : '?');
  }
}

void put_line(BoundedText& out, const char* label, std::uint64_t value) noexcept {
  out.put(label);
  out.put(value);
  out.put('\n');
}

void put_blocks(BoundedText& out, const ZoneSnapshot& zone, char separator) noexcept {
  for (std::uint32_t order = 0; order <= zone.max_order.value; ++order) {
    if (order > 0) out.put(separator);
    out.put(zone.free_blocks[order]);
  }
}

}  // namespace

Snapshot::Snapshot(const Allocator& allocator) noexcept {
  for (const Zone& zone : zones_of(allocator.zone())) zones_[count_++] = look_at(zone);
}

std::size_t Snapshot::write_text(std::span<char> buffer, Names names) const noexcept {
  BoundedText out(buffer);
  for (std::size_t i = 0; i < count_; ++i) {
    const ZoneSnapshot& zone = zones_[i];
    out.put("zone ");
    put_name(out, names, i, false);
    put_line(out, "\n  pages free   ", number(zone.free));
    put_line(out, "        min    ", number(zone.min));
    put_line(out, "        low    ", number(zone.low));
    put_line(out, "        high   ", number(zone.high));
    put_line(out, "        all    ", number(zone.frames));
    put_line(out, "  start_pfn    ", zone.first.value);
    out.put("  free blocks  ");
    put_blocks(out, zone, ' ');
    out.put('\n');
  }
  return out.finish();
}

std::size_t Snapshot::write_json(std::span<char> buffer, Names names) const noexcept {
  BoundedText out(buffer);
  out.put("{\"zones\":[");
  for (std::size_t i = 0; i < count_; ++i) {
    const ZoneSnapshot& zone = zones_[i];
    out.put(i == 0 ? "{\"name\":\"" : ",{\"name\":\"");
    put_name(out, names, i, true);
    out.put("\",\"start_pfn\":");
    out.put(zone.first.value);
    out.put(",\"frames\":");
    out.put(number(zone.frames));
    out.put(",\"free\":");
    out.put(number(zone.free));
    out.put(",\"min\":");
    out.put(number(zone.min));
    out.put(",\"low\":");
    out.put(number(zone.low));
    out.put(",\"high\":");
    out.put(number(zone.high));
    out.put(",\"free_blocks\":[");
    put_blocks(out, zone, ',');
    out.put("]}");
  }
  out.put("]}\n");
  return out.finish();
}

}  // namespace labyrinth

// The handle's constness is the promise not to change anything; an Allocator has no const twin.
std::size_t labyrinth_snapshot_text(const labyrinth_zone* zone, const char* const* names, std::size_t count,
                                    char* buffer, std::size_t size) {
  const labyrinth::Snapshot snapshot{labyrinth::Allocator{const_cast<labyrinth_zone*>(zone)}};
  return snapshot.write_text({buffer, size}, {names, count});
}

std::size_t labyrinth_snapshot_json(const labyrinth_zone* zone, const char* const* names, std::size_t count,
                                    char* buffer, std::size_t size) {
  const labyrinth::Snapshot snapshot{labyrinth::Allocator{const_cast<labyrinth_zone*>(zone)}};
  return snapshot.write_json({buffer, size}, {names, count});
}
