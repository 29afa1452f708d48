// The checker against simulated allocators: it accepts every history of a correct one, and judges histories
// without overlap exactly.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>

#include "checker_simulation.hpp"

namespace labyrinth::machine::testing {
namespace {

constexpr std::uint8_t kContexts = 4;

/// What the callers of one random history may do.
struct Manners {
  bool atomic = true;        ///< Calls take effect at one instant.
  bool frees_blind = false;  ///< Frees of blocks that nobody was given yet, by guessing.
  std::uint32_t calls = 6;
};

class RandomHistory {
 public:
  RandomHistory(std::uint64_t seed, Manners manners) : random_(seed), manners_(manners), zone_(draw_zone()) {
    // Each history is of a machine of its own.
    checker().begin_run(zone_.zone(), {}, (seed % 2 == 0 ? seed + 1 : 0));
  }

  /// The first violation that the checker finds, or none; `text` tells the history.
  [[nodiscard]] Violation run() {
    std::uint32_t started = 0;
    for (;;) {
      const auto context = static_cast<std::uint8_t>(below(kContexts));
      auto& call = calls_[context];
      if (!call.has_value()) {
        if (started == manners_.calls) {
          if (std::none_of(calls_.begin(), calls_.end(), [](const auto& open) { return open.has_value(); }))
            return {};
          continue;
        }
        ++started;
        begin(context);
      } else if (!ready_[context]) {
        ready_[context] = call->advance(zone_, manners_.atomic, random_);
      } else {
        const Violation broken = end(context);
        if (broken.clause != model::Clause::kNone) return broken;
      }
    }
  }
  [[nodiscard]] static Checker& checker() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }

  std::string text;

 private:
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) { return random_below(random_, bound); }

  [[nodiscard]] SimulatedZone draw_zone() {
    const std::uint64_t firsts[] = {0, 0, 8, 3, 61};
    const Frames min{below(4)};
    const Frames low = min + Frames{below(3)};
    const model::Memory zone = model::one_zone({{firsts[below(5)]}, {8}}, {min, low, low},
                                               {static_cast<std::uint8_t>(2 + below(2))});
    text = "first " + std::to_string(zone.span().first.value) + " min " + std::to_string(min.count) +
           " low " + std::to_string(low.count) + '\n';
    return SimulatedZone(zone);
  }

  void begin(std::uint8_t context) {
    if (below(5) < 2 && (manners_.frees_blind || !given_.empty())) {
      Block block;
      if (given_.empty() || (manners_.frees_blind && below(4) == 0)) {
        block = {{zone_.zone().span().first.value + below(8)}, {static_cast<std::uint8_t>(below(3))}};
      } else {
        block = given_[below(static_cast<std::uint32_t>(given_.size()))];
      }
      calls_[context] = SimulatedCall::free(block, true);
      tell(context, "free", block.pfn.value, block.order.value);
      checker().begin_free(context, block.pfn, block.order, true);
    } else {
      Request request{.gfp = {below(32)}, .order = {static_cast<std::uint8_t>(below(8) < 5 ? 0 : below(4))}};
      if (below(8) == 0) request.situation.level = model::Level::kHardirq;
      calls_[context] = SimulatedCall::allocation(request);
      tell(context, "alloc", request.gfp.bits, request.order.value);
      checker().begin_allocation(context, request, 1);
    }
    ready_[context] = false;
  }

  [[nodiscard]] Violation end(std::uint8_t context) {
    const SimulatedCall call = *calls_[context];
    calls_[context].reset();
    const Answer answer = call.answer();
    tell(context, "-> status", static_cast<std::uint64_t>(answer.status), answer.pfn.value);
    if (call.is_free()) return checker().end_free(context, answer.status);
    if (answer.status == Status::kOk) given_.push_back({answer.pfn, call.request().order});
    return checker().end_allocation(context, answer, false);
  }

  void tell(std::uint8_t context, const char* what, std::uint64_t a, std::uint64_t b) {
    text += std::to_string(context) + ": " + what + ' ' + std::to_string(a) + ' ' + std::to_string(b) + '\n';
  }

  std::uint64_t random_;
  Manners manners_;
  SimulatedZone zone_;
  std::array<std::optional<SimulatedCall>, kContexts> calls_{};
  std::array<bool, kContexts> ready_{};
  std::vector<Block> given_;
};

void accepts_all(Manners manners, std::uint64_t seeds) {
  int shown = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomHistory history(seed, manners);
    const Violation broken = history.run();
    if (broken.clause == model::Clause::kNone) continue;
    ADD_FAILURE() << "false alarm with seed " << seed << ": " << model::name(broken.clause) << ", "
                  << broken.reason << ' ' << broken.seen << " permitted " << broken.permitted << '\n'
                  << history.text;
    if (++shown == 3) return;
  }
}

TEST(CheckerRandom, AcceptsEveryHistoryOfAnAtomicAllocator) {
  accepts_all({.calls = 5}, 40000);
  accepts_all({.calls = 12}, 40000);
}

TEST(CheckerRandom, AcceptsEveryHistoryOfAnAllocatorThatTakesCreditsFirst) {
  accepts_all({.atomic = false, .calls = 5}, 40000);
  accepts_all({.atomic = false, .calls = 12}, 40000);
}

TEST(CheckerRandom, X3_AcceptsBlindFreesThatHitWhatNobodyWasGivenYet) {
  accepts_all({.atomic = true, .frees_blind = true, .calls = 5}, 40000);
  accepts_all({.atomic = false, .frees_blind = true, .calls = 12}, 40000);
}

