// The sleeping side as the machine plays and judges it: a toy allocator that does it right, and the same toy
// with one thing wrong at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/model/relation.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;
using model::Status;

/// What a toy does wrong.
enum class Wrong : std::uint8_t {
  kNothing,
  kAsksNobody,
  kDoesNotLookAgain,
  kAsksForTooLittle,
  kAsksAtomically,
  kWakesNobody,
  kWakesInSecret,
  kRefusesNofail,
  kWaitsForGood,
  kStopsTooEarly,
  kGivesUpTooEarly,
  kGivesUpAboveHigh,
  kBalancesAnywhere,
};
Wrong wrong = Wrong::kNothing;

/// The one word of the toy that the machine sees: it orders each call after those before it.
Location order_of_calls;
struct InOrder {
  InOrder() { order_of_calls.add(1, kAcqRel); }
  ~InOrder() { order_of_calls.add(1, kAcqRel); }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
};

/// One zone; nothing else of it is instrumented.
struct Toy {
  model::Memory memory;
  std::vector<bool> taken;
  std::vector<std::uint32_t> blocks;  ///< By first frame: order + 1 of a live block.
} toy;

std::int64_t free_frames() { return std::ranges::count(toy.taken, false); }

bool take(model::Gfp gfp, std::uint32_t order, model::Pass pass, std::uint64_t& pfn) {
  const std::int64_t size = std::int64_t{1} << order;
  if (free_frames() - size < model::floor_of(gfp, pass, toy.memory.pools[0]).count) return false;
  for (std::size_t at = 0; at + std::size_t(size) <= toy.taken.size(); at += std::size_t(size)) {
    const auto begin = toy.taken.begin() + std::ptrdiff_t(at);
    if (std::find(begin, begin + size, true) != begin + size) continue;
    std::fill(begin, begin + size, true);
    toy.blocks[at] = order + 1;
    pfn = at;
    return true;
  }
  return false;
}

bool walk(model::Gfp gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  if (take(gfp, order, model::Pass::kLow, answer->pfn)) return true;
  if (gfp.has(model::kKswapdReclaim)) {
    answer->wake = wrong == Wrong::kWakesInSecret ? 0 : 1;
    if (wrong != Wrong::kWakesNobody) labyrinth_machine_wake();
  }
  return take(gfp, order, model::Pass::kMin, answer->pfn);
}

std::uint64_t ask(std::uint64_t frames) {
  static_cast<void>(labyrinth_machine_set_reclaiming(true));
  const std::uint64_t given = labyrinth_machine_shrink(frames);
  static_cast<void>(labyrinth_machine_set_reclaiming(false));
  return given;
}

bool reclaim(model::Gfp gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  const bool once = gfp.has(model::kNoretry);
  const std::uint64_t need = std::uint64_t{1} << order;
  do {
    const std::uint64_t frames = wrong == Wrong::kAsksForTooLittle ? need - 1 : once ? need : UINT64_MAX;
    if (ask(frames) == 0) return false;
    if (wrong == Wrong::kDoesNotLookAgain) return false;
    if (walk(gfp, order, answer)) return true;
  } while (!once);
  return false;
}

void alloc(void*, std::uint32_t bits, std::uint32_t order, labyrinth_target_answer* answer) {
  const InOrder in_order;
  const model::Gfp gfp{bits};
  const model::Request request{gfp, {static_cast<std::uint8_t>(order)}, {}};
  answer->status = LABYRINTH_TARGET_BAD_ARGUMENT;
  if (!model::sensible(toy.memory, request, 1)) return;
  answer->status = LABYRINTH_TARGET_BAD_CONTEXT;
  const bool direct = gfp.has(model::kDirectReclaim);
  if (direct && !labyrinth_machine_may_sleep()) return;
  bool served = walk(gfp, order, answer);
  if (!served && wrong == Wrong::kAsksAtomically) static_cast<void>(ask(1));
  const bool asks = direct && wrong != Wrong::kAsksNobody;
  if (!served && asks) served = reclaim(gfp, order, answer);
  while (!served && gfp.has(model::kNofail) && wrong != Wrong::kRefusesNofail) {
    labyrinth_machine_wait();
    if (wrong != Wrong::kWaitsForGood) served = walk(gfp, order, answer) || reclaim(gfp, order, answer);
  }
  const std::int64_t need = std::int64_t{1} << order;
  const bool enough =
      free_frames() - need >= model::floor_of(gfp, model::Pass::kMin, toy.memory.pools[0]).count;
  answer->status = served   ? LABYRINTH_TARGET_OK
                   : enough ? LABYRINTH_TARGET_FRAGMENTED
                            : LABYRINTH_TARGET_EXHAUSTED;
}

