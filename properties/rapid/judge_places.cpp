// X2, X6, E4: which part of the memory a block lies in, and whether its owner asked for that part.
#include "judge.hpp"
#include "labyrinth/machine/target.h"

namespace labyrinth::properties {
namespace {

using machine::Op;
using model::Status;

/// Part of the memory, in the order of addresses: zones, the void, rooms of levels by CPU, rooms of devices.
struct Region {
  enum class Kind : std::uint8_t { kZone, kVoid, kRoom, kDevice, kNowhere };
  Kind kind = Kind::kNowhere;
  std::uint32_t which = 0;  ///< Zone, or level, or device.
  std::uint32_t cpu = 0;
};

[[nodiscard]] Region region_of(const machine::Geometry& g, const Extent& block) noexcept {
  std::uint64_t first = g.first_pfn;
  const auto holds = [&](std::uint64_t frames) {
    const bool inside = block.pfn >= first && block.end() <= first + frames;
    first += frames;
    return inside;
  };
  for (std::uint32_t i = 0; i < g.zones.size(); ++i) {
    if (holds(g.zones[i].frames)) return {i == machine::kVoid ? Region::Kind::kVoid : Region::Kind::kZone, i};
  }
  for (std::uint32_t level = 0; level < g.rooms.size(); ++level) {
    for (std::uint32_t cpu = 0; cpu < g.cpus; ++cpu) {
      if (holds(g.rooms[level].frames)) return {Region::Kind::kRoom, level, cpu};
    }
  }
  for (std::uint32_t device = 0; device < g.devices.size(); ++device) {
    if (holds(g.devices[device].frames)) return {Region::Kind::kDevice, device};
  }
  return {};
}

class Places final : public Judge {
 public:
  void on_departure(std::uint8_t kind, std::uint8_t) override {
    migrated_ = migrated_ || static_cast<machine::Decision::Kind>(kind) == machine::Decision::Kind::kMigrate;
  }

  void on_answer(std::uint8_t index) override {
    const machine::Call& made = call(index);
    if (!machine::allocates(made.op) || status(index) != Status::kOk) return;
    constexpr std::uint32_t kKnown = 0xf07fff;
    if ((made.gfp & ~kKnown) != 0)
      return object({index, "flags that do not exist were understood; flags", made.gfp, kKnown});
    if (made.op == Op::kAlloc && made.order > trace().geometry.max_order)
      return object(
          {index, "an order was served that does not exist; order", made.order, trace().geometry.max_order});
    if (made.op == Op::kBulk) return judge_region(index, {result(index).pfn, 0});
    const Extents given = blocks_of(made, result(index).pfn);
    for (const Extent& block : given.all()) {
      if ((block.pfn & ((std::uint64_t{1} << block.order) - 1)) != 0) {
        object({index, "a block is not aligned to its order; frame", static_cast<std::int64_t>(block.pfn),
                block.order});
      }
      judge_region(index, block);
    }
  }

 private:
  void reset() noexcept override { migrated_ = false; }

  void judge_region(std::uint8_t index, const Extent& block) noexcept {
    const std::uint32_t gfp = call(index).gfp;
    const machine::Geometry& g = trace().geometry;
    const Region region = region_of(g, block);
    const auto pfn = static_cast<std::int64_t>(block.pfn);
    const std::uint32_t device = (gfp & LABYRINTH_TARGET_DEVICE) >> LABYRINTH_TARGET_DEVICE_SHIFT;
    const bool exclusive = (gfp & LABYRINTH_TARGET_EXCLUSIVE) != 0;
    const machine::Where here = machine::where();
    const auto level = static_cast<std::uint32_t>(trace().context_storage[here.context].level);
    switch (region.kind) {
      case Region::Kind::kNowhere:
        return object({index, "a block is not within one part of the memory; frame", pfn, 0});
      case Region::Kind::kVoid:
        if (!exclusive)
          object({index, "a frame of the void was given to who did not ask for it; frame", pfn, 0});
        return;
      case Region::Kind::kZone: {
        if (exclusive) return object({index, "an exclusive block comes from a zone; frame", pfn, 0});
        if (region.which > highest_zone(gfp))
          return object({index, "a block comes from a zone that the flags do not permit; frame", pfn, 0});
        const bool spills = device != 0                          ? g.devices[device - 1].spills
                            : (gfp & LABYRINTH_TARGET_ROOM) != 0 ? g.rooms[level].spills
                                                                 : true;
        if (!spills) object({index, "who may have a room only was served from a zone; frame", pfn, 0});
        return;
      }
      case Region::Kind::kRoom: {
        const bool asked = (gfp & LABYRINTH_TARGET_ROOM) != 0;
        if (!asked || region.which != level || (region.cpu != here.cpu && !migrated_))
          object({index, "a frame of another owner's room was given out; frame", pfn, 0});
        return;
      }
      case Region::Kind::kDevice:
        if (device != region.which + 1)
          object({index, "a frame of another device's room was given out; frame", pfn, 0});
        return;
    }
  }

  bool migrated_ = false;
};

}  // namespace

std::uint32_t highest_zone(std::uint32_t gfp) noexcept {
  if ((gfp & LABYRINTH_TARGET_DMA) != 0) return LABYRINTH_TARGET_ZONE_DMA;
  if ((gfp & LABYRINTH_TARGET_DMA32) != 0) return LABYRINTH_TARGET_ZONE_DMA32;
  constexpr std::uint32_t kBoth = LABYRINTH_TARGET_HIGHMEM | LABYRINTH_TARGET_MOVABLE;
  return (gfp & kBoth) == kBoth ? LABYRINTH_TARGET_ZONE_MOVABLE : LABYRINTH_TARGET_ZONE_NORMAL;
}

std::unique_ptr<Judge> judge_places() { return std::make_unique<Places>(); }

}  // namespace labyrinth::properties
