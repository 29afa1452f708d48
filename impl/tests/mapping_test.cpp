// C2: addresses of frames: the direct map, global slots, local stacks; and what is refused.
#include <cstddef>

#include "mapping_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kDirect = kFirstPfn + 3;

TEST(Mapping, C2_PageAddressIsArithmeticAndNullElsewhere) {
  TestMapper mapper(2, 2);
  EXPECT_EQ(mapper->page_address(Pfn{kFirstPfn}), mapper.content.data());
  EXPECT_EQ(static_cast<char*>(mapper->page_address(Pfn{kDirect})),
            mapper.content.data() + std::ptrdiff_t{3} * 4096);
  EXPECT_NE(mapper->page_address(Pfn{kHigh - 1}), nullptr);
  for (const std::uint64_t pfn :
       {kHigh, kFirstPfn - 1, kFirstPfn + 64, std::uint64_t{0}, ~std::uint64_t{0}}) {
    EXPECT_EQ(mapper->page_address(Pfn{pfn}), nullptr) << pfn;
  }
}

TEST(Mapping, C2_SeveralDirectRanges) {
  char other = 0;
  TestMapper mapper(1, 0, [&](MapperConfig& config) { config.direct[2] = {kFirstPfn + 60, 4, &other}; });
  EXPECT_EQ(mapper->page_address(Pfn{kFirstPfn + 60}), &other);
  EXPECT_EQ(mapper->page_address(Pfn{kFirstPfn + 59}), nullptr);
}

TEST(Mapping, C2_TwoMapsOfAFrameShareASlot) {
  TestMapper mapper(2, 0);
  const Mapped first = mapper->map(Pfn{kHigh});
  const Mapped second = mapper->map(Pfn{kHigh});
  const Mapped other = mapper->map(Pfn{kHigh + 2});
  ASSERT_EQ(first.status, Status::kOk);
  EXPECT_EQ(second.address, first.address);
  EXPECT_NE(other.address, first.address);
  EXPECT_EQ(mapper.reached_by(first.address), kHigh);
  EXPECT_EQ(mapper.reached_by(other.address), kHigh + 2);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 4}).status, Status::kExhausted);
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 4}).status, Status::kExhausted) << "one map of the frame is left";
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kOk);
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kBadArgument);
  const Mapped third = mapper->map(Pfn{kHigh + 4});
  EXPECT_EQ(third.status, Status::kOk);
  EXPECT_EQ(mapper.reached_by(third.address), kHigh + 4);
  EXPECT_EQ(mapper.reached_by(other.address), kHigh + 2);
}

TEST(Mapping, C2_AFrameFindsItsOldSlotAgain) {
  TestMapper mapper(3, 0);
  const Mapped first = mapper->map(Pfn{kHigh + 1});
  EXPECT_EQ(mapper->unmap(Pfn{kHigh + 1}), Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 4}).status, Status::kOk) << "never used slots come first";
  EXPECT_EQ(mapper->map(Pfn{kHigh + 1}).address, first.address);
}

TEST(Mapping, C2_DirectFramesNeedNoSlot) {
  TestMapper mapper(0, 0);
  EXPECT_EQ(mapper->map(Pfn{kDirect}).address, mapper->page_address(Pfn{kDirect}));
  EXPECT_EQ(mapper->unmap(Pfn{kDirect}), Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kExhausted);
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kBadArgument);
}

TEST(Mapping, C1_MapIsRefusedWhereSleepingIs) {
  TestMapper mapper(2, 2);
  mapper.may_sleep = false;
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kBadContext);
  EXPECT_EQ(mapper->map(Pfn{kDirect}).status, Status::kBadContext) << "a mistake shows on every machine";
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kBadArgument) << "nothing was mapped";
  EXPECT_EQ(mapper.map_local(kHigh).status, Status::kOk);
  EXPECT_EQ(mapper.map_atomic(kHigh).status, Status::kOk);
}

TEST(Mapping, C2_UnmapIsLegalWhereSleepingIsNot) {
  TestMapper mapper(1, 0);
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kOk);
  mapper.may_sleep = false;
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kOk);
}

TEST(Mapping, C2_LocalMappingsAreAStackOfFixedDepth) {
  TestMapper mapper(0, 3);
  const Mapped a = mapper.map_local(kHigh);
  const Mapped b = mapper.map_local(kDirect);
  const Mapped c = mapper.map_local(kHigh);
  ASSERT_EQ(c.status, Status::kOk);
  EXPECT_NE(a.address, c.address) << "each entry has a slot of its own";
  EXPECT_EQ(b.address, mapper->page_address(Pfn{kDirect}));
  EXPECT_EQ(labyrinth_map_depth(mapper.stacks.data()), 3u) << "a direct frame has an entry too";
  EXPECT_EQ(mapper.map_local(kHigh + 1).status, Status::kExhausted);
  EXPECT_EQ(mapper.map_local(kDirect).status, Status::kExhausted);
  EXPECT_EQ(mapper.unmap_local(a.address), Status::kBadArgument) << "out of order";
  EXPECT_EQ(mapper.unmap_local(b.address), Status::kBadArgument) << "out of order, without a slot";
  EXPECT_EQ(mapper.unmap_local(c.address), Status::kOk);
  EXPECT_EQ(mapper.reached_by(c.address), kNothing);
  EXPECT_EQ(mapper.unmap_local(c.address), Status::kBadArgument) << "twice";
  EXPECT_EQ(mapper.unmap_local(b.address), Status::kOk);
  EXPECT_EQ(mapper.reached_by(a.address), kHigh);
  EXPECT_EQ(mapper.unmap_local(a.address), Status::kOk);
  EXPECT_EQ(mapper.unmap_local(a.address), Status::kBadArgument) << "nothing is left";
  EXPECT_EQ(labyrinth_map_depth(mapper.stacks.data()), 0u);
}