void release(void*, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  const InOrder in_order;
  const bool live = pfn < toy.blocks.size() && toy.blocks[pfn] == order + 1;
  answer->status = live ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_BAD_ARGUMENT;
  if (!live) return;
  toy.blocks[pfn] = 0;
  std::fill_n(toy.taken.begin() + std::ptrdiff_t(pfn), std::ptrdiff_t{1} << order, false);
}

void balance(void*, labyrinth_target_answer* answer) {
  const std::int64_t high = toy.memory.pools[0].marks.high.count;
  answer->status = LABYRINTH_TARGET_BAD_CONTEXT;
  if (!labyrinth_machine_may_sleep() && wrong != Wrong::kBalancesAnywhere) return;
  answer->status = LABYRINTH_TARGET_OK;
  if (wrong == Wrong::kStopsTooEarly) return;
  if (wrong == Wrong::kGivesUpAboveHigh) answer->status = LABYRINTH_TARGET_EXHAUSTED;
  while (free_frames() < high) {
    if (wrong == Wrong::kGivesUpTooEarly || ask(std::uint64_t(high - free_frames())) == 0) {
      answer->status = LABYRINTH_TARGET_EXHAUSTED;
      return;
    }
  }
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  const labyrinth_target_zone& zone = geometry->zones[LABYRINTH_TARGET_ZONE_NORMAL];
  const auto frames = [](std::uint64_t count) { return model::Frames{std::int64_t(count)}; };
  toy.memory =
      model::one_zone({{0}, frames(zone.frames)}, {frames(zone.min), frames(zone.low), frames(zone.high)},
                      {static_cast<std::uint8_t>(geometry->max_order)});
  toy.taken.assign(zone.frames, false);
  toy.blocks.assign(zone.frames, 0);
  return state;
}

constexpr labyrinth_target kToy{
    .abi = LABYRINTH_TARGET_ABI,
    .name = "toy",
    .description = "one zone, each call at one instant",
    .can = LABYRINTH_TARGET_CAN_ALL,
    .state_size = [](const labyrinth_target_geometry*) { return std::size_t{64}; },
    .create = create,
    .alloc = alloc,
    .alloc_bulk = nullptr,
    .alloc_exact = nullptr,
    .free = release,
    .balance = balance,
    .batch = nullptr,
    .is_set_apart = nullptr,
    .alloc_steps = nullptr,
    .free_steps = nullptr,
    .bulk_steps = nullptr,
    .exact_steps = nullptr,
    .drain = nullptr,
    .drain_steps = nullptr,
    .objects_size = nullptr,
    .create_objects = nullptr,
    .kmalloc = nullptr,
    .kfree = nullptr,
    .objects_trim = nullptr,
    .objects_batch = nullptr,
    .kmalloc_steps = nullptr,
    .kfree_steps = nullptr,
    .mapper = nullptr};

