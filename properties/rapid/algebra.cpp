// Algebra: programs that must come to the same, or to no less, on whatever allocator. Their cases are of one
// task after the other, so that every answer is determined by which frames are free.
#include <algorithm>
#include <array>
#include <vector>

#include "chance.hpp"
#include "finding.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "property.hpp"

namespace labyrinth::properties {

using machine::Call;
using machine::Op;
using machine::Outcome;
using machine::Trace;
using model::Status;

namespace {

/// Chance that is the case's own, so that a saved case stays the same case.
[[nodiscard]] Chance chance_of(const Trace& trace) noexcept {
  std::uint64_t sum = trace.geometry.normal().frames;
  for (const Call& call : trace.calls())
    sum = sum * 31 + call.order + call.gfp + static_cast<unsigned>(call.op);
  return Chance(sum);
}

constexpr std::uint8_t kMostAppended = 24;
/// Whether the case has a context to append so many calls to, and room for them.
[[nodiscard]] bool can_grow(const Trace& trace) noexcept {
  return trace.context_count != 0 && trace.call_count + kMostAppended <= machine::kMaxCalls;
}

/// At the end of the last context.
std::uint8_t append(Trace& trace, const Call& call) noexcept {
  ++trace.context_storage[trace.context_count - 1U].calls;
  trace.call_storage[trace.call_count] = call;
  return trace.call_count++;
}

/// Runs of one case, compared. A run that breaks a clause is a failure of its own.
class Runs {
 public:
  Runs(Bench& bench, const Trace& of) noexcept : bench_(bench), case_(of) {}

  /// The answers; none if the run says nothing.
  [[nodiscard]] const Outcome* run(const Trace& trace, machine::Strategy& strategy) {
    if (!good_) return nullptr;
    const Outcome& outcome = bench_.machine.run(trace, strategy);
    if (outcome.kind == Outcome::Kind::kViolation && !failure_)
      failure_ = Failure{outcome.violation, true, false, case_, tool::with_schedule(trace, outcome).trace};
    if (outcome.kind == Outcome::Kind::kInconclusive || outcome.kind == Outcome::Kind::kRefused)
      ++bench_.inconclusive;
    // What is lost is seen when everything is freed at the end: by then all calls have been answered.
    const bool whole =
        outcome.kind == Outcome::Kind::kViolation && outcome.violation.call == machine::kNoCall;
    good_ = good_ && (whole || outcome.kind == Outcome::Kind::kClean);
    return good_ ? &outcome : nullptr;
  }
  [[nodiscard]] const Outcome* run(const Trace& trace) {
    machine::GoOn strategy;
    return run(trace, strategy);
  }
  void fail(const Trace& trace, std::uint8_t call, const char* reason, std::int64_t seen,
            std::int64_t expected) {
    if (failure_) {
      failure_->by_property = true;
    } else {
      failure_ = Failure{
          {.call = call, .reason = reason, .seen = seen, .permitted = expected}, false, true, case_, trace};
    }
  }
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }

 private:
  Bench& bench_;
  const Trace& case_;
  bool good_ = true;
  std::optional<Failure> failure_;
};

/// Allocations that nobody frees.
[[nodiscard]] std::vector<std::uint8_t> left_over(const Trace& trace) {
  std::vector<std::uint8_t> left;
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const auto calls = trace.calls();
    const bool freed =
        std::any_of(calls.begin(), calls.end(), [&](const Call& it) { return it.handle == i; });
    if (machine::allocates(calls[i].op) && !freed) left.push_back(i);
  }
  return left;
}

constexpr std::uint32_t kEverything = (model::kAtomic | model::kMemalloc).bits;

/// One more allocation, of any order, by who may have everything: what it is answered says what is free.
[[nodiscard]] Call probe(Chance& chance) noexcept {
  return {.op = Op::kAlloc, .order = chance.byte_below(5), .gfp = kEverything};
}

}  // namespace

