// A mapper over page tables that are an array, with a scripted port: who runs, and whether it may sleep.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "labyrinth/mapping.hpp"
#include "zone_fixture.hpp"

namespace labyrinth::test {

inline constexpr std::uint64_t kNothing = ~std::uint64_t{0};
inline constexpr std::uint64_t kFirstPfn = 1000;
inline constexpr std::uint64_t kDirectFrames = 16;                 // of 64; the rest has no direct map
inline constexpr std::uint64_t kHigh = kFirstPfn + kDirectFrames;  // where it begins

class TestMapper {
 public:
  static constexpr std::uint32_t kContexts = 8;

  // `adjust` may change the configuration before it is used.
  explicit TestMapper(
      std::uint32_t slots, std::uint32_t depth,
      const std::function<void(MapperConfig&)>& adjust = [](MapperConfig&) {})
      : table(slots + std::size_t{depth} * kContexts), stacks(kContexts) {
    for (auto& entry : table) entry = kNothing;
    MapperConfig config = config_of(slots, depth);
    adjust(config);
    const std::size_t size = Mapper::metadata_size(config);
    metadata_ = make_metadata(size);
    mapper_ = Mapper::init(config, metadata_.get(), size);
    EXPECT_TRUE(mapper_) << "the configuration was refused";
    for (std::uint32_t i = 0; i < kContexts; ++i) mapper_.set_up(stacks[i], i);
  }
  TestMapper(const TestMapper&) = delete;
  TestMapper& operator=(const TestMapper&) = delete;

  MapperConfig config_of(std::uint32_t slots, std::uint32_t depth) {
    MapperConfig config{};
    config.first_pfn = kFirstPfn;
    config.frames = 64;
    config.direct[0] = {kFirstPfn, kDirectFrames, content.data()};
    config.map_slots = slots;
    config.depth = depth;
    MapPort& port = config.port;
    port.self = this;
    port.context = [](void* self) { return &of(self).stacks[of(self).context]; };
    port.may_sleep = [](void* self) { return of(self).may_sleep && of(self).preempt_off == 0; };
    port.preempt_disable = [](void* self) { ++of(self).preempt_off; };
    port.preempt_enable = [](void* self) { --of(self).preempt_off; };
    port.set_slot = [](void* self, std::uint32_t slot, std::uint64_t pfn) {
      of(self).table[slot] = pfn;
      return of(self).address_of(slot);
    };
    port.clear_slot = [](void* self, std::uint32_t slot) { of(self).table[slot] = kNothing; };
    return config;
  }

  [[nodiscard]] const Mapper& operator*() const { return mapper_; }
  [[nodiscard]] const Mapper* operator->() const { return &mapper_; }

  Mapped map_local(std::uint64_t pfn) { return map_with(labyrinth_map_local, pfn); }
  Mapped map_atomic(std::uint64_t pfn) { return map_with(labyrinth_map_atomic, pfn); }
  Status unmap_local(const void* address) {
    return static_cast<Status>(labyrinth_unmap_local(mapper_.handle(), address));
  }
  Status unmap_atomic(const void* address) {
    return static_cast<Status>(labyrinth_unmap_atomic(mapper_.handle(), address));
  }
  // What the hardware would find at the address of a slot.
  std::uint64_t reached_by(const void* address) {
    for (std::uint32_t slot = 0; slot < table.size(); ++slot) {
      if (address_of(slot) == address) return table[slot];
    }
    return kNothing;
  }
  [[nodiscard]] void* address_of(std::uint32_t slot) { return &window_[slot]; }

  std::uint32_t context = 0;
  bool may_sleep = true;
  int preempt_off = 0;
  std::vector<char> content = std::vector<char>(kDirectFrames * 4096);
  std::vector<std::atomic<std::uint64_t>> table;
  std::vector<MapStack> stacks;

 private:
  static TestMapper& of(void* self) { return *static_cast<TestMapper*>(self); }
  Mapped map_with(labyrinth_status (*map)(labyrinth_mapper*, std::uint64_t, void**), std::uint64_t pfn) {
    Mapped result;
    result.status = static_cast<Status>(map(mapper_.handle(), pfn, &result.address));
    return result;
  }

  Metadata metadata_;
  Mapper mapper_;
  char window_[1024] = {};
};

}  // namespace labyrinth::test
