// The bookkeeping behind the relation of mappings; the relation itself is model/mapping.hpp's.
#include "mapping_checker.hpp"

#include <algorithm>

#include "frames.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Home;
using model::Pfn;
using model::Status;

Violation MappingChecker::broken(Clause clause, const char* reason, std::uint64_t seen,
                                 std::uint64_t permitted) noexcept {
  return {.clause = clause,
          .reason = reason,
          .seen = static_cast<std::int64_t>(seen),
          .permitted = static_cast<std::int64_t>(permitted)};
}

void MappingChecker::begin_run(const Setup& setup) noexcept {
  setup_ = setup;
  for (model::LocalMappings& held : held_) held.clear();
  leaves_ = 0;
  open_.fill({});
  frame_count_ = 0;
}

Home MappingChecker::home_of(Pfn pfn) const noexcept {
  if (!setup_.span.contains(pfn, {0})) return {};
  const auto has_none = [pfn](const model::Span& zone) { return zone.contains(pfn, {0}); };
  if (std::any_of(setup_.unmapped.begin(), setup_.unmapped.end(), has_none)) return {true, 0};
  return {true, setup_.base + (pfn.value - setup_.span.first.value) * kFrameBytes};
}

Violation MappingChecker::judge_page_address(Pfn pfn, std::uint64_t address) const noexcept {
  const Home home = home_of(pfn);
  const Clause clause = model::judge_page_address(home, address);
  if (clause == Clause::kNone) return {};
  return broken(clause,
                home.direct == 0
                    ? "page_address answered an address for a frame that has none in the direct map; frame"
                    : "page_address did not answer the frame's address in the direct map; frame",
                pfn.value);
}

void MappingChecker::Frame::answered_at(std::uint64_t where) noexcept {
  ambiguous = ambiguous || (address != 0 && address != where);
  address = ambiguous ? 0 : where;
}

void MappingChecker::Frame::forget_if_unmapped() noexcept {
  if (users != 0 || maps != 0 || unmaps != 0) return;
  address = 0;
  ambiguous = false;
}

MappingChecker::Frame* MappingChecker::frame_of(Pfn pfn) noexcept {
  for (std::uint8_t i = 0; i < frame_count_; ++i) {
    if (frames_[i].pfn == pfn) return &frames_[i];
  }
  if (frame_count_ == frames_.size()) return nullptr;
  frames_[frame_count_] = {.pfn = pfn};
  return &frames_[frame_count_++];
}

bool MappingChecker::slots_full_for(const Frame& frame) const noexcept {
  std::uint32_t others = 0;
  for (std::uint8_t i = 0; i < frame_count_; ++i) {
    const Frame& other = frames_[i];
    others += &other != &frame && other.users + other.maps > 0 ? 1 : 0;
  }
  return others >= setup_.shape.slots;
}

/// At each instant at which something changed: what calls in progress can say of it later.
void MappingChecker::look_again() noexcept {
  for (Open& open : open_) {
    if (open.frame == nullptr) continue;
    const Frame& frame = *open.frame;
    if (open.is_map) {
      open.may_be_undone = open.may_be_undone || frame.unmaps > 0;
      open.seen.slots_full = open.seen.slots_full || slots_full_for(frame);
      open.seen.mapped_throughout = open.seen.mapped_throughout && frame.certainly_mapped();
    } else {
      open.seen.may_be_mapped = open.seen.may_be_mapped || frame.users + frame.maps > 0;
      open.seen.may_be_unmapped = open.seen.may_be_unmapped || frame.users <= frame.unmaps - 1;
    }
  }
}

model::Surroundings MappingChecker::around(Pfn pfn, std::uint64_t address) const noexcept {
  model::Surroundings result{};
  each_alive([&](Pfn other, std::uint64_t at) {
    result.of_another = result.of_another || (at == address && other != pfn);
  });
  const auto bytes = static_cast<std::uint64_t>(setup_.span.frames.count) * kFrameBytes;
  if (address - setup_.base < bytes) {
    result.in_direct_map =
        home_of({setup_.span.first.value + (address - setup_.base) / kFrameBytes}).direct != 0;
  }
  for (std::uint8_t i = 0; i < frame_count_; ++i) {
    if (frames_[i].pfn == pfn && frames_[i].certainly_mapped()) result.known = frames_[i].address;
  }
  return result;
}

void MappingChecker::begin_map(std::uint8_t context, Pfn pfn, const model::Situation& situation) noexcept {
  const Home home = home_of(pfn);
  const bool needs_slot = home.exists && home.direct == 0 && model::may_sleep(situation);
  Open& mine = open_[context];
  mine = {.pfn = pfn, .situation = situation, .frame = needs_slot ? frame_of(pfn) : nullptr, .is_map = true};
  mine.seen.mapped_throughout = true;
  if (mine.frame != nullptr) ++mine.frame->maps;
  look_again();
}

void MappingChecker::look_back(std::uint8_t context) noexcept {
  model::MapEvidence& seen = open_[context].seen;
  seen.slots_full = seen.may_be_unmapped = true;
  seen.mapped_throughout = false;
}

