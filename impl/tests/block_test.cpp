// Block: owns exactly one live block, and frees it exactly once.
#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

static_assert(!std::is_copy_constructible_v<Block> && !std::is_copy_assignable_v<Block>);
static_assert(std::is_nothrow_move_constructible_v<Block> && std::is_nothrow_move_assignable_v<Block>);

TEST(Block, FreesWhenItsOwnerGoes) {
  TestZone zone({.frames = 64});
  {
    const Block block = zone->alloc_block(kAtomic, Order{4});
    ASSERT_TRUE(block);
    EXPECT_EQ(zone->free_frames(), Frames{48});
  }
  EXPECT_EQ(zone->free_frames(), Frames{64});
}

TEST(Block, MovingPassesOwnershipOn) {
  TestZone zone({.frames = 64});
  Block a = zone->alloc_block(kAtomic, Order{3});
  const Pfn pfn = a.page().pfn;
  Block b = std::move(a);
  EXPECT_TRUE(b);
  EXPECT_EQ(b.page().pfn, pfn);
  Block c = zone->alloc_block(kAtomic, Order{2});
  EXPECT_EQ(zone->free_frames(), Frames{52});
  c = std::move(b);  // frees what c had
  EXPECT_EQ(zone->free_frames(), Frames{56});
  c.reset();
  c.reset();
  EXPECT_EQ(zone->free_frames(), Frames{64});
}

TEST(Block, ReleaseGivesUpOwnership) {
  TestZone zone({.frames = 64});
  Page page;
  {
    Block block = zone->alloc_block(kAtomic, Order{0});
    page = block.release();
    EXPECT_FALSE(block);
  }
  EXPECT_EQ(zone->free_frames(), Frames{63});
  EXPECT_EQ(zone.free(page), Status::kOk);
}

TEST(Block, ARefusalIsEmptyAndSaysWhy) {
  TestZone zone({.frames = 8, .max_order = 4});
  const Block block = zone->alloc_block(kAtomic, Order{4});
  EXPECT_FALSE(block);
  EXPECT_EQ(block.page().status, Status::kExhausted);
  EXPECT_FALSE(Block());
}

}  // namespace
}  // namespace labyrinth::test
