// C2: what the model permits a mapper to answer, and that the checker of a run's mappings accepts every right
// history and finds each kind of wrong one.
#include "labyrinth/model/mapping.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "labyrinth/machine/random.hpp"
#include "mapping_checker.hpp"

namespace labyrinth::machine {
namespace {

using model::Clause;
using model::Home;
using model::MapAnswer;
using model::Pfn;
using model::Status;
using model::Way;

constexpr Home kNowhere{}, kDirect{true, 0x5000}, kHigh{true, 0};
constexpr model::Situation kMaySleep{}, kMayNot{.preemption_off = true};

static_assert(model::judge_page_address(kDirect, 0x5000) == Clause::kNone);
static_assert(model::judge_page_address(kDirect, 0) == Clause::C2);
static_assert(model::judge_page_address(kHigh, 0) == Clause::kNone);
static_assert(model::judge_page_address(kHigh, 0x5000) == Clause::C2);

constexpr Clause map_of(const Home& home, const model::Situation& situation, MapAnswer answer,
                        const model::Surroundings& around = {}, const model::MapEvidence& seen = {}) {
  return model::judge_map(home, situation, answer, around, seen);
}
static_assert(map_of(kNowhere, kMayNot, {Status::kBadArgument}) == Clause::kNone);
static_assert(map_of(kNowhere, kMaySleep, {Status::kOk, 1}) == Clause::C2);
static_assert(map_of(kHigh, kMayNot, {Status::kBadContext}) == Clause::kNone);
static_assert(map_of(kHigh, kMayNot, {Status::kOk, 1}) == Clause::C1);
static_assert(map_of(kDirect, kMayNot, {Status::kOk, 0x5000}) == Clause::C1, "on every machine");
static_assert(map_of(kHigh, kMaySleep, {Status::kBadContext}) == Clause::C1);
static_assert(map_of(kHigh, kMaySleep, {Status::kOk, 1}) == Clause::kNone);
static_assert(map_of(kHigh, kMaySleep, {Status::kOk, 0}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kOk, 1}, {.of_another = true}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kOk, 1}, {.in_direct_map = true}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kOk, 1}, {.known = 2}) == Clause::C2,
              "two maps share a slot");
static_assert(map_of(kDirect, kMaySleep, {Status::kOk, 0x5000}) == Clause::kNone);
static_assert(map_of(kDirect, kMaySleep, {Status::kOk, 0x6000}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kExhausted}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kExhausted}, {}, {.slots_full = true}) == Clause::kNone);
static_assert(map_of(kHigh, kMaySleep, {Status::kExhausted}, {},
                     {.slots_full = true, .mapped_throughout = true}) == Clause::C2);
static_assert(map_of(kDirect, kMaySleep, {Status::kExhausted}, {}, {.slots_full = true}) == Clause::C2);
static_assert(map_of(kHigh, kMaySleep, {Status::kContended}) == Clause::E3);
static_assert(map_of(kHigh, kMaySleep, {Status::kContended}, {}, {.conflict = true}) == Clause::kNone);
static_assert(map_of(kHigh, kMaySleep, {Status::kFragmented}) == Clause::C2);

static_assert(model::judge_unmap(kNowhere, Status::kBadArgument, {}) == Clause::kNone);
static_assert(model::judge_unmap(kDirect, Status::kOk, {}) == Clause::kNone);
static_assert(model::judge_unmap(kDirect, Status::kBadArgument, {.may_be_unmapped = true}) == Clause::C2);
static_assert(model::judge_unmap(kHigh, Status::kOk, {.may_be_mapped = true}) == Clause::kNone);
static_assert(model::judge_unmap(kHigh, Status::kOk, {.may_be_unmapped = true}) == Clause::C2);
static_assert(model::judge_unmap(kHigh, Status::kBadArgument, {.may_be_mapped = true}) == Clause::C2);
static_assert(model::judge_unmap(kHigh, Status::kContended, {.may_be_mapped = true}) == Clause::E3);

