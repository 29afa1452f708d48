// Calls that overlap no other one are judged on a way of their own: the full rules say the same of them, in
// every machine, and so they do of calls that stop being alone.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "checker.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::machine {
namespace {

using model::Block;
using model::Status;

struct OpenCall {
  std::optional<model::Request> request;  ///< Nothing: it is a free, of `block`.
  Block block{};
  std::uint32_t cpus = 0;
};

class BothWays {
 public:
  explicit BothWays(std::uint64_t seed) : random_(seed) {}

  /// One random history. The number of calls that both have accepted.
  int run(std::uint64_t machine) {
    draw_memory();
    full().begin_run(memory_, {}, 0);
    alone().begin_run(memory_, {}, machine);
    given_.clear();
    about_rooms_ = below(4);
    int accepted = 0;
    for (int call = 0; call < 20; ++call) {
      const auto first = begin(0);
      std::optional<OpenCall> second;
      if (below(6) == 0) second = begin(1);
      if (second && below(2) == 0) {
        if (!end(1, *second)) return accepted;
        second.reset();
      }
      if (!end(0, first) || (second && !end(1, *second))) return accepted;
      ++accepted;
    }
    return accepted;
  }

 private:
  [[nodiscard]] static Checker& full() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }
  [[nodiscard]] static Checker& alone() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }
  std::uint32_t below(std::uint32_t bound) { return random_below(random_, bound); }

  /// What a fuzzer's machines are: zones, a void, rooms.
  void draw_memory() {
    std::array<std::uint8_t, 8 + 4 * 6> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
    bytes[1] = static_cast<std::uint8_t>(below(128));  // few frames
    const std::uint32_t records = below(7);
    for (std::uint32_t i = 0; i < 6; ++i)
      bytes[8 + 4 * i] =
          i < records ? static_cast<std::uint8_t>(0xfe + below(2)) : 0;  // of a zone, or of a room
    if (records != 0 && below(2) == 0) {                                 // a task's room, of few frames
      bytes[8] = 0xff;
      bytes[9] = 0;
      bytes[10] = static_cast<std::uint8_t>(1 + below(2));
    }
    static Trace trace;
    decode_trace(bytes, trace);
    memory_ = memory_of(trace.geometry);
  }

  [[nodiscard]] OpenCall begin(std::uint8_t context) {
    OpenCall call;
    if (!given_.empty() && below(3) == 0) {
      call.block = given_[below(static_cast<std::uint32_t>(given_.size()))];
      if (below(6) == 0) call.block.pfn.value += below(3);
      if (below(6) == 0) call.block.order.value = static_cast<std::uint8_t>(below(13));
      for (Checker* const checker : {&full(), &alone()})
        checker->begin_free(context, call.block.pfn, call.block.order, call.block.order <= model::kMaxOrder);
      return call;
    }
    model::Request request{.gfp = {below(32)}, .order = {static_cast<std::uint8_t>(below(5))}};
    if (below(3) == 0) request.gfp.bits |= 1U << below(25);
    if (below(3) == 0) request.gfp.bits |= 1U << below(25);
    if (below(3) < about_rooms_) request = {.gfp = model::Gfp{below(8)} | model::kRoom};
    if (below(16) == 0) request.order.value = static_cast<std::uint8_t>(below(255));
    if (below(6) == 0) request.situation.level = static_cast<model::Level>(below(4));
    if (below(8) == 0) request.situation.preemption_off = true;
    if (below(16) == 0) request.count = below(4);
    const std::uint32_t cpus = 1U << below(2);
    for (Checker* const checker : {&full(), &alone()}) checker->begin_allocation(context, request, cpus);
    call.request = request;
    call.cpus = cpus;
    return call;
  }

  [[nodiscard]] model::Answer draw_answer(const model::Request& request) {
    model::Answer answer{.status = below(2) == 0 ? Status::kOk : static_cast<Status>(below(6))};
    answer.wake = below(2) == 0;
    if (request.order > model::kMaxOrder) return answer;
    const model::Span span = memory_.span();
    for (int tries = 0; tries < 8; ++tries) {
      const std::uint64_t pfn = span.first.value + below(static_cast<std::uint32_t>(span.frames.count));
      answer.pfn.value = pfn >> request.order.value << request.order.value;
      if (span.contains(answer.pfn, request.order) && full().state().free({answer.pfn, request.order})) break;
    }
    return answer;
  }

  /// One of those that would be right if nothing else were in progress, if chance finds one.
  [[nodiscard]] model::Answer likely_answer(const OpenCall& call) {
    model::Evidence seen{
        .open = model::open_pools(memory_, call.request->gfp, call.cpus, call.request->situation.level)};
    for (std::uint8_t i = 0; i < memory_.pool_count; ++i) {
      model::Frames free{};
      const model::Span& span = memory_.pools[i].span;
      for (std::int64_t k = 0; k < span.frames.count; ++k)
        free.count += full().state().taken({span.first.value + static_cast<std::uint64_t>(k)}) ? 0 : 1;
      seen.pools[i] = {free, free, {}};
    }
    model::Answer answer = draw_answer(*call.request);
    for (int tries = 0; tries < 40; ++tries) {
      if (model::judge_allocation(memory_, *call.request, answer, seen) == model::Clause::kNone) break;
      answer = draw_answer(*call.request);
    }
    return answer;
  }

  /// False: the run is over.
  [[nodiscard]] bool end(std::uint8_t context, const OpenCall& call) {
    Violation one, other;
    if (!call.request) {
      const bool live = full().state().is_block(call.block);
      const Status status = below(32) == 0 ? static_cast<Status>(below(6))
                            : live         ? Status::kOk
                                           : Status::kBadArgument;
      one = full().end_free(context, status);
      other = alone().end_free(context, status);
    } else {
      const model::Answer answer = below(6) == 0 ? draw_answer(*call.request) : likely_answer(call);
      const Block block{answer.pfn, call.request->order};
      const bool conflict = below(8) == 0;
      one = full().end_allocation(context, answer, conflict, {&block, 1});
      other = alone().end_allocation(context, answer, conflict, {&block, 1});
      EXPECT_EQ(full().open_pools(context), alone().open_pools(context));
      if (one.clause == model::Clause::kNone && answer.status == Status::kOk) {
        EXPECT_EQ(full().placed(), alone().placed());
        given_.push_back(block);
      }
    }
    EXPECT_EQ(one.clause, other.clause) << one.reason << " / " << other.reason;
    EXPECT_EQ(one.seen, other.seen) << one.reason << " / " << other.reason;
    EXPECT_EQ(full().free_frames(), alone().free_frames());
    return one.clause == model::Clause::kNone && !::testing::Test::HasFailure();
  }

  std::uint64_t random_;
  model::Memory memory_{};
  std::vector<Block> given_;
  std::uint32_t about_rooms_ = 0;  ///< Of three requests.
};

TEST(CheckerAlone, SaysWhatTheFullRulesSay) {
  BothWays both(1);
  int accepted = 0;
  for (std::uint64_t history = 1; history <= 100000; ++history) {
    accepted += both.run(history);
    if (HasFailure()) FAIL() << "history " << history;
  }
  EXPECT_GT(accepted, 200000);
}

}  // namespace
}  // namespace labyrinth::machine
