// The calls of a program about objects: what they ask the target, whose the answer is, and what owners find
// in their objects.
#include <algorithm>
#include <array>
#include <cstring>

#include "access.hpp"
#include "labyrinth/machine/capabilities.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Gfp;
using model::Status;

namespace {

/// What an owner leaves at both ends of its object; another owner leaves something else.
constexpr std::size_t kMark = 16;
[[nodiscard]] std::byte mark_of(std::uint8_t call) noexcept { return std::byte(0x80U | (call & 0x3fU)); }

[[nodiscard]] bool is_full_of(const std::byte* first, std::size_t bytes, std::byte what) noexcept {
  return std::all_of(first, first + bytes, [what](std::byte it) { return it == what; });
}

[[nodiscard]] Status status_of(const labyrinth_target_answer& answer) noexcept {
  return answer.status > LABYRINTH_TARGET_BAD_CONTEXT ? Status::kBadContext
                                                      : static_cast<Status>(answer.status);
}

}  // namespace

void Program::create_objects(const labyrinth_target_geometry& asked) noexcept {
  if (target_->kmalloc == nullptr) return;
  const std::size_t bytes = target_->objects_size(&asked);
  void* const state = bytes == 0 ? nullptr : heap_take(bytes, 64);
  if (state == nullptr) return;
  prepared_->objects =
      target_->create_objects(&asked, state, frames.base() + geometry_.frames() * kFrameBytes);
  if (prepared_->objects != nullptr && target_->objects_batch != nullptr) {
    prepared_->objects_batch = {static_cast<std::int64_t>(target_->objects_batch(prepared_->objects))};
  }
}

std::uint32_t Program::declared_object_steps(const Call& call) noexcept {
  if (!serves_objects()) return 0;
  Running* const now = core.now;  // Reading the declaration is no step of the call.
  core.now = nullptr;
  std::uint64_t steps = 0;
  if (call.op == Op::kKmalloc && target_->kmalloc_steps != nullptr) {
    steps = target_->kmalloc_steps(prepared_->objects, call.pfn);
  } else if (call.op == Op::kKfree && target_->kfree_steps != nullptr) {
    steps = target_->kfree_steps(prepared_->objects);
  }
  core.now = now;
  return steps >= kMaxSteps ? 0 : static_cast<std::uint32_t>(steps);
}

std::byte* Program::object_content(std::uint64_t address) noexcept {
  return frames.content(static_cast<std::uint32_t>(geometry_.frames())) + address;
}

void Program::touch_objects(std::uint64_t address, std::uint64_t bytes) noexcept {
  const ObjectChecker::Object* const object = object_checker_.owned(address, bytes);
  if (object == nullptr) return;
  core.fail({.clause = Clause::X5,
             .reason = "the allocator accesses an object while it belongs to its owner; address",
             .seen = static_cast<std::int64_t>(object->address)});
}

/// X5: what its new owner finds, and leaves.
void Program::leave_in_object(const ObjectChecker::Object& object, Gfp gfp) noexcept {
  if (object_checker_.owned(object.address, 1) != &object) return;
  const std::uint64_t last = (object.address + object.bytes - 1) / kFrameBytes;
  for (std::uint64_t frame = object.address / kFrameBytes; frame <= last; ++frame) {
    if (!frames.save(static_cast<std::uint32_t>(geometry_.frames() + frame)))
      return core.give_up(kNoPlaceForFrames);
  }
  std::byte* const first = object_content(object.address);
  if (gfp.has(model::kZero) && !is_full_of(first, object.bytes, std::byte{0})) {
    return core.fail({.clause = Clause::X5,
                      .reason = "an object asked for with zero is not zeroed; address",
                      .seen = static_cast<std::int64_t>(object.address)});
  }
  const std::size_t size = std::min<std::size_t>(object.bytes, kMark);
  std::memset(first, std::to_integer<int>(mark_of(object.call)), size);
  std::memset(first + object.bytes - size, std::to_integer<int>(mark_of(object.call)), size);
}

/// X5: what its owner finds again.
void Program::find_in_object(const ObjectChecker::Object& object) noexcept {
  if (object.call >= kMaxCalls || object_checker_.owned(object.address, 1) != &object) return;
  const std::byte* const first = object_content(object.address);
  const std::size_t size = std::min<std::size_t>(object.bytes, kMark);
  const std::byte mark = mark_of(object.call);
  if (is_full_of(first, size, mark) && is_full_of(first + object.bytes - size, size, mark)) return;
  core.fail({.clause = Clause::X5,
             .reason = "an object does not hold what its owner left in it; address",
             .seen = static_cast<std::int64_t>(object.address)});
}