TEST(Mapping, C2_EachContextHasItsOwn) {
  TestMapper mapper(1, 2);
  const Mapped task = mapper.map_local(kHigh);
  mapper.context = 1;  // a handler interrupts the task
  const Mapped handler = mapper.map_local(kHigh + 1);
  EXPECT_NE(task.address, handler.address);
  EXPECT_EQ(mapper.unmap_local(task.address), Status::kBadArgument) << "another context's";
  EXPECT_EQ(mapper.map_local(kHigh + 2).status, Status::kOk);
  EXPECT_EQ(mapper.map_local(kHigh + 3).status, Status::kExhausted);
  mapper.context = 0;
  EXPECT_EQ(mapper.reached_by(task.address), kHigh);
  EXPECT_EQ(mapper.map_local(kHigh + 3).status, Status::kOk) << "another context's depth is its own";
}

TEST(Mapping, C2_AtomicMappingsKeepPreemptionOff) {
  TestMapper mapper(1, 2);
  const Mapped a = mapper.map_atomic(kHigh);
  EXPECT_EQ(mapper.preempt_off, 1);
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kBadContext);
  const Mapped b = mapper.map_local(kHigh);
  EXPECT_EQ(mapper.preempt_off, 1);
  EXPECT_EQ(mapper.map_atomic(kHigh).status, Status::kExhausted);
  EXPECT_EQ(mapper.preempt_off, 1);
  EXPECT_EQ(mapper.unmap_atomic(b.address), Status::kBadArgument) << "a local one";
  EXPECT_EQ(mapper.unmap_local(b.address), Status::kOk);
  EXPECT_EQ(mapper.unmap_local(a.address), Status::kBadArgument) << "an atomic one";
  EXPECT_EQ(mapper.preempt_off, 1);
  EXPECT_EQ(mapper.unmap_atomic(a.address), Status::kOk);
  EXPECT_EQ(mapper.preempt_off, 0);
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kOk);
}

TEST(Mapping, C2_LocalMappingEndsWithItsScope) {
  TestMapper mapper(0, 2);
  {
    const LocalMapping outer = mapper->map_local(Pfn{kHigh});
    const LocalMapping inner(*mapper, Pfn{kHigh + 1}, Hold::kPreemptOff);
    ASSERT_TRUE(outer && inner);
    EXPECT_EQ(mapper.reached_by(inner.address()), kHigh + 1);
    EXPECT_EQ(mapper.preempt_off, 1);
    EXPECT_EQ(mapper->map_local(Pfn{kHigh}).status(), Status::kExhausted);
  }
  EXPECT_EQ(labyrinth_map_depth(mapper.stacks.data()), 0u);
  EXPECT_EQ(mapper.preempt_off, 0);
}

TEST(Mapping, C2_ForeignFramesAndNoHandlesAreRefused) {
  TestMapper mapper(1, 1);
  for (const std::uint64_t pfn : {kFirstPfn - 1, kFirstPfn + 64, ~std::uint64_t{0}}) {
    EXPECT_EQ(mapper->map(Pfn{pfn}).status, Status::kBadArgument);
    EXPECT_EQ(mapper->unmap(Pfn{pfn}), Status::kBadArgument);
    EXPECT_EQ(mapper.map_local(pfn).status, Status::kBadArgument);
    EXPECT_EQ(mapper.map_atomic(pfn).status, Status::kBadArgument);
  }
  EXPECT_EQ(mapper.preempt_off, 0);
  EXPECT_EQ(labyrinth_map(mapper->handle(), kHigh, nullptr), LABYRINTH_BAD_ARGUMENT);
  EXPECT_EQ(labyrinth_map_local(mapper->handle(), kHigh, nullptr), LABYRINTH_BAD_ARGUMENT);
  const Mapper none;
  EXPECT_EQ(none.map(Pfn{kHigh}).status, Status::kBadArgument);
  EXPECT_EQ(none.unmap(Pfn{kHigh}), Status::kBadArgument);
  EXPECT_EQ(none.map_local(Pfn{kHigh}).status(), Status::kBadArgument);
  EXPECT_EQ(none.page_address(Pfn{kHigh}), nullptr);
  EXPECT_EQ(labyrinth_map_steps(nullptr) + labyrinth_unmap_steps(nullptr), 0u);
}

