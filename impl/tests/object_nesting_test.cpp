// N2, N3, N4: interrupts at every single access of a call, and interrupts of those; what all of them answer,
// that nothing is lost, and that no call takes more steps than it declares.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "object_hooks.hpp"
#include "object_world.hpp"

namespace labyrinth::test {
namespace {

// What interrupts: after `countdown` accesses one call of `op`, which itself may be interrupted.
struct Plan {
  World* world = nullptr;
  std::uint64_t countdown = 0;  // 0: not again
  Op op{};
  std::uint64_t inner_countdown = 0;
  Op inner_op{};
  bool must_succeed = false;
};
Plan plan;

void interrupt_once() {
  if (plan.countdown == 0 || --plan.countdown != 0) return;
  plan.countdown = plan.inner_countdown;
  plan.inner_countdown = 0;
  const Op op = plan.op;
  plan.op = plan.inner_op;
  plan.world->call(op, plan.countdown == 0, plan.must_succeed);
}

class ObjectNesting : public testing::Test {
 protected:
  void SetUp() override { access_hook = {.interrupt = interrupt_once}; }
  void TearDown() override {
    access_hook = {};
    plan = {};
  }
};

void prepare(World& world, std::uint32_t calls) {
  for (std::uint32_t i = 0; i < calls; ++i) {
    world.call(static_cast<Op>(world.below(3) == 0 ? world.below(kOps) : world.below(2)), true);
  }
}

TEST_F(ObjectNesting, N4_X1_X3_X4_E3_OneInterruptAtEveryAccess) {
  std::uint64_t runs = 0;
  for (std::uint32_t seed = 0; seed < 24; ++seed) {
    for (std::uint32_t pair = 0; pair < kOps * kOps; ++pair) {
      bool was_hit = true;
      for (std::uint64_t at = 1; was_hit && at < 2000; ++at) {
        World world(seed % 4 == 3 ? 70 : 2 + seed % 4, seed);
        prepare(world, 3 * seed);
        // The interrupted call holds at most one page or slab, or two for two frames.
        plan = {.world = &world,
                .countdown = at,
                .op = static_cast<Op>(pair / kOps),
                .must_succeed = pair / kOps < 3 && world.free_pages() > 2};
        world.call(static_cast<Op>(pair % kOps), false);
        was_hit = plan.countdown == 0;
        plan = {};
        ++runs;
        world.expect_nothing_is_lost();
        if (HasFailure()) FAIL() << "seed " << seed << ", pair " << pair << ", at " << at;
      }
    }
  }
  EXPECT_GT(runs, 8000u);
}

TEST_F(ObjectNesting, N4_X1_X3_X4_E3_InterruptsOfInterrupts) {
  std::mt19937 random(3);
  for (std::uint32_t run = 0; run < 15000; ++run) {
    World world(1 + run % 4, run);
    prepare(world, run % 60);
    plan = {.world = &world,
            .countdown = 1 + random() % 30,
            .op = static_cast<Op>(random() % kOps),
            .inner_countdown = 1 + random() % 30,
            .inner_op = static_cast<Op>(random() % kOps)};
    world.call(static_cast<Op>(random() % kOps), false);
    plan = {};
    world.expect_nothing_is_lost();
    if (HasFailure()) FAIL() << "run " << run;
  }
}

World* besieged = nullptr;
std::uint64_t peace = 0;

// From some access on, takes at each one what the interrupted call is about to take.
void take_it_away() {
  if (peace > 0) {
    --peace;
    return;
  }
  access_hook.interrupt = nullptr;
  besieged->call(Op::kTiny, true);
  access_hook.interrupt = take_it_away;
}

TEST_F(ObjectNesting, N3_E3_X4_WhoLosesEveryRaceIsToldSoAndKeepsNothing) {
  std::uint32_t told = 0;
  for (std::uint64_t access = 0; access < 8; ++access) {
    World world(1, 0);
    besieged = &world;
    world.call(Op::kTiny, true);
    peace = access;
    World::contended = 0;
    access_hook.interrupt = take_it_away;
    world.call(Op::kTiny, false);
    access_hook.interrupt = nullptr;
    told += World::contended;
    world.expect_nothing_is_lost();
  }
  // Before the fifth access or earlier, the slab's state changes under it; before the seventh, the bit.
  EXPECT_EQ(told, 7u);
}

void guess_once() {
  if (plan.countdown == 0 || --plan.countdown != 0) return;
  plan.world->guess();
}

TEST_F(ObjectNesting, X3_X4_AFreeThatGuessesAnAddressInTheMaking) {
  access_hook.interrupt = guess_once;
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    for (const Op op : {Op::kSmall, Op::kTiny, Op::kWhole, Op::kBlock}) {
      for (std::uint64_t at = 1; at < 60; ++at) {
        World world(2 + seed % 3, seed);
        prepare(world, seed);
        plan = {.world = &world, .countdown = at};
        world.call(op, false);
        plan = {};
        world.expect_nothing_is_lost();
        if (HasFailure()) FAIL() << "seed " << seed << ", at " << at;
      }
    }
  }
}

void besiege() {
  if (besieged->below(3) == 0) return;
  const auto interrupt = access_hook.interrupt;
  access_hook.interrupt = nullptr;
  const std::uint32_t calls = 1 + besieged->below(3);
  for (std::uint32_t i = 0; i < calls; ++i) {
    const std::uint32_t dice = besieged->below(16);
    besieged->call(dice == 0   ? Op::kTrim
                   : dice < 8  ? Op::kFree
                   : dice < 15 ? Op::kSmall
                               : Op::kForeign,
                   true);
  }
  access_hook.interrupt = interrupt;
}

TEST_F(ObjectNesting, N3_NoCallTakesMoreStepsThanItDeclares) {
  World::allocs = World::frees = World::trims = {};
  for (const std::uint64_t frames : {1u, 4u, 64u, 130u, 300u}) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
      World world(frames, seed);
      besieged = &world;
      prepare(world, static_cast<std::uint32_t>(frames) * 2);
      access_hook.interrupt = besiege;
      for (std::uint32_t i = 0; i < 100; ++i) {
        const std::uint32_t dice = world.below(20);
        world.call(dice == 0 ? Op::kTrim : dice < 10 ? Op::kFree : Op::kSmall, false);
      }
      access_hook.interrupt = nullptr;
      world.expect_nothing_is_lost();
      if (HasFailure()) FAIL() << frames << " frames, seed " << seed;
    }
  }
  for (const Largest& largest : {World::allocs, World::frees, World::trims}) {
    std::printf("closest to its bound: %llu of %llu steps\n", static_cast<unsigned long long>(largest.taken),
                static_cast<unsigned long long>(largest.declared));
    EXPECT_GT(largest.taken, 0u);
  }
}

}  // namespace
}  // namespace labyrinth::test
