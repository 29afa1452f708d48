// The machine's front: traces and plain functions.
#include "labyrinth/machine/machine.hpp"

#include <algorithm>
#include <array>

#include "frames.hpp"
#include "program.hpp"

namespace labyrinth::machine {
namespace {

constinit Outcome outcome{};

}  // namespace

Machine::Machine(Options options) noexcept : options_(options) {}

void Machine::use(const labyrinth_target& target) noexcept { program.use(target); }

const Outcome& Machine::run(const Trace& trace, Strategy& strategy) noexcept {
  program.run(trace, strategy, options_.drain, outcome);
  return outcome;
}

const Outcome& Machine::run(std::span<const Function> functions, std::uint8_t cpus,
                            Strategy& strategy) noexcept {
  outcome.kind = Outcome::Kind::kClean;
  outcome.accesses = outcome.switches = 0;
  outcome.unmatched = outcome.departure_count = 0;
  outcome.violation = Violation{};
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
  core.run({bodies.data(), count}, cpus, strategy, outcome);
  core.shadow.commit();
  return outcome;
}

void Machine::observe(Observer* observer) noexcept { core.observer = observer; }

std::uint32_t Machine::declared_steps(const Trace& trace, std::uint8_t call) const noexcept {
  const Call& asked = trace.call_storage[call];
  if (asked.op != Op::kAlloc && asked.op != Op::kFree) return 0;
  const bool of_handle = asked.op == Op::kFree && asked.order == kOrderOfHandle && asked.handle != kNoHandle;
  return program.declared_steps(asked, of_handle ? trace.call_storage[asked.handle].order : asked.order);
}

}  // namespace labyrinth::machine