/// The run of a program on 8 frames (min 1, low 2, high 4) and two CPUs.
class MachineSleep : public ::testing::Test {
 protected:
  ~MachineSleep() override { wrong = Wrong::kNothing; }
  const Outcome& run(const std::string& program, Wrong what = Wrong::kNothing) {
    wrong = what;
    machine_.use(kToy);
    auto parsed = parse_trace(
        "labyrinth trace 1\nmachine cpus=2 frames=8 zone=normal:8 min=1 low=2 high=4\n" + program);
    if (const auto* error = std::get_if<ParseError>(&parsed)) ADD_FAILURE() << error_text(*error, "program");
    trace_ = std::get<TraceFile>(parsed).trace;
    Replay replay(trace_);
    return machine_.run(trace_, replay);
  }
  Clause broken(const std::string& program, Wrong what) { return run(program, what).violation.clause; }
  std::string answers(const std::string& program, Wrong what = Wrong::kNothing) {
    const Outcome& outcome = run(program, what);
    EXPECT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason;
    std::string text;
    for (std::uint8_t i = 0; i < trace_.call_count; ++i) {
      const CallResult& result = outcome.results[i];
      text += result.state == CallResult::State::kAnswered     ? std::to_string(result.status)
              : result.state == CallResult::State::kNotReached ? "-"
                                                               : "s";
    }
    return text;
  }

 private:
  Machine machine_;
  Trace trace_;
};

constexpr const char* kCachedThenAsked =
    "task 0 cpu 0\n a = alloc memalloc order=2\n b = alloc memalloc order=2\n cache a\n c = alloc kernel "
    "order=1\n";

TEST_F(MachineSleep, E2_ShrinkersAreAskedBeforeARefusal) {
  EXPECT_EQ(answers(kCachedThenAsked), "0000");
  EXPECT_EQ(broken(kCachedThenAsked, Wrong::kAsksNobody), Clause::E2);
}

TEST_F(MachineSleep, E2_WhatTheyGaveBackIsLookedAtAgain) {
  EXPECT_EQ(broken(kCachedThenAsked, Wrong::kDoesNotLookAgain), Clause::E2);
}

TEST_F(MachineSleep, E2_NoretryHasToAskForWhatItNeedsAndForNoMore) {
  const std::string fits =
      "task 0 cpu 0\n a = alloc memalloc order=0\n b = alloc memalloc order=0\n c = alloc memalloc order=1\n"
      " d = alloc memalloc order=2\n cache a\n cache c\n e = alloc kernel|noretry order=1\n";
  // Frame 0 and the block at 2 are asked for: the three frames permit it. Asking for one is not enough.
  EXPECT_EQ(answers(fits), "0000000");
  const std::string too_little =
      "task 0 cpu 0\n a = alloc memalloc order=1\n b = alloc memalloc order=1\n c = alloc memalloc order=2\n"
      " cache a\n cache b\n d = alloc kernel|noretry order=1\n e = alloc kernel order=1\n";
  EXPECT_EQ(answers(too_little), "0000010") << "two were asked for and came back; the floor is one more";
  EXPECT_EQ(broken(too_little, Wrong::kAsksForTooLittle), Clause::E2);
}

TEST_F(MachineSleep, N1_AtomicCallsReachNoShrinker) {
  const std::string program =
      "task 0 cpu 0\n a = alloc memalloc order=3\n cache a\nhardirq cpu 0\n b = alloc atomic order=0\n";
  EXPECT_EQ(answers(program), "001");
  EXPECT_EQ(broken(program, Wrong::kAsksAtomically), Clause::N1);
}

TEST_F(MachineSleep, C3_WakingAndSayingSoAreOne) {
  const std::string program =
      "task 0 cpu 0\n a = alloc nowait order=2\n b = alloc nowait order=1\n c = alloc nowait order=0\n";
  EXPECT_EQ(answers(program), "000");
  EXPECT_EQ(broken(program, Wrong::kWakesNobody), Clause::C3);
  EXPECT_EQ(broken(program, Wrong::kWakesInSecret), Clause::C3);
}

