// "An allocation and its free are the identity on the snapshot": said of the library as it ships, without the
// machine. The case gives geometry and calls; they are made one after the other.
#include <array>
#include <string>
#include <vector>

#include "labyrinth/labyrinth.h"
#include "labyrinth/snapshot.h"
#include "property.hpp"

namespace labyrinth::properties {

using machine::Call;
using machine::Op;
using machine::Trace;

namespace {

[[nodiscard]] labyrinth_zone_config zone_of(const machine::ZoneShape& zone) noexcept {
  return {zone.frames, zone.min, zone.low, zone.high, zone.ratio, zone.highatomic};
}

/// Frames have no content here: nothing looks at any.
[[nodiscard]] labyrinth_config config_of(const machine::Geometry& geometry) noexcept {
  labyrinth_config config{};
  config.first_pfn = geometry.first_pfn;
  for (std::size_t i = 0; i < LABYRINTH_ZONES; ++i) config.zones[i] = zone_of(geometry.zones[i]);
  config.isolated = zone_of(geometry.zones[machine::kVoid]);
  for (std::size_t i = 0; i < LABYRINTH_LEVELS; ++i)
    config.rooms[i] = {geometry.rooms[i].frames, geometry.rooms[i].spills};
  for (std::size_t i = 0; i < LABYRINTH_MAX_DEVICES; ++i)
    config.devices[i] = {geometry.devices[i].frames, geometry.devices[i].spills};
  config.max_order = geometry.max_order;
  config.cpus = geometry.cpus;
  config.port.cpu = [](void*) { return 0U; };
  config.port.may_sleep = [](void*) { return true; };
  config.port.level = [](void*) { return LABYRINTH_TASK; };
  config.port.zero = [](void*, std::uint64_t, std::uint64_t) {};
  config.port.poison = [](void*, std::uint64_t, std::uint64_t) {};
  config.port.is_poisoned = [](void*, std::uint64_t, std::uint64_t) { return true; };
  return config;
}

class Library {
 public:
  explicit Library(const machine::Geometry& geometry) : config_(config_of(geometry)) {
    const std::size_t size = labyrinth_metadata_size(&config_);
    if (size == 0) return;
    lines_.resize(size / sizeof(Line) + 1);
    allocator_ = labyrinth_init(&config_, lines_.data(), lines_.size() * sizeof(Line));
  }
  [[nodiscard]] labyrinth_allocator* allocator() const noexcept { return allocator_; }
  [[nodiscard]] std::string snapshot() const {
    std::string text(labyrinth_snapshot_text(allocator_, nullptr, 0) + 1, '\0');
    labyrinth_snapshot_text(allocator_, text.data(), text.size());
    return text;
  }

 private:
  struct alignas(LABYRINTH_METADATA_ALIGNMENT) Line {
    std::array<std::byte, LABYRINTH_METADATA_ALIGNMENT> bytes{};
  };
  labyrinth_config config_;
  std::vector<Line> lines_;
  labyrinth_allocator* allocator_ = nullptr;
};

}  // namespace

std::optional<Failure> check_snapshot(Bench& bench, const Trace& trace) {
  const Library library(trace.geometry);
  labyrinth_allocator* const allocator = library.allocator();
  if (allocator == nullptr) {
    ++bench.inconclusive;
    return std::nullopt;
  }
  const auto wrong = [&](std::uint8_t call, const char* reason, std::int64_t seen) {
    return Failure{{.call = call, .reason = reason, .seen = seen}, false, true, trace, std::nullopt};
  };
  std::array<labyrinth_page, machine::kMaxCalls> got{};
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const Call& call = trace.call_storage[i];
    if (call.op == Op::kAlloc) {
      const std::string before = library.snapshot();
      labyrinth_page page{};
      labyrinth_alloc_page(allocator, call.gfp, call.order, &page);
      if (page.status == LABYRINTH_OK) {
        if (library.snapshot() == before) return wrong(i, "an allocation cannot be seen in the snapshot", 0);
        const labyrinth_status freed = labyrinth_free_page(allocator, page.pfn, page.order);
        if (freed != LABYRINTH_OK) return wrong(i, "a live block's free is refused; answer", freed);
      }
      if (library.snapshot() != before)
        return wrong(i, "after an allocation and its free, or a refusal, the snapshot is another; answer",
                     page.status);
      labyrinth_alloc_page(allocator, call.gfp, call.order, &got[i]);
      if (got[i].status != page.status)
        return wrong(i, "the same request is answered otherwise after the first was freed; answer",
                     got[i].status);
    } else if (call.op == Op::kFree && call.handle != machine::kNoHandle && call.handle < i) {
      labyrinth_page& block = got[call.handle];
      if (block.status == LABYRINTH_OK) {
        static_cast<void>(labyrinth_free_page(allocator, block.pfn, block.order));
        block.status = LABYRINTH_BAD_ARGUMENT;
      }
    }
  }
  return std::nullopt;
}

}  // namespace labyrinth::properties
