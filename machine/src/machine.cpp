// The machine's front: traces and plain functions.
#include "labyrinth/machine/machine.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "frames.hpp"
#include "labyrinth/machine/journal.hpp"
#include "program.hpp"

namespace labyrinth::machine {
namespace {

constinit Outcome own_outcome{};
constinit Outcome* last_outcome = &own_outcome;
constinit Journal* journal = nullptr;

/// There is one writer; a locked addition would be paid for by each run.
void count_run() noexcept {
  if (journal != nullptr)
    journal->runs.store(journal->runs.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void begin_run(const Trace& trace) noexcept {
  if (journal == nullptr) return;
  journal->target = program.target();
  journal->trace = trace;
  journal->outcome.departure_count = 0;
  count_run();
}

}  // namespace

Machine::Machine(Options options) noexcept : options_(options) {}

void Machine::use(const labyrinth_target& target) noexcept {
  program.use(target);
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(target.alloc), &info) != 0)
    core.meetings.measure_from(reinterpret_cast<std::uintptr_t>(info.dli_fbase));
}

void Machine::count_meetings(std::span<std::uint8_t, kMeetingCounters> counters) noexcept {
  core.meetings.count_in(counters);
}

void Machine::turn_to(const labyrinth_target& target) noexcept { program.turn_to(target); }
bool Machine::prepare(const Trace& trace) noexcept {
  begin_run(trace);
  const bool prepared = program.prepare(trace);
  count_run();
  return prepared;
}

const Outcome& Machine::run(const Trace& trace, Strategy& strategy) noexcept {
  begin_run(trace);
  program.run(trace, strategy, options_.drain, *last_outcome);
  count_run();
  return *last_outcome;
}

const Outcome& Machine::run(std::span<const Function> functions, std::uint8_t cpus, Strategy& strategy,
                            MemoryModel memory) noexcept {
  last_outcome->kind = Outcome::Kind::kClean;
  last_outcome->accesses = last_outcome->switches = 0;
  last_outcome->unmatched = last_outcome->departure_count = 0;
  last_outcome->violation = Violation{};
  std::array<Body, kMaxContexts> bodies;
  std::uint8_t count = 0;
  for (const Function& function : functions) {
    bodies[count++] = {function.level, function.cpu,
                       [](void* self, std::uint8_t index) {
                         const auto& body = *static_cast<const Function*>(self);
                         core.begin_call(index, 0, false);
                         body.run(body.argument);
                         core.end_call();
                       },
                       const_cast<Function*>(&function)};
  }
  frames.begin_run();
  forget_thread_locals();
  const HeapMark heap = heap_mark();
  core.run({bodies.data(), count}, cpus, memory, strategy, *last_outcome);
  core.shadow.commit();
  heap_reset(heap);  // What stands there stays, until the next run takes the same addresses.
  return *last_outcome;
}

Where where() noexcept {
  if (!core.active()) return {.call = kNoCall};
  return {core.now->cpu, core.now->index, core.now->call, core.now->access};
}

std::string place(std::uintptr_t address) {
  if (core.shadow.in_arena(address)) {
    const std::size_t offset = address - reinterpret_cast<std::uintptr_t>(core.shadow.arena());
    const auto [begin, end] = program.state();
    if (offset >= program.mapper()) return fmt::format("mapper+{:#x}", offset - program.mapper());
    return offset < end ? fmt::format("state+{:#x}", offset - begin)
                        : fmt::format("heap+{:#x}", offset - end);
  }
  if (in_frames(address)) {
    return fmt::format("frame {}+{:#x}", frames.frame_at(address), address % kFrameBytes);
  }
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(address), &info) != 0 && info.dli_fbase != nullptr) {
    return fmt::format("object+{:#x}", address - reinterpret_cast<std::uintptr_t>(info.dli_fbase));
  }
  return "stack";
}

const Outcome& Machine::outcome() const noexcept { return *last_outcome; }

void Machine::observe(Observer* observer) noexcept { core.observer = observer; }

void Machine::keep(Journal& kept) noexcept {
  journal = &kept;
  last_outcome = &kept.outcome;
}

void Machine::record(History* history) noexcept { program.checker().record(history); }

std::uint32_t Machine::declared_steps(const Trace& trace, std::uint8_t call) const noexcept {
  const Call& asked = trace.call_storage[call];
  if (!allocates(asked.op) && asked.op != Op::kFree && !of_objects(asked.op)) return 0;
  const bool of_handle = asked.op == Op::kFree && asked.order == kOrderOfHandle && asked.handle != kNoHandle;
  return program.declared_steps(asked, of_handle ? trace.call_storage[asked.handle].order : asked.order);
}

}  // namespace labyrinth::machine