void Program::kmalloc(std::uint8_t index, const Call& call) noexcept {
  const Gfp gfp = narrow(Gfp{call.gfp}, target_->can);
  const std::uint8_t context = core.now->index;
  core.begin_call(index, declared_steps(call, 0), !gfp.has(model::kDirectReclaim));
  if (!serves_objects()) {
    core.end_call();
    outcome_->results[index].state = CallResult::State::kSkipped;
    return;
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  object_checker_.begin_kmalloc(context, {gfp, call.pfn, core.situation()});
  labyrinth_target_answer answer{};
  target_->kmalloc(prepared_->objects, gfp.bits, call.pfn, &answer);
  answered(index, static_cast<std::uint8_t>(answer.status), answer.pfn, answer.wake != 0);
  if (answer.status > LABYRINTH_TARGET_BAD_CONTEXT) {
    core.fail(
        {.clause = Clause::X2, .reason = "an answer that does not exist; status", .seen = answer.status});
  }
  const Violation broken = object_checker_.end_kmalloc(
      context, index, {status_of(answer), answer.wake != 0, answer.pfn}, core.now->conflict);
  // Who saw what was no longer the last is refused by an earlier state: whether by one since what it missed
  // is not told apart.
  const bool excused = broken.clause == Clause::E2 && core.now->missed != 0;
  if (excused) return;
  if (broken.clause != Clause::kNone) core.fail(broken);
  if (const ObjectChecker::Object* const object = object_checker_.placed(); object != nullptr) {
    leave_in_object(*object, gfp);
  }
  answered_at_[index] = core.now->clock;
}

/// Calls the target's kfree and returns its answer; begin_call() has been made, end_kfree() is the caller's.
Status Program::free_object(std::uint64_t address) noexcept {
  if (const ObjectChecker::Object* const object = object_checker_.find(address); object != nullptr) {
    // Whoever frees an object was handed it by its owner, and that ordered the two.
    if (object->call < kMaxCalls) core.now->clock.join(answered_at_[object->call]);
    find_in_object(*object);
  }
  object_checker_.begin_kfree(core.now->index, address);
  labyrinth_target_answer answer{};
  target_->kfree(prepared_->objects, address, &answer);
  return status_of(answer);
}

void Program::kfree(std::uint8_t index, const Call& call) noexcept {
  core.begin_call(index, declared_steps(call, 0), true);
  std::uint64_t address = call.pfn;
  bool can = serves_objects();
  if (call.handle != kNoHandle) {
    look_at(call.handle);
    const CallResult& got = outcome_->results[call.handle];
    can = can && got.state == CallResult::State::kAnswered && got.status == LABYRINTH_TARGET_OK;
    address += got.pfn;
  }
  if (!can) {
    core.end_call();
    outcome_->results[index].state = CallResult::State::kSkipped;
    return;
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  const Status status = free_object(address);
  const Violation broken = object_checker_.end_kfree(core.now->index, status);
  answered(index, static_cast<std::uint8_t>(status), address, false);
  if (broken.clause != Clause::kNone) core.fail(broken);
}

/// X4: with every object freed and what is empty given back, the memory must come out as maximal blocks
/// again.
void Program::drain_objects() noexcept {
  while (const ObjectChecker::Object* const object = object_checker_.any()) {
    const std::uint64_t address = object->address;
    core.begin_call(kNoCall, declared_steps({.op = Op::kKfree}, 0), true);
    const Status status = free_object(address);
    core.end_call();
    const Violation broken = object_checker_.end_kfree(core.now->index, status);
    if (broken.clause != Clause::kNone) core.fail(broken);
  }
  if (changes_of_state() == 0) return;
  core.begin_call(kNoCall, 0, true);
  target_->objects_trim(prepared_->objects);
  core.end_call();
  object_checker_.trimmed();
  std::array<std::uint32_t, model::kMaxOrder.value + 1> blocks{};
  const model::Span span{{0}, {geometry_.objects.frames}};
  if (maximal_blocks(span, {geometry_.max_order}, blocks) > kMaxDrainBlocks) return;
  for (std::uint8_t order = geometry_.max_order + 1; order-- > 0;) {
    for (std::uint32_t i = 0; i < blocks[order]; ++i) {
      drain_kmalloc(std::uint64_t{kFrameBytes} << order, Status::kOk);
    }
  }
  drain_kmalloc(1, Status::kExhausted);
}

void Program::drain_kmalloc(std::uint64_t bytes, Status expected) noexcept {
  core.begin_call(kNoCall, declared_steps({.op = Op::kKmalloc, .pfn = bytes}, 0), true);
  object_checker_.begin_kmalloc(core.now->index, {model::kMemalloc, bytes, core.situation()});
  labyrinth_target_answer answer{};
  target_->kmalloc(prepared_->objects, narrow(model::kMemalloc, target_->can).bits, bytes, &answer);
  core.end_call();
  const Status status = status_of(answer);
  if (status != expected) {
    core.fail({.clause = Clause::X4,
               .reason = expected == Status::kOk
                             ? "every object is freed, but not all of their memory can be had again; bytes"
                             : "more objects could be had than there is memory for; bytes",
               .seen = static_cast<std::int64_t>(bytes)});
  }
  const Violation broken = object_checker_.end_kmalloc(
      core.now->index, kNoCall, {status, answer.wake != 0, answer.pfn}, core.now->conflict);
  if (broken.clause != Clause::kNone) core.fail(broken);
}

}  // namespace labyrinth::machine