/// The one right status of an allocation with nothing else in progress.
[[nodiscard]] Status right_status(const SimulatedZone& zone, const Request& request) {
  if (!is_request(zone.zone(), request)) return Status::kBadArgument;
  if (request.gfp.has(model::kDirectReclaim) && !model::may_sleep(request.situation))
    return Status::kBadContext;
  const Frames left = zone.credits() - request.order.frames();
  if (left < model::floor_of(request.gfp, model::Pass::kMin, zone.zone().pools[0])) return Status::kExhausted;
  return zone.free_blocks(request.order).empty() ? Status::kFragmented : Status::kOk;
}

TEST(CheckerRandom, JudgesHistoriesWithoutOverlapExactly) {
  std::uint64_t random = 7;
  const auto below = [&](std::uint32_t bound) { return random_below(random, bound); };
  Checker& checker = RandomHistory::checker();
  std::array<int, 2> judged{};
  for (int history = 0; history < 30000; ++history) {
    const Frames min{below(4)};
    const Frames low = min + Frames{below(3)};
    const std::uint64_t first = below(2) == 0 ? 0U : 5U;
    SimulatedZone zone(model::one_zone({{first}, {8}}, {min, low, low}, {3}));
    const auto machine = static_cast<std::uint64_t>(1000000 + first * 100 +
                                                    static_cast<std::uint64_t>(min.count * 10 + low.count));
    checker.begin_run(zone.zone(), {}, history % 4 == 0 ? 0 : machine);
    std::vector<Block> given;
    for (bool right = true; right;) {
      const auto context = static_cast<std::uint8_t>(below(kContexts));
      const bool mutate = below(4) == 0;
      Violation found;
      std::string told;
      if (!given.empty() && below(3) == 0) {
        Block block = given[below(static_cast<std::uint32_t>(given.size()))];
        if (below(3) == 0) block.pfn.value += below(3);
        if (below(3) == 0) block.order.value = static_cast<std::uint8_t>(below(4));
        const bool live = zone.kill(block);
        const Status status = mutate ? static_cast<Status>(below(6))
                              : live ? Status::kOk
                                     : Status::kBadArgument;
        right = status == (live ? Status::kOk : Status::kBadArgument);
        if (live) {
          zone.clear(block);
          zone.give_credits(block.order);
        }
        told = "free " + std::to_string(block.pfn.value) + " order " + std::to_string(block.order.value) +
               " live " + std::to_string(live) + " status " + std::to_string(static_cast<int>(status));
        checker.begin_free(context, block.pfn, block.order, true);
        found = checker.end_free(context, status);
      } else {
        Request request{.gfp = {below(33)}, .order = {static_cast<std::uint8_t>(below(5))}};
        if (below(8) == 0) request.situation.preemption_off = true;
        const Status status = right_status(zone, request);
        const auto blocks = zone.free_blocks(request.order);
        const bool counted = status <= Status::kFragmented;
        Answer answer{.status = status};
        const bool passes_low = zone.credits() - request.order.frames() < zone.zone().pools[0].marks.low;
        answer.wake =
            counted && request.gfp.has(model::kKswapdReclaim) && (passes_low || status != Status::kOk);
        if (status == Status::kOk) answer.pfn = blocks[below(static_cast<std::uint32_t>(blocks.size()))].pfn;
        const Answer good = answer;
        if (mutate && below(3) != 0) answer.status = static_cast<Status>(below(6));
        if (mutate && below(3) == 0) answer.wake = !answer.wake;
        if (mutate && below(3) == 0) answer.pfn.value = below(16);
        const Block block{answer.pfn, request.order};
        right = answer.status == good.status;
        if (answer.status == Status::kBadContext) {  // as good as bad_argument where both apply
          right = request.gfp.has(model::kDirectReclaim) && !model::may_sleep(request.situation);
        }
        if (right && answer.status == Status::kOk)
          right = std::find(blocks.begin(), blocks.end(), block) != blocks.end();
        if (right) right = answer.wake == good.wake;
        told = "alloc gfp " + std::to_string(request.gfp.bits) + " order " +
               std::to_string(request.order.value) + " status " +
               std::to_string(static_cast<int>(answer.status)) + " for " +
               std::to_string(static_cast<int>(good.status)) + " wake " + std::to_string(answer.wake) +
               " for " + std::to_string(good.wake) + " credits " + std::to_string(zone.credits().count);
        checker.begin_allocation(context, request, 1);
        // A conflict excuses contended, and passing over a pool; nothing else.
        const bool excuses = answer.status == Status::kContended || answer.status == Status::kOk;
        found = checker.end_allocation(context, answer, below(2) == 0 && !excuses);
        if (right && answer.status == Status::kOk) {
          bool wake = false;
          ASSERT_FALSE(zone.take_credits(request, wake).has_value());
          zone.claim(block);
          given.push_back(block);
        }
      }
      ASSERT_EQ(found.clause == model::Clause::kNone, right)
          << history << ": " << told << ' ' << model::name(found.clause) << ' ' << found.reason;
      ++judged[right ? 1 : 0];
      if (right && below(16) == 0) break;
    }
  }
  EXPECT_GT(judged[0], 10000);
  EXPECT_GT(judged[1], 50000);
}

}  // namespace
}  // namespace labyrinth::machine::testing