TEST(Mapping, C2_AFramesUsersAreLimited) {
  TestMapper mapper(1, 0);
  for (std::uint32_t i = 0; i < LABYRINTH_MAX_MAP_USERS; ++i) {
    ASSERT_EQ(mapper->map(Pfn{kHigh}).status, Status::kOk) << i;
  }
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kExhausted);
  for (std::uint32_t i = 0; i < LABYRINTH_MAX_MAP_USERS; ++i) {
    ASSERT_EQ(mapper->unmap(Pfn{kHigh}), Status::kOk) << i;
  }
  EXPECT_EQ(mapper->unmap(Pfn{kHigh}), Status::kBadArgument);
}

// A port whose waiting lets somebody else unmap, after `wait` looks in vain.
struct Waiting {
  TestMapper* mapper = nullptr;
  int waits = 0;
  int before_it_frees = 0;
};
Waiting waiting;  // the port's `self` is the fixture's

TEST(Mapping, C2_WaitsForASlotIfItCan) {
  TestMapper mapper(1, 0, [](MapperConfig& config) {
    config.port.wait_for_slot = [](void*, std::uint32_t freed) {
      EXPECT_EQ(labyrinth_mapper_freed((*waiting.mapper)->handle()), freed) << "it came free before the wait";
      if (waiting.waits++ < waiting.before_it_frees) return true;
      EXPECT_EQ((*waiting.mapper)->unmap(Pfn{kHigh}), Status::kOk);
      return true;
    };
  });
  waiting = {&mapper, 0, 3};
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 1}).status, Status::kOk);
  EXPECT_EQ(waiting.waits, 4);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 1}).status, Status::kOk) << "its own slot needs no wait";
  EXPECT_EQ(waiting.waits, 4);
}

TEST(Mapping, C2_N3_WaitsNoLongerThanDeclared) {
  TestMapper mapper(1, 0, [](MapperConfig& config) {
    config.port.wait_for_slot = [](void*, std::uint32_t) {
      ++waiting.waits;
      return true;
    };
  });
  waiting = {&mapper, 0, 0};
  EXPECT_EQ(mapper->map(Pfn{kHigh}).status, Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 1}).status, Status::kExhausted);
  EXPECT_EQ(waiting.waits, static_cast<int>(LABYRINTH_MAX_MAP_WAITS));
}

TEST(Mapping, C2_BadConfigurationsAreRefused) {
  TestMapper mapper(1, 1);
  const MapperConfig good = mapper.config_of(1, 1);
  EXPECT_GT(Mapper::metadata_size(good), 0u);
  const auto refused = [&](void (*spoil)(MapperConfig&)) {
    MapperConfig bad = good;
    spoil(bad);
    return Mapper::metadata_size(bad) == 0;
  };
  EXPECT_TRUE(refused([](MapperConfig& c) { c.map_slots = LABYRINTH_MAX_MAP_SLOTS + 1; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.depth = LABYRINTH_MAX_MAP_DEPTH + 1; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.frames = 0; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.frames = LABYRINTH_MAX_FRAMES + 1; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.first_pfn = LABYRINTH_MAX_FIRST_PFN + 1; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.direct[0].base = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.direct[0].first_pfn = kFirstPfn - 1; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.direct[0].frames = 65; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.direct[3] = c.direct[0]; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.context = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.may_sleep = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.preempt_disable = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.preempt_enable = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.set_slot = nullptr; }));
  EXPECT_TRUE(refused([](MapperConfig& c) { c.port.clear_slot = nullptr; }));
  EXPECT_EQ(labyrinth_mapper_size(nullptr), 0u);
  alignas(LABYRINTH_METADATA_ALIGNMENT) std::byte metadata[4096];
  const std::size_t size = Mapper::metadata_size(good);
  ASSERT_LT(size, sizeof metadata - 1);
  EXPECT_FALSE(Mapper::init(good, metadata, size - 1));
  EXPECT_FALSE(Mapper::init(good, nullptr, size));
  EXPECT_FALSE(Mapper::init(good, metadata + 1, size));
  EXPECT_TRUE(Mapper::init(good, metadata, size));
}

TEST(Mapping, N3_StepsAreDeclared) {
  const TestMapper none(0, 1);
  EXPECT_EQ(labyrinth_map_steps(none->handle()), 0u);
  EXPECT_EQ(labyrinth_map_local_steps(none->handle()), 2u);
  const TestMapper two(2, 0);
  // 4 rounds of two looks at the turn and 2 slots, a turn carried out, one taken; 16 tries, 4 and 4 at the
  // end.
  EXPECT_EQ(labyrinth_map_steps(two->handle()), 4u * (2 * 3 + 4 + 1) + 16 + 4 + 4);
  EXPECT_EQ(labyrinth_unmap_steps(two->handle()), 2u + 2 * 16 + 1);
}

}  // namespace
}  // namespace labyrinth::test