constexpr std::uint8_t kSlots = 2;
constexpr std::uint8_t kDepth = 2;
constexpr std::uint64_t kBase = 0x10000;

/// Frames 100..107, of which 104 and up have no direct map.
MappingChecker fresh() {
  MappingChecker checker;
  MappingChecker::Setup setup{.span = {{100}, {8}}, .base = kBase, .shape = {kSlots, kDepth, 1}};
  setup.unmapped[0] = {{104}, {4}};
  checker.begin_run(setup);
  return checker;
}

Clause map(MappingChecker& checker, std::uint8_t context, std::uint64_t pfn, MapAnswer answer) {
  checker.begin_map(context, {pfn}, kMaySleep);
  return checker.end_map(context, answer, false).clause;
}
Clause unmap(MappingChecker& checker, std::uint8_t context, std::uint64_t pfn, Status status) {
  checker.begin_unmap(context, {pfn});
  return checker.end_unmap(context, status, false).clause;
}
Clause local(MappingChecker& checker, std::uint8_t context, std::uint64_t pfn, MapAnswer answer,
             Way way = Way::kMapLocal) {
  return checker.end_map_local(context, {pfn}, way, answer).clause;
}

TEST(MappingChecker, C2_KnowsTheDirectMap) {
  const MappingChecker checker = fresh();
  EXPECT_EQ(checker.home_of({101}).direct, kBase + 4096);
  EXPECT_EQ(checker.home_of({104}).direct, 0U);
  EXPECT_TRUE(checker.home_of({104}).exists);
  EXPECT_FALSE(checker.home_of({99}).exists);
  EXPECT_FALSE(checker.home_of({108}).exists);
  EXPECT_EQ(checker.judge_page_address({101}, kBase).clause, Clause::C2);
  EXPECT_EQ(checker.judge_page_address({104}, kBase + 4 * 4096).clause, Clause::C2);
}

TEST(MappingChecker, C2_AnAddressIsOfOneFrame) {
  MappingChecker checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(local(checker, 1, 105, {Status::kOk, 1}), Clause::C2);
  EXPECT_EQ(local(checker, 1, 105, {Status::kOk, 2}), Clause::kNone);
  EXPECT_EQ(local(checker, 2, 104, {Status::kOk, kBase}), Clause::C2) << "the direct address of another";
  EXPECT_EQ(map(checker, 0, 106, {Status::kOk, 2}), Clause::C2);
}

