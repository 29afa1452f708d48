// Geometry and metadata: alignment by absolute pfn, the shape of the credit tree, and what it all costs.
#include "layout.hpp"

#include <gtest/gtest.h>

namespace labyrinth {
namespace {

TEST(Geometry, BlocksAreAlignedByAbsolutePfn) {
  const Geometry geometry(1000, 2000, Order{10});
  EXPECT_EQ(geometry.base_pfn, 0u);
  EXPECT_EQ(geometry.chunks(), 3u);
  EXPECT_EQ(geometry.blocks_inside(Order{10}).size(), 1u);  // only [1024, 2048)
  EXPECT_EQ(geometry.blocks_inside(Order{0}).size(), 2000u);
  EXPECT_EQ(Geometry(4096 + 5, 1, Order{3}).base_pfn, 4096u);
  EXPECT_EQ(Geometry(4096 + 5, 1, Order{3}).frames.begin, 5u);
}

TEST(Geometry, AChunkIsAtLeastOneWord) {
  EXPECT_EQ(Geometry(0, 64, Order{0}).chunks(), 2u);
  EXPECT_EQ(Geometry(0, 64, Order{6}).chunks(), 1u);
}

TEST(Geometry, TheTreeHasAtMost64NodesBelowTheRoot) {
  EXPECT_EQ(Geometry(0, 32, Order{5}).levels(), 0u);
  EXPECT_EQ(Geometry(0, 33, Order{5}).levels(), 1u);
  EXPECT_EQ(Geometry(0, 64 * 32, Order{5}).levels(), 1u);
  EXPECT_EQ(Geometry(0, 64 * 32 + 1, Order{5}).levels(), 2u);
  const Geometry largest(31, LABYRINTH_MAX_FRAMES, Order{0});
  EXPECT_EQ(largest.chunks(), (1u << 23) + 1);
  EXPECT_EQ(largest.levels(), kMaxLevels);
  EXPECT_LE(largest.nodes(kMaxLevels - 1), kFanOut);
}

TEST(Layout, MetadataIsAtMostAThousandthOfALargeZone) {
  for (std::uint32_t order = 0; order <= LABYRINTH_MAX_ORDER; ++order) {
    for (std::uint64_t frames : {std::uint64_t{1} << 18, std::uint64_t{LABYRINTH_MAX_FRAMES}}) {
      const Layout layout(Geometry(0, frames, Order{order}), 64, 64, 1024);
      EXPECT_LE(layout.size * 1000, frames * 4096) << "order " << order << ", frames " << frames;
    }
  }
}

}  // namespace
}  // namespace labyrinth
