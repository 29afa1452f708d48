// Small known algorithms under the explorer: of the right ones every execution is explored and none is bad,
// and of each wrong one the execution is found that shows it.
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "algorithms/michael_scott_queue.hpp"
#include "algorithms/seqlock.hpp"
#include "algorithms/treiber_stack.hpp"
#include "explorer_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using Outcomes = std::set<std::string>;
using Times = std::map<std::string, std::uint64_t>;
constexpr auto kSc = MemoryModel::kSc;
constexpr auto kRc11 = MemoryModel::kRc11;

/// The outcomes of a search that is complete and has found no violation, in no two equivalent executions.
[[nodiscard]] Times times(Exploration& exploration, MemoryModel memory) {
  const Explored explored = exploration.explore({.memory = memory});
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.violations.empty());
  EXPECT_EQ(explored.traces.size(), explored.counts.executions);
  return explored.outcomes;
}

[[nodiscard]] Outcomes outcomes(Exploration& exploration, MemoryModel memory) {
  Outcomes words;
  for (const auto& [outcome, number] : times(exploration, memory)) words.insert(outcome);
  return words;
}

/// A pop beside one who pops two nodes and pushes the first again: popped | popped | left, from the top.
template <bool kTagged, int kHead = kAcquire>
[[nodiscard]] Outcomes of_stack(MemoryModel memory = kSc) {
  TreiberStack<kTagged, kHead> stack;
  std::array<std::uint32_t, 3> popped{};
  Exploration exploration;
  exploration.begin([&] {
    stack = {};
    stack.push(2);
    stack.push(1);
  });
  exploration.task(0, [&] { popped[0] = stack.pop(); });
  exploration.task(1, [&] {
    popped[1] = stack.pop();
    popped[2] = stack.pop();
    if (popped[1] != 0) stack.push(popped[1]);
  });
  exploration.outcome([&] {
    return std::to_string(popped[0]) + '|' + std::to_string(popped[1]) + std::to_string(popped[2]) + '|' +
           stack.content();
  });
  return outcomes(exploration, memory);
}

/// What a stack can come to whose operations are whole: the pop is before, between or after the other three.
const Outcomes kStack{"1|20|2", "2|10|1", "0|12|1", "1|12|"};

TEST(ExplorerAlgorithm, TreiberStackIsAsIfWhole) { EXPECT_EQ(of_stack<true>(), kStack); }

TEST(ExplorerAlgorithm, TreiberStackIsAsIfWholeUnderRc11) { EXPECT_EQ(of_stack<true>(kRc11), kStack); }

/// Who sees the node need not see its successor.
TEST(ExplorerAlgorithm, TreiberStackWhoseHeadIsNotAcquiredLosesNodesUnderRc11) {
  EXPECT_EQ((of_stack<true, kRelaxed>(kSc)), kStack);
  EXPECT_NE((of_stack<true, kRelaxed>(kRc11)), kStack);
}

/// Node 1 went and came back, with another successor: node 2, which was popped, is on the stack again.
TEST(ExplorerAlgorithm, TreiberStackWithoutATagTakesANodeBack) {
  Outcomes expected = kStack;
  expected.insert("1|12|2");
  EXPECT_EQ(of_stack<false>(), expected);
}

/// Two enqueue, and one of them dequeues after that: taken | left, from the oldest.
template <Queue kVariant>
[[nodiscard]] Outcomes of_two_enqueues(MemoryModel memory = kSc) {
  MichaelScottQueue<kVariant> queue;
  std::uint32_t taken = 0;
  Exploration exploration;
  exploration.begin([&] {
    queue = {};
    taken = 0;
  });
  exploration.task(0, [&] { queue.enqueue(2, 5); });
  exploration.task(1, [&] {
    queue.enqueue(3, 6);
    if (const auto got = queue.dequeue()) taken = got->value;
  });
  exploration.outcome([&] { return std::to_string(taken) + '|' + queue.content(); });
  return outcomes(exploration, memory);
}

/// One enqueues; the other dequeues, and enqueues the node again that it got free.
template <Queue kVariant>
[[nodiscard]] Outcomes of_reuse(MemoryModel memory = kSc) {
  MichaelScottQueue<kVariant> queue;
  std::uint32_t taken = 0;
  Exploration exploration;
  exploration.begin([&] {
    queue = {};
    taken = 0;
  });
  exploration.task(0, [&] { queue.enqueue(2, 5); });
  exploration.task(1, [&] {
    const auto got = queue.dequeue();
    if (!got) return;
    taken = got->value;
    queue.enqueue(got->node, 6);
  });
  exploration.outcome([&] { return std::to_string(taken) + '|' + queue.content(); });
  return outcomes(exploration, memory);
}

