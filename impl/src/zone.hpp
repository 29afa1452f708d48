// A zone: configuration, credits, ownership words and hints in one object at the start of the metadata.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "labyrinth/labyrinth.h"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"
#include "watermarks.hpp"

namespace labyrinth {

// Whether every field of the configuration is in its range.
[[nodiscard]] bool is_valid(const Config& config) noexcept;

// Where a CPU last found a block. Only speed depends on it, so any CPU number and any value will do.
struct alignas(kCacheLine) Hint {
  explicit Hint(WordIndex first) noexcept : word(first) {}

  std::atomic<WordIndex> word;
};

class Zone {
 public:
  // `metadata` is aligned and as large as the layout of a valid configuration asks.
  Zone(const Config& config, std::byte* metadata) noexcept;

  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  void alloc_page(Gfp gfp, Order order, Page& out) noexcept;
  [[nodiscard]] Status free_page(Pfn pfn, Order order) noexcept;

  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] Frames free_frames() const noexcept { return credits_.free_frames(); }

  [[nodiscard]] static Geometry geometry_of(const Config& config) noexcept {
    return Geometry(config.first_pfn, config.frames, Order{config.max_order});
  }
  [[nodiscard]] static Layout layout_of(const Config& config) noexcept;

 private:
  [[nodiscard]] std::atomic<WordIndex>& hint() noexcept { return hints_[port_.cpu(port_.self) % cpus_].word; }

  const Geometry geometry_;
  const Watermarks watermarks_;
  const Port port_;
  const std::uint32_t cpus_;
  Hint* hints_ = nullptr;
  Ownership ownership_;
  Credits credits_;
};

}  // namespace labyrinth

// The C interface's opaque handle.
struct labyrinth_zone {
  labyrinth::Zone zone;
};
