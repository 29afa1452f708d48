// A zone: credits, ownership words and hints of one range of frames, in one object at the start of its part
// of the metadata. It knows floors, and nothing of who asks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "entitlement.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"

namespace labyrinth {

// Where a CPU last found a block. Only speed depends on it, so any CPU number and any value will do.
struct alignas(kCacheLine) Hint {
  explicit Hint(WordIndex first) noexcept : word(first) {}

  std::atomic<WordIndex> word;
};

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

  // Takes a block and leaves at least `floor` frames, or changes nothing.
  [[nodiscard]] Taken take(Order order, Frames floor, std::uint32_t cpu) noexcept;
  // Whether (pfn, order) is a block that can be: aligned, and in the zone as a whole.
  [[nodiscard]] bool could_be_block(Pfn pfn, Order order) const noexcept;
  // Gives back a block that could be one; false, and no change, if it is not live.
  [[nodiscard]] bool release(Pfn pfn, Order order) noexcept;

  [[nodiscard]] bool contains(Pfn pfn) const noexcept {
    return pfn.value - geometry_.base_pfn - geometry_.frames.begin < geometry_.frames.size();
  }
  [[nodiscard]] Frames floor(Gfp gfp, Pass pass, ZoneIndex highest) const noexcept {
    return floor_of(gfp, pass, watermarks_, reserve_[highest]);
  }
  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const Watermarks& watermarks() const noexcept { return watermarks_; }
  [[nodiscard]] Frames free_frames() const noexcept { return credits_.free_frames(); }
  [[nodiscard]] Offset offset_of(Pfn pfn) const noexcept {
    return static_cast<Offset>(pfn.value - geometry_.base_pfn);
  }

  [[nodiscard]] static Layout layout_of(const ZoneSetup& setup, std::size_t header) noexcept;

 private:
  const Geometry geometry_;
  const Watermarks watermarks_;
  const std::array<Frames, LABYRINTH_ZONES> reserve_;
  const std::uint32_t cpus_;
  Hint* hints_ = nullptr;
  Ownership ownership_;
  Credits credits_;
};

}  // namespace labyrinth
