// The ownership word's functions against a naive picture of 32 frames, for every reachable word of 16 frames
// and for random words.
#include "ownership_word.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <random>
#include <vector>

namespace labyrinth {
namespace {

Word naive_used(Word live) {
  Word used = 0;
  for (std::uint32_t k = 0; k <= 4; ++k) {
    for (std::uint32_t s = 0; s < 32; s += 1u << k) {
      if ((live & (kWhole | node_bit(Order{k}, s))) == 0) continue;
      for (std::uint32_t i = s; i < s + (1u << k); ++i) used |= Word{1} << (2 * i);
    }
  }
  return used;
}

Word naive_free(Word live, std::uint32_t k) {
  const Word used = naive_used(live);
  Word free = 0;
  for (std::uint32_t s = 0; s < 32; s += 1u << k) {
    bool all = true;
    for (std::uint32_t i = s; i < s + (1u << k); ++i) all = all && ((used >> (2 * i)) & 1) == 0;
    if (all) free |= node_bit(Order{k}, s);
  }
  return free;
}

void expect_as_naive(Word live) {
  ASSERT_EQ(used_frames(live), naive_used(live)) << std::hex << live;
  for (std::uint32_t k = 0; k <= 4; ++k) {
    ASSERT_EQ(free_blocks(live, Order{k}), naive_free(live, k)) << std::hex << live << " order " << k;
  }
  for (const std::uint32_t most : {0u, 1u, 7u, 31u, 64u}) {
    const FreeFrames lowest = lowest_free(live, most);
    const Word free = naive_free(live, 0);
    ASSERT_EQ(lowest.bits & ~free, 0u) << std::hex << live;
    ASSERT_EQ(lowest.count, static_cast<std::uint32_t>(std::popcount(lowest.bits)));
    ASSERT_EQ(lowest.count, std::min(most, static_cast<std::uint32_t>(std::popcount(free))));
    ASSERT_EQ(free & ~lowest.bits & (std::bit_floor(lowest.bits) - 1) & -Word{lowest.count != 0}, 0u)
        << "a lower one was passed over";
  }
}

// Every set of disjoint live blocks within the order-k block at frame s.
std::vector<Word> tilings(std::uint32_t k, std::uint32_t s) {
  if (k == 0) return {0, node_bit(Order{0}, s)};
  const std::vector<Word> lower = tilings(k - 1, s);
  const std::vector<Word> upper = tilings(k - 1, s + (1u << (k - 1)));
  std::vector<Word> all{node_bit(Order{k}, s)};
  for (Word a : lower) {
    for (Word b : upper) all.push_back(a | b);
  }
  return all;
}

TEST(OwnershipWord, EveryBlockHasABitOfItsOwnAndNoneIsAMark) {
  Word seen = 0;
  for (std::uint32_t k = 0; k <= 4; ++k) {
    Word of_order = 0;
    for (std::uint32_t s = 0; s < 32; s += 1u << k) {
      const Word bit = node_bit(Order{k}, s);
      EXPECT_EQ(seen & bit, 0u);
      EXPECT_EQ(node_start(Order{k}, bit), s);
      EXPECT_EQ(node_order(bit | kWhole), Order{k});
      seen |= bit;
      of_order |= bit;
    }
    EXPECT_EQ(of_order, kNodes[k]);
  }
  EXPECT_EQ(seen, ~(kWhole | kPrepaid));
}

TEST(OwnershipWord, IsAsTheNaivePictureForEveryTilingOf16Frames) {
  const std::vector<Word> all = tilings(4, 0);
  EXPECT_EQ(all.size(), 458330u);
  for (Word live : all) {
    ASSERT_NO_FATAL_FAILURE(expect_as_naive(live));
    ASSERT_EQ(free_count(live | kPrepaid), 32 - std::popcount(used_frames(live)));  // the mark takes no frame
    ASSERT_EQ(used_frames(live << 32), used_frames(live) << 32);  // the upper half is the lower one, shifted
  }
}

TEST(OwnershipWord, IsAsTheNaivePictureForRandomWords) {
  std::mt19937_64 random(20240229);
  const std::vector<Word> lower = tilings(3, 8);
  const std::vector<Word> upper = tilings(3, 24);
  for (int i = 0; i < 20000; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_as_naive(random()));
    ASSERT_NO_FATAL_FAILURE(expect_as_naive(random() & random() & random() & random()));
    ASSERT_NO_FATAL_FAILURE(expect_as_naive(lower[random() % lower.size()] | upper[random() % upper.size()]));
  }
  for (Word live : {Word{0}, kWhole, kNodes[0], kPrepaid, ~Word{0}}) expect_as_naive(live);
}

TEST(OwnershipWord, FenceLeavesExactlyTheFramesInside) {
  for (std::uint32_t begin = 0; begin <= 32; ++begin) {
    for (std::uint32_t end = begin; end <= 32; ++end) {
      const Word free = free_blocks(fenced_word(begin, end), Order{0});
      for (std::uint32_t s = 0; s < 32; ++s) {
        EXPECT_EQ((free & node_bit(Order{0}, s)) != 0, begin <= s && s < end);
      }
    }
  }
}

}  // namespace
}  // namespace labyrinth
