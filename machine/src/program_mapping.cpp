// The calls of a program that give frames addresses: what they ask the target's mapper, and what is judged
// when.
#include <algorithm>

#include "access.hpp"
#include "labyrinth/machine/machine.h"
#include "program.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Pfn;
using model::Status;
using model::Way;

namespace {

[[nodiscard]] Way way_of(Op op) noexcept {
  if (op == Op::kMap || op == Op::kUnmap) return Way::kMap;
  return op == Op::kMapLocal || op == Op::kUnmapLocal ? Way::kMapLocal : Way::kMapAtomic;
}

static_assert(static_cast<std::uint32_t>(Way::kMap) == LABYRINTH_TARGET_MAP &&
              static_cast<std::uint32_t>(Way::kMapLocal) == LABYRINTH_TARGET_MAP_LOCAL &&
              static_cast<std::uint32_t>(Way::kMapAtomic) == LABYRINTH_TARGET_MAP_ATOMIC);

/// The most slots that the draining fills: to fill more costs more than the run.
constexpr std::uint8_t kMaxDrainSlots = 16;

/// While it exists, what the target does is no step of anybody's.
class Aside {
 public:
  Aside() noexcept : now_(core.now) { core.now = nullptr; }
  ~Aside() { core.now = now_; }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  Running* now_;
};

/// The steps of the machine's own calls, at the end of a context, are nobody's choice and not shown.
class Unseen {
 public:
  Unseen() noexcept : observer_(core.observer) { core.observer = nullptr; }
  ~Unseen() { core.observer = observer_; }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  Observer* observer_;
};

void fail_if(const Violation& broken) noexcept {
  if (broken.clause != Clause::kNone) core.fail(broken);
}

/// An answer that exists, as the model knows it.
[[nodiscard]] Status status_of(const labyrinth_target_map_answer& answer) noexcept {
  if (answer.status > LABYRINTH_TARGET_BAD_CONTEXT) {
    core.fail(
        {.clause = Clause::C2, .reason = "an answer that does not exist; status", .seen = answer.status});
  }
  return static_cast<Status>(answer.status);
}

}  // namespace

void* Program::create_mapper(const labyrinth_target_geometry& asked) noexcept {
  const labyrinth_target_mapper& table = *target_->mapper;
  const std::size_t bytes = table.state_size(&asked);
  void* const state = bytes == 0 ? nullptr : heap_take(bytes, 64);
  return state == nullptr ? nullptr : table.create(&asked, state, frames.base());
}

void Program::begin_mappings() noexcept {
  if (prepared_->mapper == nullptr) return;
  MappingChecker::Setup setup{.span = checker_.memory().span(),
                              .base = reinterpret_cast<std::uint64_t>(frames.base()),
                              .shape = geometry_.map};
  std::uint64_t next = geometry_.first_pfn;
  for (std::size_t i = 0; i < geometry_.zones.size(); ++i) {
    const std::uint32_t frames_of_zone = geometry_.zones[i].frames;
    if ((geometry_.map.unmapped >> i & 1U) != 0) setup.unmapped[i] = {{next}, {frames_of_zone}};
    next += frames_of_zone;
  }
  mappings_.begin_run(setup);
}

std::uint32_t Program::declared_map_steps(Way way, bool unmaps) const noexcept {
  const labyrinth_target_mapper& table = *target_->mapper;
  auto* const declare = unmaps ? table.unmap_steps : table.map_steps;
  if (declare == nullptr) return 0;
  const Aside aside;
  const std::uint64_t steps = declare(prepared_->mapper, static_cast<std::uint32_t>(way));
  return steps >= kMaxSteps ? 0 : static_cast<std::uint32_t>(steps);
}

/// C2: preemption is off exactly while an atomic mapping is held: on top of what it was when the call began.
void Program::judge_preemption(std::uint8_t before, bool maps, Way way, Status status) const noexcept {
  const bool changes = way == Way::kMapAtomic && status == Status::kOk;
  const std::uint8_t now = core.cpus[core.now->cpu].preempt_off;
  const int wanted = !changes ? before : maps ? before + 1 : std::max(before - 1, 0);
  if (now == wanted) return;
  core.fail({.clause = Clause::C2,
             .reason = "preemption is not off exactly as long as atomic mappings are held; depth",
             .seen = now,
             .permitted = wanted});
}

/// C2: every mapping that is alive reaches its frame.
void Program::judge_reach() noexcept {
  auto* const reaches = target_->mapper->reaches;
  if (reaches == nullptr) return;
  Violation broken{};
  {
    const Aside aside;
    mappings_.each_alive([&](Pfn pfn, std::uint64_t address) {
      const std::uint64_t reached = reaches(prepared_->mapper, address);
      if (reached == pfn.value || broken.clause != Clause::kNone) return;
      broken = {.clause = Clause::C2,
                .reason = "the address of a mapping that is held does not reach its frame; reached, frame",
                .seen = static_cast<std::int64_t>(reached),
                .permitted = static_cast<std::int64_t>(pfn.value)};
    });
  }
  fail_if(broken);
}

void Program::skip(std::uint8_t index) noexcept {
  core.end_call();
  outcome_->results[index].state = CallResult::State::kSkipped;
}

void Program::answered_mapping(std::uint8_t index, Status status, Pfn pfn, std::uint64_t address) noexcept {
  core.end_call();
  outcome_->results[index] = {CallResult::State::kAnswered,
                              static_cast<std::uint8_t>(status),
                              false,
                              false,
                              core.now->access,
                              pfn.value,
                              address};
  answered_at_[index] = core.now->clock;
  if ((handed_over_ >> index & 1U) != 0) core.meet(index, true);
  if (core.observer != nullptr) core.observer->on_answer(index);
}

