// The void that is unmapped: drains as calls of a program, and what the target does to mappings, as facts of
// the run (labyrinth/machine/machine.h).
#include <cstring>

#include "access.hpp"
#include "labyrinth/machine/machine.h"
#include "program.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Status;

void Program::drain_limbo(std::uint8_t index, const Call& call) noexcept {
  core.begin_call(index, declared_steps(call, 0), false);
  if (target_->drain == nullptr) {
    core.end_call();
    outcome_->results[index].state = CallResult::State::kSkipped;
    return;
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  const Drained done = drain_target(call);
  answered(index, static_cast<std::uint8_t>(done.status), done.blocks, false);
  look_back(core.now->index);
  const Violation broken = checker_.end_drain(core.now->index, done.status, done.blocks);
  if (broken.clause != Clause::kNone) core.fail(broken);
}

/// Calls the target's drain; begin_call() has been made, end_drain() is the caller's.
Program::Drained Program::drain_target(const Call& call) noexcept {
  const std::uint64_t most = call.pfn == 0 ? UINT64_MAX : call.pfn;
  checker_.begin_drain(core.now->index, {most, core.situation()});
  labyrinth_target_answer answer{};
  std::uint64_t drained = 0;
  target_->drain(self_, most, &drained, &answer);
  const bool exists = answer.status <= LABYRINTH_TARGET_BAD_CONTEXT;
  return {exists ? static_cast<Status>(answer.status) : Status::kContended, drained};
}

/// X4: at the end of a run, nothing may stay behind in limbo.
void Program::drain_last() noexcept {
  if (!unmaps()) return;
  const Call call{.op = Op::kDrain};
  core.begin_call(kNoCall, declared_steps(call, 0), false);
  const Drained done = drain_target(call);
  core.end_call();
  const Violation broken = checker_.end_drain(core.now->index, done.status, done.blocks);
  if (broken.clause != Clause::kNone) core.fail(broken);
}

/// What unmapping does to frames that may be unmapped: their content is gone.
void Program::lose_content(model::Pfn pfn, model::Frames count) noexcept {
  const auto first = static_cast<std::uint32_t>(pfn.value - geometry_.first_pfn);
  const auto size = static_cast<std::uint32_t>(count.count);
  const std::uint8_t unordered = frames.use(first, size);
  if (unordered != kNoCall) {
    return core.fail({.clause = Clause::M1,
                      .other = unordered,
                      .reason = "unmaps a frame, not ordered after its last user by happens-before; frame",
                      .seen = static_cast<std::int64_t>(pfn.value)});
  }
  for (std::uint32_t frame = first; frame < first + size; ++frame) {
    if (!frames.save(frame)) return core.give_up(kNoPlaceForFrames);
    std::memset(frames.content(frame), 0, kFrameBytes);
  }
}

}  // namespace labyrinth::machine

using namespace labyrinth::machine;

extern "C" {

void labyrinth_machine_unmap(uint64_t pfn, uint64_t count) {
  if (!core.active()) return;
  if (core.now->may_not_sleep || !labyrinth::model::may_sleep(core.situation())) {
    core.fail({.clause = labyrinth::model::Clause::N1,
               .reason = "unmaps a frame, which may sleep, where sleeping is not permitted; frame",
               .seen = static_cast<std::int64_t>(pfn)});
  }
  const labyrinth::model::Frames frames_of_block{static_cast<std::int64_t>(count)};
  const Violation broken = program.checker().unmap(Program::here(), {pfn}, frames_of_block);
  if (core.observer != nullptr) core.observer->on_mapping(pfn, count, false);
  if (broken.clause != labyrinth::model::Clause::kNone) core.fail(broken);
  program.lose_content({pfn}, frames_of_block);
}

void labyrinth_machine_remap(uint64_t pfn, uint64_t count) {
  if (!core.active()) return;
  const Violation broken =
      program.checker().remap(Program::here(), {pfn}, {static_cast<std::int64_t>(count)});
  if (core.observer != nullptr) core.observer->on_mapping(pfn, count, true);
  if (broken.clause != labyrinth::model::Clause::kNone) core.fail(broken);
}

}  // extern "C"
