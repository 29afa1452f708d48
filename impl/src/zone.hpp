// A zone: credits, ownership words and hints of one range of frames, in one object at the start of its part
// of the metadata. It knows floors, and nothing of who asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "entitlement.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"
#include "prepaid.hpp"

namespace labyrinth {

struct ZoneSetup {
  std::uint64_t first_pfn;
  std::uint64_t frames;
  Order max_order;
  std::uint32_t cpus;
  Watermarks watermarks;
  std::array<Frames, LABYRINTH_ZONES> reserve;  // by the highest zone of the request

  [[nodiscard]] constexpr Geometry geometry() const noexcept {
    return Geometry(first_pfn, frames, max_order);
  }
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
  [[nodiscard]] Pfn take_at_hand(Frames floor, std::uint32_t cpu) noexcept {
    const Offset frame = prepaid_.claim(prepaid_.line(cpu), floor);
    return frame == kNoFrame ? Pfn{} : Pfn{geometry_.base_pfn + frame};
  }
  // Takes a block and leaves at least `floor` frames, or changes nothing.
  [[nodiscard]] Taken take(Order order, Frames floor, std::uint32_t cpu) noexcept {
    return take_part(order, static_cast<std::uint32_t>(order.frames().value), floor, cpu);
  }
  // The same for the first `frames` frames of the block, as blocks of falling orders; the rest is free again.
  [[nodiscard]] Taken take_part(Order order, std::uint32_t frames, Frames floor, std::uint32_t cpu) noexcept;
  // Takes `count` frames, all or none.
  [[nodiscard]] Status take_bulk(std::uint32_t count, Frames floor, std::uint32_t cpu,
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
  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const Watermarks& watermarks() const noexcept { return watermarks_; }
  [[nodiscard]] const std::array<Frames, LABYRINTH_ZONES>& lowmem_reserves() const noexcept {
    return reserve_;
  }
  [[nodiscard]] const Ownership& ownership() const noexcept { return ownership_; }
  // Old as soon as it is read.
  [[nodiscard]] Frames free_frames() const noexcept;
  // The drift (prepaid.hpp): what a call in progress may hold instead of what it asked for.
  [[nodiscard]] Frames batch() const noexcept { return Prepaid::batch(geometry_, cpus_); }
  [[nodiscard]] std::uint32_t cpus() const noexcept { return cpus_; }
  [[nodiscard]] Offset offset_of(Pfn pfn) const noexcept {
    return static_cast<Offset>(pfn.value - geometry_.base_pfn);
  }

  [[nodiscard]] static Layout layout_of(const ZoneSetup& setup, std::size_t header) noexcept;

 private:
  [[nodiscard]] bool take_credits(Frames need, Frames floor) noexcept;
  void return_credits(Offset frame, Frames frames) noexcept;

  const Geometry geometry_;
  const Watermarks watermarks_;
  const std::array<Frames, LABYRINTH_ZONES> reserve_;
  const std::uint32_t cpus_;
  Ownership ownership_;
  Credits credits_;
  Prepaid prepaid_;
};

}  // namespace labyrinth