void Program::run_mapping(std::uint8_t index, const Call& call) noexcept {
  const bool has_mapper = prepared_->mapper != nullptr;
  const bool steps = has_mapper && call.op != Op::kPageAddress;
  const std::uint32_t bound = steps ? declared_map_steps(way_of(call.op), machine::unmaps(call.op)) : 0;
  core.begin_call(index, bound, call.op != Op::kMap);
  look_at(call.handle);
  const CallResult& meant = outcome_->results[call.handle];
  const bool given = meant.state == CallResult::State::kAnswered && meant.status == LABYRINTH_TARGET_OK;
  if (!has_mapper || !given) return skip(index);
  // Whoever uses what another context got was handed it, and that ordered the two.
  core.now->clock.join(answered_at_[call.handle]);
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  if (machine::unmaps(call.op)) return unmap(index, {meant.pfn}, way_of(call.op), meant.address);
  const Pfn pfn{meant.pfn + call.pfn};
  if (call.op != Op::kPageAddress) return map(index, pfn, way_of(call.op));
  const std::uint64_t address = target_->mapper->page_address(prepared_->mapper, pfn.value);
  answered_mapping(index, Status::kOk, pfn, address);
  fail_if(mappings_.judge_page_address(pfn, address));
}

void Program::map(std::uint8_t index, Pfn pfn, Way way) noexcept {
  const std::uint8_t context = core.now->index;
  const std::uint8_t preempt_off = core.cpus[core.now->cpu].preempt_off;
  if (way == Way::kMap) mappings_.begin_map(context, pfn, core.situation());
  labyrinth_target_map_answer raw{};
  target_->mapper->map(prepared_->mapper, static_cast<std::uint32_t>(way), pfn.value, &raw);
  const model::MapAnswer answer{status_of(raw), raw.address};
  if (index != kNoCall) answered_mapping(index, answer.status, pfn, raw.address);
  if (way == Way::kMap && core.now->missed != 0) mappings_.look_back(context);
  fail_if(way == Way::kMap ? mappings_.end_map(context, answer, core.now->conflict)
                           : mappings_.end_map_local(context, pfn, way, answer));
  judge_preemption(preempt_off, true, way, answer.status);
  judge_reach();
}

void Program::unmap(std::uint8_t index, Pfn pfn, Way way, std::uint64_t address) noexcept {
  const std::uint8_t context = core.now->index;
  const std::uint8_t preempt_off = core.cpus[core.now->cpu].preempt_off;
  if (way == Way::kMap) {
    mappings_.begin_unmap(context, pfn);
  } else if (is_plain()) {
    // With hooks it counts as held until the answer: whoever interrupts the call before it has done anything
    // is the same to the explorer as who interrupts it later, as long as their accesses are apart.
    mappings_.begin_unmap_local(context, address, way);
  }
  labyrinth_target_map_answer raw{};
  target_->mapper->unmap(prepared_->mapper, static_cast<std::uint32_t>(way), pfn.value, address, &raw);
  const Status status = status_of(raw);
  if (index != kNoCall) answered_mapping(index, status, pfn, address);
  if (way == Way::kMap && core.now->missed != 0) mappings_.look_back(context);
  fail_if(way == Way::kMap ? mappings_.end_unmap(context, status, core.now->conflict)
                           : mappings_.end_unmap_local(context, address, way, status));
  judge_preemption(preempt_off, false, way, status);
  judge_reach();
}

/// A context that ends with local mappings takes them back, the newest first, as its owner would have to.
void Program::unwind(std::uint8_t context) noexcept {
  if (prepared_->mapper == nullptr) return;
  const Unseen unseen;
  while (mappings_.held_by(context).depth() > 0) {
    const model::LocalMappings::Mapping newest = mappings_.held_by(context).newest();
    core.begin_aside(declared_map_steps(newest.way, true));
    unmap(kNoCall, newest.pfn, newest.way, newest.address);
    core.end_call();
  }
}

void Program::map_aside(Pfn pfn) noexcept {
  core.begin_aside(declared_map_steps(Way::kMap, false));
  map(kNoCall, pfn, Way::kMap);
  core.end_call();
}

void Program::unmap_aside(Pfn pfn) noexcept {
  core.begin_aside(declared_map_steps(Way::kMap, true));
  unmap(kNoCall, pfn, Way::kMap, 0);
  core.end_call();
}

/// C2, and X4 for slots: what is left is unmapped, and then once too often; then every slot must be there to
/// be filled. Nobody else is at work, so that each answer is determined.
void Program::drain_mappings() noexcept {
  const std::uint8_t mapped = mappings_.frame_count();
  for (std::uint8_t i = 0; i < mapped; ++i) {
    const MappingChecker::Frame& frame = mappings_.frame(i);
    while (frame.users > 0) unmap_aside(frame.pfn);
    unmap_aside(frame.pfn);
  }
  if (mapped == 0 || geometry_.map.slots > kMaxDrainSlots) return;
  // Frames that the run left alone come first: what of a lost slot is still in it is one of the others. And
  // one frame more than there are slots: the last one is refused.
  const auto left_alone = [&](Pfn pfn) {
    for (std::uint8_t i = 0; i < mapped; ++i) {
      if (mappings_.frame(i).pfn == pfn) return false;
    }
    return true;
  };
  const model::Span span = checker_.memory().span();
  std::uint32_t filled = 0;
  for (const bool first : {true, false}) {
    for (std::int64_t i = 0; i < span.frames.count && filled <= geometry_.map.slots; ++i) {
      const Pfn pfn{span.first.value + static_cast<std::uint64_t>(i)};
      if (mappings_.home_of(pfn).direct != 0 || left_alone(pfn) != first) continue;
      map_aside(pfn);
      ++filled;
    }
  }
}

}  // namespace labyrinth::machine
