// Programs by number: the digits are the kinds of their calls.
#include "small_programs.hpp"

#include <algorithm>
#include <utility>

namespace labyrinth::tool {

using machine::Call;
using machine::Context;
using machine::Op;
using machine::Trace;

SmallPrograms::SmallPrograms(Shape shape) : shape_(std::move(shape)) {
  kinds_ = shape_.flags.size() * shape_.orders.size() + 1;
  const unsigned calls = shape_.cpus * shape_.tasks * shape_.calls + shape_.handlers;
  count_ = 1;
  for (unsigned i = 0; i < calls; ++i) count_ *= kinds_;
}

namespace {

/// A free's block: see the class's comment. kNoHandle: there is none.
[[nodiscard]] std::uint8_t block_for(const Trace& trace, const Context& context, std::uint8_t call) {
  unsigned freed = 0;
  for (std::uint8_t i = call; i-- > context.first_call;) {
    const Call& before = trace.call_storage[i];
    if (before.op == Op::kFree) {
      ++freed;
    } else if (freed == 0) {
      return i;
    } else {
      --freed;
    }
  }
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const bool own = i >= context.first_call && i < context.first_call + context.calls;
    if (!own && trace.call_storage[i].op == Op::kAlloc) return i;
  }
  return machine::kNoHandle;
}

}  // namespace

bool SmallPrograms::make(std::uint64_t number, Trace& trace) const {
  trace.context_count = trace.call_count = trace.departure_count = 0;
  std::uint32_t frames = 0;
  const auto add = [&](model::Level level, std::uint8_t cpu, std::uint8_t calls) {
    Context& context = trace.context_storage[trace.context_count++];
    context = {level, cpu, trace.call_count, calls};
    for (std::uint8_t i = 0; i < calls; ++i) {
      const auto kind = static_cast<std::size_t>(number % kinds_);
      number /= kinds_;
      Call& call = trace.call_storage[trace.call_count++];
      call = {};
      if (kind + 1 == kinds_) {
        call.op = Op::kFree;
        call.order = machine::kOrderOfHandle;
        continue;
      }
      call.order = shape_.orders[kind % shape_.orders.size()];
      call.gfp = shape_.flags[kind / shape_.orders.size()].bits;
      frames += 1U << call.order;
    }
  };
  for (std::uint8_t cpu = 0; cpu < shape_.cpus; ++cpu) {
    for (std::uint8_t task = 0; task < shape_.tasks; ++task) add(model::Level::kTask, cpu, shape_.calls);
  }
  for (std::uint8_t i = 0; i < shape_.handlers; ++i) add(shape_.levels[i % shape_.levels.size()], 0, 1);
  const auto matches = [&](const CallPattern& pattern) { return pattern.matches(trace); };
  if (!shape_.only.empty() && std::none_of(shape_.only.begin(), shape_.only.end(), matches)) return false;
  if (std::any_of(shape_.except.begin(), shape_.except.end(), matches)) return false;
  for (std::uint8_t c = 0; c < trace.context_count; ++c) {
    const Context& context = trace.context_storage[c];
    for (std::uint8_t i = context.first_call; i < context.first_call + context.calls; ++i) {
      Call& call = trace.call_storage[i];
      if (call.op != Op::kFree) continue;
      call.handle = block_for(trace, context, i);
      if (call.handle == machine::kNoHandle) return false;
    }
  }
  if (shape_.frames != 0) frames = shape_.frames;
  frames = std::max(frames, 1U);
  trace.geometry = machine::one_zone(static_cast<std::uint8_t>(shape_.cpus + shape_.idle), frames, frames / 4,
                                     frames / 4, frames / 2);
  trace.geometry.normal().highatomic = std::min(shape_.highatomic, frames);
  return true;
}

}  // namespace labyrinth::tool
