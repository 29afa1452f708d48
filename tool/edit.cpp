// Taking calls, contexts, departures and CPUs out of a trace, with everything that refers to them.
#include "edit.hpp"

#include <algorithm>
#include <array>

namespace labyrinth::tool {

using machine::Decision;
using machine::Trace;

Trace keep(const Trace& trace, std::uint64_t calls, std::uint32_t contexts) {
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    const machine::Context& context = trace.context_storage[i];
    if ((contexts >> i & 1U) != 0) continue;
    for (std::uint8_t call = 0; call < context.calls; ++call)
      calls &= ~(std::uint64_t{1} << (context.first_call + call));
  }
  // Twice: an unmapping means a mapping, which may stand behind it and means an alloc.
  for (int pass = 0; pass < 2; ++pass) {
    for (std::uint8_t i = 0; i < trace.call_count; ++i) {
      const std::uint8_t handle = trace.call_storage[i].handle;
      if (handle != machine::kNoHandle && (calls >> handle & 1U) == 0) calls &= ~(std::uint64_t{1} << i);
    }
  }
  std::array<std::uint8_t, machine::kMaxCalls> new_call{};
  std::array<std::uint8_t, machine::kMaxContexts> new_context{};
  Trace result = trace;
  result.call_count = result.context_count = result.departure_count = 0;
  for (std::uint8_t call = 0; call < trace.live_count(); ++call) {
    if ((calls >> call & 1U) == 0) continue;
    new_call[call] = result.call_count;
    result.call_storage[result.call_count++] = trace.call_storage[call];
  }
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    if ((contexts >> i & 1U) == 0) continue;
    const machine::Context& old = trace.context_storage[i];
    machine::Context& context = result.context_storage[result.context_count];
    context = old;
    context.first_call = result.call_count;
    for (std::uint8_t call = old.first_call; call < old.first_call + old.calls; ++call) {
      if ((calls >> call & 1U) == 0) continue;
      new_call[call] = result.call_count;
      result.call_storage[result.call_count++] = trace.call_storage[call];
    }
    context.calls = static_cast<std::uint8_t>(result.call_count - context.first_call);
    new_context[i] = result.context_count++;
  }
  for (std::uint8_t i = 0; i < result.call_count; ++i) {
    std::uint8_t& handle = result.call_storage[i].handle;
    if (handle != machine::kNoHandle) handle = new_call[handle];
  }
  for (const machine::Departure& departure : trace.departures()) {
    if ((calls >> departure.call & 1U) == 0) continue;
    machine::Departure moved = departure;
    moved.call = new_call[departure.call];
    if (departure.decision.kind == Decision::Kind::kTask) {
      if ((contexts >> departure.decision.argument & 1U) == 0) continue;
      moved.decision.argument = new_context[departure.decision.argument];
    }
    result.departure_storage[result.departure_count++] = moved;
  }
  return result;
}

Trace without_departures(const Trace& trace, std::uint8_t first, std::uint8_t count) {
  Trace result = trace;
  std::copy(trace.departure_storage.begin() + first + count,
            trace.departure_storage.begin() + trace.departure_count,
            result.departure_storage.begin() + first);
  result.departure_count = static_cast<std::uint8_t>(trace.departure_count - count);
  return result;
}

Trace without_cpu(const Trace& trace, std::uint8_t cpu) {
  Trace result = trace;
  --result.geometry.cpus;
  for (std::uint8_t i = 0; i < result.context_count; ++i) {
    if (result.context_storage[i].cpu > cpu) --result.context_storage[i].cpu;
  }
  result.departure_count = 0;
  for (machine::Departure departure : trace.departures()) {
    if (departure.decision.kind == Decision::Kind::kCpu ||
        departure.decision.kind == Decision::Kind::kMigrate) {
      if (departure.decision.argument == cpu) continue;
      if (departure.decision.argument > cpu) --departure.decision.argument;
    }
    result.departure_storage[result.departure_count++] = departure;
  }
  return result;
}

}  // namespace labyrinth::tool
