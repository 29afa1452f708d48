// Machines that targets may accept, and the memory for them.
#include <fmt/format.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "labyrinth/machine/capabilities.hpp"
#include "target_world.hpp"

namespace labyrinth::native {
namespace {

constexpr std::uint64_t kAlignment = std::uint64_t{32}
                                     << 20;  // of the frames: general-purpose allocators want it

/// From the one that shows most, whose numbers are odd, to those that nobody should mind.
constexpr std::array<machine::ZoneShape, 1> kMarks{{{.frames = 0, .min = 4, .low = 8, .high = 12}}};
struct Shape {
  std::uint64_t first_pfn;
  std::uint32_t frames;
  std::uint8_t max_order;
};
constexpr std::array<Shape, 6> kShapes{
    {{5, 96, 5}, {64, 64, 5}, {256, 256, 6}, {1024, 1024, 9}, {4096, 4096, 10}, {65536, 65536, 10}}};

[[nodiscard]] std::byte* reserve(std::uint64_t bytes) {
  void* const start = mmap(nullptr, bytes + kAlignment, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "no memory for the frames");
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  return static_cast<std::byte*>(start) + ((kAlignment - address % kAlignment) % kAlignment);
}

/// As the target is asked, of what is left of the machine for what it can.
[[nodiscard]] labyrinth_target_geometry asked_of(const Shape& shape, std::uint32_t cpus, std::uint64_t can) {
  machine::Geometry wanted{};
  wanted.first_pfn = shape.first_pfn;
  wanted.max_order = shape.max_order;
  wanted.normal() = kMarks[0];
  wanted.normal().frames = shape.frames;
  const machine::Geometry geometry = machine::narrow(wanted, can);
  const machine::ZoneShape& zone = geometry.zones[LABYRINTH_TARGET_ZONE_NORMAL];
  labyrinth_target_geometry asked{};
  asked.first_pfn = geometry.first_pfn;
  asked.frames = zone.frames;
  asked.zones[LABYRINTH_TARGET_ZONE_NORMAL] = {zone.frames, zone.min, zone.low, zone.high, 0, 0, 0};
  asked.max_order = asked.pageblock_order = geometry.max_order;
  asked.cpus = cpus;
  return asked;
}

}  // namespace

Created create(const labyrinth_target& table, std::uint32_t cpus, std::uint64_t frames) {
  Created created;
  created.table = &table;
  for (const Shape& shape : kShapes) {
    if (frames != 0 && shape.frames != frames) continue;
    created.geometry = asked_of(shape, cpus, table.can);
    const std::size_t size = table.state_size(&created.geometry);
    if (size == 0) continue;
    // Zeroed, as the interface has it.
    std::byte* const state = reserve(size);
    created.frames = reserve(created.geometry.frames * LABYRINTH_PAGE_BYTES);
    created.self = table.create(&created.geometry, state, created.frames);
    if (created.self != nullptr) break;
  }
  return created;
}

std::string words_of(const labyrinth_target_geometry& geometry) {
  return fmt::format("{} frames from {}, blocks up to order {}, {} CPU{}", geometry.frames,
                     geometry.first_pfn, geometry.max_order, geometry.cpus, geometry.cpus == 1 ? "" : "s");
}

}  // namespace labyrinth::native