/// The first comes before the second's enqueue, or after it.
TEST(ExplorerAlgorithm, MichaelScottQueueIsAsIfWhole) {
  EXPECT_EQ(of_two_enqueues<Queue::kCorrect>(), (Outcomes{"5|6", "6|5"}));
  EXPECT_EQ(of_reuse<Queue::kCorrect>(), (Outcomes{"0|5", "5|6"}));
}

TEST(ExplorerAlgorithm, MichaelScottQueueIsAsIfWholeUnderRc11) {
  EXPECT_EQ(of_two_enqueues<Queue::kCorrect>(kRc11), (Outcomes{"5|6", "6|5"}));
  EXPECT_EQ(of_reuse<Queue::kCorrect>(kRc11), (Outcomes{"0|5", "5|6"}));
}

/// The later link takes the place of the earlier one, whose value is lost.
TEST(ExplorerAlgorithm, MichaelScottQueueThatStoresLinksLosesOne) {
  EXPECT_EQ(of_two_enqueues<Queue::kStoresLink>(), (Outcomes{"5|6", "6|5", "5|", "6|"}));
}

/// 6 is linked behind a node that is not in the queue any more.
TEST(ExplorerAlgorithm, MichaelScottQueueThatPassesItsTailLosesOne) {
  EXPECT_EQ(of_reuse<Queue::kPassesTheTail>(), (Outcomes{"0|5", "5|6", "5|"}));
}

template <Seqlock kVariant>
[[nodiscard]] Times of_seqlock(bool waits, MemoryModel memory = kSc) {
  SequenceLock<kVariant> lock;
  std::string seen;
  Exploration exploration;
  exploration.begin([&] { lock = {}; });
  exploration.task(0, [&] { lock.write({1, 1}); });
  exploration.task(1, [&] {
    const auto words = waits ? lock.read() : lock.try_read();
    seen = words ? std::to_string((*words)[0]) + std::to_string((*words)[1]) : "busy";
  });
  exploration.outcome([&] { return seen; });
  return times(exploration, memory);
}

[[nodiscard]] Outcomes keys(const Times& times) {
  Outcomes words;
  for (const auto& [outcome, number] : times) words.insert(outcome);
  return words;
}

/// The first look is within the write (1), after it (1) or before it. Then the second one is before it as
/// well (1), or within or after it; in both cases each word may be read before or after it is written: 2 * 4.
TEST(ExplorerAlgorithm, SeqlockReadsBothWordsOrGivesUp) {
  EXPECT_EQ(of_seqlock<Seqlock::kCorrect>(false), (Times{{"00", 1}, {"11", 1}, {"busy", 9}}));
}

TEST(ExplorerAlgorithm, SeqlockThatWaitsReadsBothWords) {
  EXPECT_EQ(keys(of_seqlock<Seqlock::kCorrect>(true)), (Outcomes{"00", "11"}));
}

TEST(ExplorerAlgorithm, SeqlockReadsBothWordsUnderRc11) {
  EXPECT_EQ(keys(of_seqlock<Seqlock::kCorrect>(false, kRc11)), (Outcomes{"00", "11", "busy"}));
  EXPECT_EQ(keys(of_seqlock<Seqlock::kCorrect>(true, kRc11)), (Outcomes{"00", "11"}));
}

/// The second look is not ordered after the words.
TEST(ExplorerAlgorithm, SeqlockOfRelaxedWordsTearsThemUnderRc11) {
  EXPECT_EQ(keys(of_seqlock<Seqlock::kRelaxedWords>(true, kSc)), (Outcomes{"00", "11"}));
  EXPECT_EQ(keys(of_seqlock<Seqlock::kRelaxedWords>(true, kRc11)), (Outcomes{"00", "01", "10", "11"}));
}

TEST(ExplorerAlgorithm, SeqlocksThatForgetToLookOrToMarkTearWords) {
  const Outcomes torn{"00", "01", "10", "11"};
  EXPECT_EQ(keys(of_seqlock<Seqlock::kLooksOnce>(true)), torn);
  EXPECT_EQ(keys(of_seqlock<Seqlock::kEndsUnmarked>(true)), torn);
}

}  // namespace
}  // namespace labyrinth::machine::testing