std::optional<Failure> check_identity(Bench& bench, const Trace& trace) {
  if (!can_grow(trace)) return std::nullopt;
  Chance chance = chance_of(trace);
  const Call between{.op = Op::kAlloc, .order = chance.byte_below(4), .gfp = model::kAtomic.bits};
  const Call after = probe(chance);
  Trace plain = trace;
  Trace with = trace;
  const std::uint8_t last = append(plain, after);
  const std::uint8_t got = append(with, between);
  append(with, {.op = Op::kFree, .order = machine::kOrderOfHandle, .handle = got});
  const std::uint8_t last_with = append(with, after);
  Runs runs(bench, trace);
  const Outcome* const first = runs.run(plain);
  const int expected = first != nullptr ? first->results[last].status : 0;
  const Outcome* const second = runs.run(with);
  if (second != nullptr && second->results[last_with].status != expected)
    runs.fail(with, last_with, "after an allocation and its free another is answered than without; answers",
              second->results[last_with].status, expected);
  return runs.failure();
}

std::optional<Failure> check_frees_commute(Bench& bench, const Trace& trace) {
  if (!can_grow(trace)) return std::nullopt;
  Chance chance = chance_of(trace);
  const Call after = probe(chance);
  std::vector<std::uint8_t> left = left_over(trace);
  if (left.size() >= kMostAppended) return std::nullopt;
  Runs runs(bench, trace);
  int expected = 0;
  for (const bool backwards : {false, true}) {
    Trace now = trace;
    // What is not freed keeps the probe from being trivial.
    const std::size_t freed = left.size() - left.size() / 3;
    std::vector<std::uint8_t> order(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(freed));
    if (backwards) std::reverse(order.begin(), order.end());
    for (const std::uint8_t it : order)
      append(now, {.op = Op::kFree, .order = machine::kOrderOfHandle, .handle = it});
    const std::uint8_t last = append(now, after);
    const Outcome* const outcome = runs.run(now);
    if (outcome == nullptr) break;
    for (std::uint8_t i = trace.call_count; i < last; ++i) {
      const machine::CallResult& free = outcome->results[i];
      if (free.state == machine::CallResult::State::kAnswered && free.status != 0)
        runs.fail(now, i, "a live block's free is refused; answer", free.status, 0);
    }
    if (backwards && outcome->results[last].status != expected)
      runs.fail(now, last, "after the same frees in another order another answer is given; answers",
                outcome->results[last].status, expected);
    expected = outcome->results[last].status;
  }
  return runs.failure();
}

std::optional<Failure> check_splitting(Bench& bench, const Trace& trace) {
  if (!can_grow(trace)) return std::nullopt;
  Chance chance = chance_of(trace);
  const auto order = static_cast<std::uint8_t>(1 + chance.below(3));
  const std::uint32_t gfp = chance.once_in(2) ? kEverything : model::kAtomic.bits;
  Runs runs(bench, trace);
  Trace whole = trace;
  const std::uint8_t one = append(whole, {.op = Op::kAlloc, .order = order, .gfp = gfp});
  const Outcome* const first = runs.run(whole);
  if (first == nullptr) return runs.failure();
  const auto answer = static_cast<Status>(first->results[one].status);
  Trace parts = trace;
  // Where the whole is served so are its halves; where it is refused for want of frames so are single ones.
  const bool served = answer == Status::kOk;
  const std::uint32_t pieces = served ? 2 : 1U << order;
  const auto each = static_cast<std::uint8_t>(served ? order - 1 : 0);
  for (std::uint32_t i = 0; i < pieces; ++i) append(parts, {.op = Op::kAlloc, .order = each, .gfp = gfp});
  const Outcome* const second = runs.run(parts);
  if (second == nullptr) return runs.failure();
  std::uint32_t got = 0;
  for (std::uint8_t i = trace.call_count; i < parts.call_count; ++i)
    got += second->results[i].status == 0 ? 1U : 0U;
  if (served && got != pieces)
    runs.fail(parts, trace.call_count, "a block is there, but not its two halves; halves", got, pieces);
  if (answer == Status::kExhausted && got == pieces)
    runs.fail(parts, trace.call_count, "too few frames for a block, but enough for its parts; parts", got,
              pieces - 1);
  return runs.failure();
}

namespace {

/// Whole calls, one after the other, in an order of contexts that does not depend on which CPUs they are on.
class InTurn final : public machine::Strategy {
 public:
  InTurn(const Trace& trace, Chance chance) : trace_(trace) {
    std::vector<std::uint8_t> left;
    for (const machine::Context& context : trace.contexts()) left.push_back(context.calls);
    while (std::any_of(left.begin(), left.end(), [](std::uint8_t it) { return it != 0; })) {
      const std::uint8_t who = chance.byte_below(static_cast<std::uint32_t>(left.size()));
      if (left[who] == 0) continue;
      --left[who];
      order_.push_back(who);
    }
  }
  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 0; }
  [[nodiscard]] machine::Choice choose(const machine::Point& point) noexcept override {
    if (next_ == order_.size() || order_[next_] == point.context) {
      next_ += next_ == order_.size() ? 0 : 1;
      return {};
    }
    return {{machine::Decision::Kind::kCpu, trace_.context_storage[order_[next_]].cpu}, point.access};
  }

