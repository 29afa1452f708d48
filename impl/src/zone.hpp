// A zone: credits, ownership words and hints of one range of frames, in one object at the start of its part
// of the metadata. It knows floors, and nothing of who asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "entitlement.hpp"
#include "highatomic.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"
#include "pageblocks.hpp"
#include "prepaid.hpp"
#include "search.hpp"
#include "steps.hpp"

namespace labyrinth {

struct ZoneSetup {
  std::uint64_t first_pfn;
  std::uint64_t frames;
  Order max_order;
  std::uint32_t cpus;
  Watermarks watermarks;
  std::array<Frames, LABYRINTH_ZONES> reserve;  // by the highest zone of the request
  bool grouped;                                 // by mobility, where the zone is large enough
  std::uint32_t apart;                          // pageblocks that may be set apart

  [[nodiscard]] constexpr Geometry geometry() const noexcept {
    return Geometry(first_pfn, frames, max_order);
  }
  [[nodiscard]] constexpr Shape shape() const noexcept {
    const bool groups = grouped && Pageblocks::is_worth_grouping(geometry());
    return {geometry(), cpus, groups ? kMobilities : 1, apart};
  }
};

// Who asks, as far as a zone cares.
struct Caller {
  std::uint32_t cpu = 0;
  Mobility mobility = Mobility::kStays;
  bool draws = false;       // may take what is set apart
  bool gives_back = false;  // makes what is set apart give way before it is refused
  bool sets_apart = false;  // what it gets of an order above 0 is to be set apart
};

class Zone {
 public:
  struct Taken {
    Status status;  // kOk, kExhausted, kFragmented or kContended
    Pfn pfn;
  };

  // `metadata` is aligned and as large as layout_of() says; its first `header` bytes are taken already, by
  // the zone itself or by what it is a part of.
  Zone(const ZoneSetup& setup, std::byte* metadata, std::size_t header) noexcept;

  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  // Takes a frame that the CPU has at hand and leaves at least `floor` frames; an invalid pfn, and no change,
  // if that cannot be done at once.
  [[nodiscard]] Pfn take_at_hand(Frames floor, std::uint32_t cpu, Mobility mobility) noexcept {
    const Offset frame = prepaid_.claim(prepaid_.lane(cpu, mobility), floor);
    return frame == kNoFrame ? Pfn{} : Pfn{geometry_.base_pfn + frame};
  }
  // Takes a block and leaves at least `floor` frames, or changes nothing.
  [[nodiscard]] Taken take(Order order, Frames floor, const Caller& caller) noexcept {
    return take_part(order, static_cast<std::uint32_t>(order.frames().value), floor, caller);
  }
  // The same for the first `frames` frames of the block, as blocks of falling orders; the rest is free again.
  [[nodiscard]] Taken take_part(Order order, std::uint32_t frames, Frames floor,
                                const Caller& caller) noexcept;
  // Takes `count` frames, all or none.
  [[nodiscard]] Status take_bulk(std::uint32_t count, Frames floor, const Caller& caller,
                                 std::uint64_t* pfns) noexcept;
  // Whether (pfn, order) is a block that can be: aligned, and in the zone as a whole.
  [[nodiscard]] bool could_be_block(Pfn pfn, Order order) const noexcept {
    if (order > geometry_.max_order || !contains(pfn)) return false;
    const std::uint64_t distance = pfn.value - geometry_.base_pfn;
    const std::uint64_t size = std::uint64_t{1} << order.value;
    return (distance & (size - 1)) == 0 && distance + size <= geometry_.frames.end;
  }
  // Gives back a block that could be one; false, and no change, if it is not live.
  [[nodiscard]] bool release(Pfn pfn, Order order) noexcept {
    const Offset frame = offset_of(pfn);
    const Ownership::Released released = ownership_.release(frame, order);
    if (released == Ownership::Released::kWithCredit) return_credits(frame, order.frames());
    return released != Ownership::Released::kNothing;
  }

  [[nodiscard]] bool contains(Pfn pfn) const noexcept {
    return pfn.value - geometry_.base_pfn - geometry_.frames.begin < geometry_.frames.size();
  }
  [[nodiscard]] Frames floor(Gfp gfp, Pass pass, ZoneIndex highest) const noexcept {
    return floor_of(gfp, pass, watermarks_, reserve_[highest]);
  }
  // Whether a request for `need` frames in blocks of `order` could be served if every frame were free.
  [[nodiscard]] bool could_give(Order order, Frames need, Frames floor) const noexcept {
    const std::uint64_t size = std::uint64_t{1} << order.value;
    const std::uint64_t first = (geometry_.frames.begin + size - 1) & ~(size - 1);
    return first + size <= geometry_.frames.end && Frames{geometry_.frames.size()} - need >= floor;
  }
  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const Watermarks& watermarks() const noexcept { return watermarks_; }
  [[nodiscard]] const std::array<Frames, LABYRINTH_ZONES>& lowmem_reserves() const noexcept {
    return reserve_;
  }
  [[nodiscard]] const Ownership& ownership() const noexcept { return ownership_; }
  // Old as soon as it is read, and never more than the zone has.
  [[nodiscard]] Frames free_frames() const noexcept;
  // The drift: what a call in progress may hold instead of what it asked for. A word in its hands
  // (prepaid.hpp); while a word is set apart for a block, the block too.
  [[nodiscard]] Frames batch() const noexcept {
    if (shape_.apart != 0) return kBatch + kLargestInWord.frames();
    return Prepaid::batch(shape_.geometry, shape_.cpus);
  }
  [[nodiscard]] bool may_set_apart() const noexcept { return shape_.apart != 0; }
  // Whether the frame is set apart for high-order atomic requests: old as soon as it is read.
  [[nodiscard]] bool is_set_apart(Pfn pfn) const noexcept {
    return highatomic_.has(offset_of(pfn) / kFramesPerWord);
  }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] Offset offset_of(Pfn pfn) const noexcept {
    return static_cast<Offset>(pfn.value - geometry_.base_pfn);
  }

  [[nodiscard]] static Layout layout_of(const ZoneSetup& setup, std::size_t header) noexcept;

 private:
  [[nodiscard]] Status take_credits(Frames need, Frames floor, const Caller& caller) noexcept;
  [[nodiscard]] bool has_hidden(const Caller& caller) const noexcept;
  void collect(const Caller& caller) noexcept;
  [[nodiscard]] Found search_again(Order order, WordIndex start, Frames floor, const Caller& caller,
                                   Search& search) noexcept;
  void return_credits(Offset frame, Frames frames) noexcept;

  const Shape shape_;
  const Geometry& geometry_ = shape_.geometry;
  const Watermarks watermarks_;
  const std::array<Frames, LABYRINTH_ZONES> reserve_;
  Ownership ownership_;
  Credits credits_;
  Prepaid prepaid_;
  Pageblocks blocks_;
  Highatomic highatomic_;
};

}  // namespace labyrinth