TEST_F(MachineSleep, C3_AReclaimerSleepsUntilItIsWoken) {
  const std::string wakes =
      "task 0 cpu 0\n a = alloc nowait order=2\n cache a\n b = alloc nowait order=1\n c = alloc nowait "
      "order=0\n";
  const std::string reclaimer = "reclaimer cpu 1\n balance\n balance\n";
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc nowait order=2\n cache a\n" + reclaimer), "00--")
      << "nobody woke it";
  EXPECT_EQ(answers(wakes + reclaimer), "00000-");
  EXPECT_EQ(answers(wakes + " free b\n free c\n d = alloc nowait order=2\n e = alloc nowait order=1\n" +
                    reclaimer + "schedule\n at free.b access 0: cpu 1\n"),
            "000000000-")
      << "woken again only when it is below low again";
}

TEST_F(MachineSleep, C3_AWakeUpThatComesWhileItBalancesIsOneMore) {
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc nowait order=2\n cache a\n b = alloc nowait order=1\n c = "
                    "alloc nowait order=0\n"
                    "reclaimer cpu 1\n balance\n balance\n"
                    "task 2 cpu 0\n d = alloc nowait order=2\n e = alloc nowait order=0\n"),
            "00000-11")
      << "two at once are one";
}

TEST_F(MachineSleep, C3_BackgroundReclaimStopsNeitherEarlyNorLate) {
  const std::string program = "task 0 cpu 0\n a = alloc memalloc order=3\n cache a\n balance\n balance\n";
  EXPECT_EQ(answers(program), "0000");
  EXPECT_EQ(broken(program, Wrong::kStopsTooEarly), Clause::C3);
  EXPECT_EQ(broken(program, Wrong::kGivesUpTooEarly), Clause::C3);
  EXPECT_EQ(broken("task 0 cpu 0\n balance\n", Wrong::kGivesUpAboveHigh), Clause::C3);
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc memalloc order=3\n balance\n"), "01") << "nothing is cached";
}

TEST_F(MachineSleep, C1_BackgroundReclaimIsForTasks) {
  const std::string program = "hardirq cpu 0\n balance\ntask 0 cpu 1\n preempt disable\n balance\n";
  EXPECT_EQ(answers(program), "505");
  EXPECT_EQ(broken(program, Wrong::kBalancesAnywhere), Clause::C1);
}

TEST_F(MachineSleep, E2_NofailWaitsForOthersAndThenTakesWhatTheyHave) {
  const std::string others =
      "task 0 cpu 0\n a = alloc kernel|memalloc order=3\n b = alloc kernel|nofail order=1\ntask 1 cpu 1\n "
      "free a\n";
  EXPECT_EQ(answers(others), "000");
  const std::string nobody =
      "task 0 cpu 0\n a = alloc kernel|memalloc order=3\n b = alloc kernel|nofail order=1\n free a\n";
  EXPECT_EQ(answers(nobody), "00s") << "what was taken away is nobody's to free";
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc kernel|memalloc order=3\n b = alloc kernel|nofail "
                    "order=2\nhardirq cpu 0\n free a\n"),
            "000")
      << "the interrupts of a CPU that waits are taken";
  EXPECT_EQ(broken(nobody, Wrong::kRefusesNofail), Clause::E2);
  EXPECT_EQ(broken(nobody, Wrong::kWaitsForGood), Clause::E2);
}

TEST_F(MachineSleep, E2_SeveralMayWaitForOneAnother) {
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc kernel|memalloc order=3\n b = alloc kernel|nofail order=2\n"
                    "task 1 cpu 0\n c = alloc kernel|nofail order=2\n d = alloc kernel|nofail order=1\n"
                    "task 2 cpu 1\n e = alloc kernel|nofail order=2\n"),
            "00000");
}

TEST_F(MachineSleep, WhatIsCachedIsNoLongerItsOwners) {
  EXPECT_EQ(answers("task 0 cpu 0\n a = alloc kernel order=1\n cache a\n free a\n cache a\n b = alloc kernel "
                    "order=0\n free b\n cache b\n"),
            "00ss00s");
}

}  // namespace
}  // namespace labyrinth::machine::testing