Violation MappingChecker::end_map(std::uint8_t context, const model::MapAnswer& answer,
                                  bool conflict) noexcept {
  Open& mine = open_[context];
  Frame* const frame = mine.frame;
  mine.frame = nullptr;
  mine.seen.conflict = conflict;
  model::Surroundings surroundings = around(mine.pfn, answer.address);
  if (mine.may_be_undone) surroundings = {.in_direct_map = surroundings.in_direct_map};
  const Clause clause = model::judge_map(home_of(mine.pfn), mine.situation, answer, surroundings, mine.seen);
  if (clause == Clause::C1) {
    return broken(clause,
                  answer.status == Status::kBadContext
                      ? "bad_context was answered where map() is permitted; frame"
                      : "map(), which may sleep, was not refused here; frame",
                  mine.pfn.value);
  }
  if (clause == Clause::E3) {
    return broken(clause, "answered contended although nobody else took a conflicting step", mine.pfn.value);
  }
  if (clause != Clause::kNone) {
    const char* reason = "map() answered what is not permitted for this frame; frame, status";
    if (answer.status == Status::kExhausted)
      reason =
          "map() answered exhausted, but a slot was free, or the frame's own, all the time; frame, status";
    if (answer.status == Status::kOk)
      reason = "map() answered an address that is not this frame's, or another one's too; frame, status";
    return broken(clause, reason, mine.pfn.value, static_cast<std::uint64_t>(answer.status));
  }
  if (frame == nullptr) return {};
  --frame->maps;
  if (answer.status == Status::kOk) {
    ++frame->users;
    frame->answered_at(answer.address);
  }
  frame->forget_if_unmapped();
  look_again();
  if (frame->users + frame->maps >= 0) return {};
  return broken(Clause::C2, "an unmap was answered ok for a frame that was not mapped; frame",
                frame->pfn.value);
}

void MappingChecker::begin_unmap(std::uint8_t context, Pfn pfn) noexcept {
  const Home home = home_of(pfn);
  Open& mine = open_[context];
  mine = {.pfn = pfn, .frame = home.exists && home.direct == 0 ? frame_of(pfn) : nullptr};
  if (mine.frame != nullptr) ++mine.frame->unmaps;
  look_again();
}

Violation MappingChecker::end_unmap(std::uint8_t context, Status status, bool conflict) noexcept {
  Open& mine = open_[context];
  Frame* const frame = mine.frame;
  mine.frame = nullptr;
  mine.seen.conflict = conflict;
  const Clause clause = model::judge_unmap(home_of(mine.pfn), status, mine.seen);
  if (clause != Clause::kNone) {
    return broken(clause,
                  status == Status::kOk ? "an unmap was answered ok for what was not mapped; frame, status"
                  : status == Status::kBadArgument ? "the unmap of a mapped frame was refused; frame, status"
                                                   : "an unmap answered what is not permitted; frame, status",
                  mine.pfn.value, static_cast<std::uint64_t>(status));
  }
  if (frame == nullptr) return {};
  --frame->unmaps;
  if (status == Status::kOk) --frame->users;
  frame->forget_if_unmapped();
  look_again();
  if (frame->users + frame->maps >= 0) return {};
  return broken(Clause::C2, "more unmaps of a frame were answered ok than it was mapped; frame",
                frame->pfn.value);
}

Violation MappingChecker::end_map_local(std::uint8_t context, Pfn pfn, model::Way way,
                                        const model::MapAnswer& answer) noexcept {
  model::LocalMappings& held = held_[context];
  const Clause clause =
      model::judge_map_local(held, setup_.shape.depth, home_of(pfn), answer, around(pfn, answer.address));
  if (clause != Clause::kNone) {
    const Status must = held.must_map(home_of(pfn), setup_.shape.depth);
    if (answer.status != must) {
      return broken(clause, "a local mapping was refused, or made, against the context's depth; status",
                    static_cast<std::uint64_t>(answer.status), static_cast<std::uint64_t>(must));
    }
    return broken(clause,
                  "a local mapping has an address that is not its frame's, or another one's too; frame",
                  pfn.value);
  }
  if (answer.status == Status::kOk) held.push({pfn, answer.address, way});
  return {};
}

void MappingChecker::begin_unmap_local(std::uint8_t context, std::uint64_t address, model::Way way) noexcept {
  if (held_[context].must_unmap(address, way) == Status::kOk)
    leaves_ = static_cast<std::uint16_t>(leaves_ | 1U << context);
}

Violation MappingChecker::end_unmap_local(std::uint8_t context, std::uint64_t address, model::Way way,
                                          Status status) noexcept {
  model::LocalMappings& held = held_[context];
  leaves_ = static_cast<std::uint16_t>(leaves_ & ~(1U << context));
  const Clause clause = model::judge_unmap_local(held, address, way, status);
  if (clause != Clause::kNone) {
    return broken(
        clause, "the newest local mapping was not taken back, or another one was; status, and what must be",
        static_cast<std::uint64_t>(status), static_cast<std::uint64_t>(held.must_unmap(address, way)));
  }
  if (status == Status::kOk) held.pop();
  return {};
}

}  // namespace labyrinth::machine