 private:
  const Trace& trace_;
  std::vector<std::uint8_t> order_;
  std::size_t next_ = 0;
};

}  // namespace

std::optional<Failure> check_cpus(Bench& bench, const Trace& trace) {
  Trace here = trace;
  here.context_count = std::min(here.context_count, here.geometry.cpus);
  here.call_count = 0;
  for (std::uint8_t i = 0; i < here.context_count; ++i) {
    here.context_storage[i].cpu = i;
    here.call_count = static_cast<std::uint8_t>(here.call_count + here.context_storage[i].calls);
  }
  // Calls that lost what they mean mean nothing.
  for (std::uint8_t i = 0; i < here.call_count; ++i) {
    Call& call = here.call_storage[i];
    if (call.handle != machine::kNoHandle && call.handle >= here.call_count)
      call = {.op = Op::kAlloc, .gfp = model::kAtomic.bits};
  }
  Trace there = here;
  for (std::uint8_t i = 0; i < there.context_count; ++i)
    there.context_storage[i].cpu = static_cast<std::uint8_t>((i + 1U) % there.geometry.cpus);
  Runs runs(bench, trace);
  InTurn in_turn(here, chance_of(trace));
  const Outcome* const first = runs.run(here, in_turn);
  if (first == nullptr) return runs.failure();
  std::array<machine::CallResult, machine::kMaxCalls> expected = first->results;
  InTurn again(there, chance_of(trace));
  const Outcome* const second = runs.run(there, again);
  if (second == nullptr) return runs.failure();
  for (std::uint8_t i = 0; i < there.call_count; ++i) {
    if (second->results[i].status != expected[i].status || second->results[i].wake != expected[i].wake)
      runs.fail(there, i, "on other CPUs the same calls in the same order are answered otherwise; answers",
                second->results[i].status, expected[i].status);
  }
  return runs.failure();
}

std::optional<Failure> check_more_memory(Bench& bench, const Trace& trace) {
  Chance chance = chance_of(trace);
  Trace more = trace;
  more.geometry.normal().frames += 1 + chance.below(70);
  Runs runs(bench, trace);
  const Outcome* const first = runs.run(trace);
  if (first == nullptr) return runs.failure();
  std::array<machine::CallResult, machine::kMaxCalls> with_less = first->results;
  const Outcome* const second = runs.run(more);
  if (second == nullptr) return runs.failure();
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    if (second->results[i].status == with_less[i].status) continue;
    // From here on the two own different frames.
    if (second->results[i].status != 0)
      runs.fail(more, i, "with more memory a request fails that was served with less; answers",
                second->results[i].status, with_less[i].status);
    break;
  }
  return runs.failure();
}

std::optional<Failure> check_forms(Bench&, const Trace& trace) {
  const auto wrong = [&](const char* reason) {
    return Failure{{.reason = reason}, false, true, trace, std::nullopt};
  };
  machine::TraceFile file{};
  file.trace = trace;
  file.names = machine::default_names(trace);
  const std::string text = machine::print_trace(file);
  const auto parsed = machine::parse_trace(text);
  const auto* const read = std::get_if<machine::TraceFile>(&parsed);
  if (read == nullptr) return wrong("the text of a trace cannot be read");
  if (!machine::same(read->trace, trace)) return wrong("a trace's text is read as another trace");
  if (machine::print_trace(*read) != text) return wrong("a trace that was read is printed otherwise");
  if (trace.memory != machine::MemoryModel::kSc) return std::nullopt;
  std::array<std::uint8_t, machine::kMaxEncodedSize> bytes;
  const std::size_t size = machine::encode_trace(trace, bytes);
  if (size == 0) return wrong("a trace has no binary form");
  Trace decoded;
  machine::decode_trace({bytes.data(), size}, decoded);
  if (!machine::same(decoded, trace)) return wrong("a trace's bytes are decoded as another trace");
  return std::nullopt;
}

}  // namespace labyrinth::properties