TEST(MappingChecker, C2_TwoMapsOfAFrameHaveOneAddress) {
  MappingChecker checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(map(checker, 1, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(map(checker, 1, 104, {Status::kOk, 2}), Clause::C2);
}

TEST(MappingChecker, C2_ExhaustedOnlyWithAllSlotsInUse) {
  MappingChecker checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  checker.begin_map(1, {105}, kMaySleep);
  EXPECT_EQ(map(checker, 2, 106, {Status::kExhausted}), Clause::kNone) << "the second slot may be 105's";
  EXPECT_EQ(map(checker, 2, 104, {Status::kExhausted}), Clause::C2) << "it has one";
  checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(unmap(checker, 1, 104, Status::kOk), Clause::kNone);
  EXPECT_EQ(map(checker, 0, 105, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(map(checker, 2, 106, {Status::kExhausted}), Clause::C2);
}

TEST(MappingChecker, C2_UnmapsAreCounted) {
  MappingChecker checker = fresh();
  EXPECT_EQ(unmap(checker, 0, 104, Status::kOk), Clause::C2) << "it was never mapped";
  checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(unmap(checker, 0, 104, Status::kBadArgument), Clause::C2);
  checker = fresh();
  EXPECT_EQ(map(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  checker.begin_unmap(0, {104});
  checker.begin_unmap(1, {104});
  EXPECT_EQ(checker.end_unmap(1, Status::kOk, false).clause, Clause::kNone);
  MappingChecker other = checker;
  EXPECT_EQ(checker.end_unmap(0, Status::kBadArgument, false).clause, Clause::kNone) << "one of the two";
  EXPECT_EQ(other.end_unmap(0, Status::kOk, false).clause, Clause::C2) << "not both";
}

TEST(MappingChecker, C2_AnEarlyUnmapNeedsItsMap) {
  MappingChecker checker = fresh();
  checker.begin_map(0, {104}, kMaySleep);
  EXPECT_EQ(unmap(checker, 1, 104, Status::kOk), Clause::kNone);
  MappingChecker refused = checker;
  EXPECT_EQ(checker.end_map(0, {Status::kOk, 1}, false).clause, Clause::kNone);
  EXPECT_EQ(unmap(checker, 1, 104, Status::kOk), Clause::C2);
  EXPECT_EQ(refused.end_map(0, {Status::kContended}, true).clause, Clause::C2);
}

/// A handler that comes while its newest mapping is taken back may be given that address.
TEST(MappingChecker, C2_ALocalMappingThatIsTakenBackIsNotSurelyAlive) {
  MappingChecker checker = fresh();
  const auto alive = [&] {
    std::vector<std::uint64_t> addresses;
    checker.each_alive([&](Pfn, std::uint64_t address) { addresses.push_back(address); });
    return addresses;
  };
  using Addresses = std::vector<std::uint64_t>;
  ASSERT_EQ(local(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  ASSERT_EQ(local(checker, 0, 105, {Status::kOk, 2}), Clause::kNone);
  checker.begin_unmap_local(0, 1, Way::kMapLocal);
  EXPECT_EQ(alive(), (Addresses{1, 2})) << "it is not the newest, so it must be refused";
  EXPECT_EQ(checker.end_unmap_local(0, 1, Way::kMapLocal, Status::kBadArgument).clause, Clause::kNone);
  checker.begin_unmap_local(0, 2, Way::kMapLocal);
  EXPECT_EQ(alive(), Addresses{1});
  EXPECT_EQ(local(checker, 1, 106, {Status::kOk, 2}), Clause::kNone);
  EXPECT_EQ(local(checker, 2, 107, {Status::kOk, 1}), Clause::C2);
  EXPECT_EQ(checker.end_unmap_local(0, 2, Way::kMapLocal, Status::kOk).clause, Clause::kNone);
  EXPECT_EQ(alive(), (Addresses{1, 2})) << "the latter is the other context's";
}

TEST(MappingChecker, C2_LocalMappingsAreAStack) {
  MappingChecker checker = fresh();
  EXPECT_EQ(local(checker, 0, 104, {Status::kOk, 1}), Clause::kNone);
  EXPECT_EQ(local(checker, 0, 101, {Status::kOk, kBase + 4096}, Way::kMapAtomic), Clause::kNone);
  EXPECT_EQ(local(checker, 0, 105, {Status::kOk, 3}), Clause::C2) << "too deep";
  EXPECT_EQ(local(checker, 0, 105, {Status::kExhausted}), Clause::kNone);
  EXPECT_EQ(local(checker, 0, 105, {Status::kBadContext}), Clause::C2);
  EXPECT_EQ(local(checker, 1, 105, {Status::kExhausted}), Clause::C2) << "another context's depth";
  EXPECT_EQ(checker.end_unmap_local(0, 1, Way::kMapLocal, Status::kOk).clause, Clause::C2) << "out of order";
  EXPECT_EQ(checker.end_unmap_local(0, kBase + 4096, Way::kMapLocal, Status::kOk).clause, Clause::C2);
  EXPECT_EQ(checker.end_unmap_local(0, kBase + 4096, Way::kMapAtomic, Status::kBadArgument).clause,
            Clause::C2);
  EXPECT_EQ(checker.end_unmap_local(0, kBase + 4096, Way::kMapAtomic, Status::kOk).clause, Clause::kNone);
  EXPECT_EQ(checker.end_unmap_local(0, 1, Way::kMapLocal, Status::kOk).clause, Clause::kNone);
  EXPECT_EQ(checker.end_unmap_local(0, 1, Way::kMapLocal, Status::kOk).clause, Clause::C2);
}

/// Global slots whose calls take effect at one instant, anywhere between call and answer: right by
/// construction.
class Simulation {
 public:
  enum class Bug : std::uint8_t { kNone, kForgetsASlot, kSlotOfAnother, kDropsTwo, kRefusesUnmap };
  Simulation(std::uint64_t seed, Bug bug) : state_(seed), bug_(bug), checker_(fresh()) {}

  [[nodiscard]] std::optional<Violation> run(int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto context = static_cast<std::uint8_t>(random_below(state_, kCallers));
      Call& call = calls_[context];
      switch (call.phase++) {
        case 0:
          call.maps = random_below(state_, 2) == 0;
          call.frame = random_below(state_, 4);
          if (call.maps) checker_.begin_map(context, {104 + call.frame}, kMaySleep);
          if (!call.maps) checker_.begin_unmap(context, {104 + call.frame});
          break;
        case 1:
          take_effect(call);
          break;
        default:
          call.phase = 0;
          const Violation broken = call.maps ? checker_.end_map(context, call.answer, true)
                                             : checker_.end_unmap(context, call.answer.status, true);
          if (broken.clause != Clause::kNone) return broken;
          break;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kCallers = 4;
  struct Call {
    int phase = 0;
    bool maps = false;
    std::uint64_t frame = 0;
    MapAnswer answer{};
  };
  struct Slot {
    std::uint64_t frame = 0;
    int users = 0;
  };
  [[nodiscard]] bool strikes(Bug bug) { return bug_ == bug && random_below(state_, 8) == 0; }

  void take_effect(Call& call) {
    call.answer = {call.maps ? Status::kExhausted : Status::kBadArgument, 0};
    for (Slot& slot : slots_) {
      if (slot.users == 0 || slot.frame != call.frame) continue;
      slot.users += call.maps ? 1 : -1;
      if (!call.maps && slot.users > 0 && strikes(Bug::kDropsTwo)) --slot.users;
      if (!call.maps && strikes(Bug::kRefusesUnmap)) return;
      call.answer = {Status::kOk, address_of(slot)};
      return;
    }
    if (!call.maps) return;
    for (Slot& slot : slots_) {
      if (slot.users > 0 && !strikes(Bug::kSlotOfAnother)) continue;
      if (strikes(Bug::kForgetsASlot)) continue;
      slot = {call.frame, 1};
      call.answer = {Status::kOk, address_of(slot)};
      return;
    }
  }
  [[nodiscard]] std::uint64_t address_of(const Slot& slot) const {
    return 1 + static_cast<std::uint64_t>(&slot - slots_.data());
  }

  std::uint64_t state_;
  Bug bug_;
  MappingChecker checker_;
  std::array<Slot, kSlots> slots_{};
  std::array<Call, kCallers> calls_{};
};

TEST(MappingChecker, C2_AcceptsEveryRightHistory) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    const auto broken = Simulation(seed, Simulation::Bug::kNone).run(120);
    ASSERT_FALSE(broken.has_value()) << "seed " << seed << ": " << broken->reason;
  }
}

TEST(MappingChecker, C2_FindsEachKindOfWrongHistory) {
  using Bug = Simulation::Bug;
  for (const Bug bug : {Bug::kForgetsASlot, Bug::kSlotOfAnother, Bug::kDropsTwo, Bug::kRefusesUnmap}) {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
      found += Simulation(seed, bug).run(120).has_value() ? 1 : 0;
    EXPECT_GT(found, 10) << static_cast<int>(bug);
  }
}

}  // namespace
}  // namespace labyrinth::machine
