// The journal: whoever shares its memory sees which run is under way, and how far its schedule has come.
#include <gtest/gtest.h>

#include <variant>
#include <vector>

#include "labyrinth/machine/journal.hpp"
#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::machine {
namespace {

constexpr const char* kTwo = R"(labyrinth trace 1
machine cpus=2 frames=2 zone=normal:2 min=0 low=0 high=0
task 0 cpu 0
  a = alloc atomic order=0
task 1 cpu 1
  b = alloc atomic order=0
schedule
  at a access 2: cpu 1
  at b access 3: cpu 0
)";

/// Replays, and looks at the journal wherever it is asked.
class Looks final : public Strategy {
 public:
  Looks(const Trace& trace, const Journal& journal) : replay_(trace), journal_(journal) {}
  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override { return replay_.first(call); }
  [[nodiscard]] Choice choose(const Point& point) noexcept override {
    under_way = under_way && journal_.runs_now();
    departures.push_back(journal_.outcome.departure_count);
    return replay_.choose(point);
  }
  bool under_way = true;
  std::vector<unsigned> departures;

 private:
  Replay replay_;
  const Journal& journal_;
};

TEST(MachineJournal, HasTheRunThatIsUnderWay) {
  const auto loaded = Target::load(LABYRINTH_TARGET_DIR "/reference.so");
  ASSERT_TRUE(std::holds_alternative<Target>(loaded));
  const Target& target = std::get<Target>(loaded);
  const Trace trace = std::get<TraceFile>(parse_trace(kTwo)).trace;
  static Journal journal;  // The machine goes on with it.
  Machine machine;
  machine.use(target.table());
  machine.keep(journal);
  EXPECT_FALSE(journal.runs_now());
  Looks strategy(trace, journal);
  const Outcome& outcome = machine.run(trace, strategy);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_TRUE(strategy.under_way);
  EXPECT_EQ(strategy.departures, (std::vector<unsigned>{0, 1}));
  EXPECT_FALSE(journal.runs_now());
  EXPECT_EQ(journal.runs.load(), 2U);
  EXPECT_EQ(journal.target, &target.table());
  EXPECT_TRUE(same(journal.trace, trace));
  EXPECT_EQ(&outcome, &journal.outcome);
  EXPECT_EQ(&machine.outcome(), &journal.outcome);
}

TEST(MachineJournal, CountsTheMakingOfATargetToo) {
  const auto loaded = Target::load(LABYRINTH_TARGET_DIR "/reference.so");
  ASSERT_TRUE(std::holds_alternative<Target>(loaded));
  static Journal journal;
  Machine machine;
  machine.use(std::get<Target>(loaded).table());
  machine.keep(journal);
  ASSERT_TRUE(machine.prepare(std::get<TraceFile>(parse_trace(kTwo)).trace));
  EXPECT_EQ(journal.runs.load(), 2U);
}

}  // namespace
}  // namespace labyrinth::machine
