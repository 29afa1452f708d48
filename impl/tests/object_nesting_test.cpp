// N2, N3, N4: interrupts at every single access of a call, and interrupts of those; what all of them answer,
// that nothing is lost, and that no call takes more steps than it declares.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "object_fixture.hpp"
#include "object_hooks.hpp"

namespace labyrinth::test {
namespace {

enum class Op { kSmall, kTiny, kWhole, kBlock, kFree, kFreeTwice, kTrim, kPage };
constexpr std::uint32_t kOps = 8;
constexpr std::uint64_t kBytes[] = {1024, 16, 4096, 8192};  // of the first four

struct Largest {
  std::uint64_t taken = 0;
  std::uint64_t declared = 0;
};

// A small world that calls, and calls that interrupt them, act on.
class World {
 public:
  World(std::uint64_t frames, std::uint32_t seed)
      : objects_({.first_pfn = 3, .frames = frames}), random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  [[nodiscard]] std::int64_t free_pages() const { return objects_.zone->free_frames().value; }

  // One call; `is_alone` if nothing else runs during it, so that it has nobody to blame.
  void call(Op op, bool is_alone, bool must_succeed = false) {
    switch (op) {
      case Op::kFree:
      case Op::kFreeTwice:
        free_one(op == Op::kFreeTwice, is_alone);
        break;
      case Op::kTrim:
        measured(objects_->trim_steps(), trims, [&] { objects_->trim(); });
        break;
      case Op::kPage:
        swap_page();
        break;
      default:
        allocate(kBytes[static_cast<std::size_t>(op)], is_alone, must_succeed);
    }
  }

  void expect_nothing_is_lost() {
    while (!live_.empty()) free_one(false, true);
    if (page_.status == Status::kOk) swap_page();
    objects_->trim();
    EXPECT_EQ(objects_.pages_in_use(), 0) << "X4";
    for (const std::uint64_t bytes : {16u, 1024u}) {
      if (bytes == 16 && objects_.zone.shape().frames > 4) continue;  // many, and the small worlds show it
      const std::vector<Address> all = objects_.take_all(kMemalloc, bytes);
      EXPECT_EQ(all.size(), objects_.zone.shape().frames * (kPage / bytes)) << "X4";
      objects_.free_all(all);
      objects_->trim();
      EXPECT_EQ(objects_.pages_in_use(), 0) << "X4";
    }
  }

  static inline Largest allocs, frees, trims;

 private:
  // What interrupts the call counts its own steps, and leaves this one's as they were.
  template <typename Call>
  void measured(std::uint64_t declared, Largest& largest, const Call& call) {
    const AccessHook outer = access_hook;
    access_hook.accesses = 0;
    access_hook.is_on = true;
    call();
    const std::uint64_t taken = access_hook.accesses;
    access_hook.is_on = outer.is_on;
    access_hook.accesses = outer.accesses;
    EXPECT_LE(taken, declared) << "N3";
    if (taken * std::max<std::uint64_t>(largest.declared, 1) > largest.taken * declared ||
        largest.taken == 0) {
      largest = {taken, declared};
    }
  }

  void allocate(std::uint64_t bytes, bool is_alone, bool must_succeed) {
    ObjectAnswer answer;
    measured(objects_->kmalloc_steps(Bytes{bytes}), allocs,
             [&] { answer = objects_->kmalloc(kMemalloc, Bytes{bytes}); });
    if (answer.status == Status::kOk) {
      objects_.shadow.take(answer.address, labyrinth_kmalloc_size(bytes));
      live_.push_back(answer.address);
      return;
    }
    EXPECT_NE(answer.status, Status::kBadArgument);
    if (is_alone) {
      EXPECT_NE(answer.status, Status::kContended) << "E3";
    }
    if (must_succeed) {
      EXPECT_EQ(answer.status, Status::kOk) << "E2: there was room beyond what the interrupted call holds";
    }
  }

  void free_one(bool twice, bool is_alone) {
    if (live_.empty()) return;
    std::swap(live_[below(static_cast<std::uint32_t>(live_.size()))], live_.back());
    const Address address = live_.back();
    live_.pop_back();  // before the call: an interrupt must not free it, too
    objects_.shadow.give(address);
    Status status{};
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(address); });
    EXPECT_EQ(status, Status::kOk) << "X3";
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(Address{address.value + 8}); });
    EXPECT_EQ(status, Status::kBadArgument) << "X3";
    // Again, if nobody can have it anew by then: otherwise it would rightly be freed.
    if (!twice || !is_alone) return;
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(address); });
    EXPECT_EQ(status, Status::kBadArgument) << "X3";
  }

  // Somebody else's page, who knows nothing of objects.
  void swap_page() {
    const bool was_on = access_hook.is_on;
    access_hook.is_on = false;
    if (page_.status == Status::kOk) {
      EXPECT_EQ(objects_.zone.free(page_), Status::kOk);
      page_.status = Status::kBadArgument;
    } else {
      page_ = objects_.zone.alloc(kMemalloc, 0);
    }
    access_hook.is_on = was_on;
  }

  TestObjects objects_;
  std::mt19937 random_;
  std::vector<Address> live_;
  Page page_;
};

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

void besiege() {
  if (besieged->below(3) == 0) return;
  const auto interrupt = access_hook.interrupt;
  access_hook.interrupt = nullptr;
  const std::uint32_t calls = 1 + besieged->below(3);
  for (std::uint32_t i = 0; i < calls; ++i) {
    const std::uint32_t dice = besieged->below(16);
    besieged->call(dice == 0 ? Op::kTrim : dice < 8 ? Op::kFree : dice < 15 ? Op::kSmall : Op::kPage, true);
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
