// A step as it is taken: what it touches, and what it commutes with.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] bool writes(AccessKind kind, bool succeeded) noexcept {
  return kind != AccessKind::kLoad && (kind != AccessKind::kCompareExchange || succeeded);
}

/// Under rc11: no other step can tell whether it has been taken.
[[nodiscard]] bool only_reads(const Footprint& step) noexcept {
  return !step.everything && step.keeps_out == 0 && step.writes == 0 && step.count != 0 &&
         step.rc11 == (1U << step.count) - 1U;
}

}  // namespace

bool commute(const Footprint& asleep, const Footprint& step) noexcept {
  if (asleep.cpu == step.cpu) {
    if (asleep.begins_handler && !only_reads(step)) return false;
    if ((asleep.keeps_out & step.kind) != 0) return false;
  }
  return !conflict(asleep, step);
}

bool conflict(const Footprint& one, const Footprint& other) noexcept {
  if (one.everything || other.everything) return true;
  for (std::uint8_t i = 0; i < one.count; ++i) {
    for (std::uint8_t k = 0; k < other.count; ++k) {
      if (one.granules[i] == other.granules[k] && ((one.writes >> i | other.writes >> k) & 1U) != 0 &&
          ((one.rc11 >> i | other.rc11 >> k) & 1U) == 0) {
        return true;
      }
    }
  }
  return false;
}

bool can_be_read(const Footprint& step, const Footprint& asleep) noexcept {
  for (std::uint8_t i = 0; i < step.count; ++i) {
    for (std::uint8_t k = 0; k < asleep.count; ++k) {
      if (step.granules[i] == asleep.granules[k] &&
          (step.writes >> i & asleep.reads >> k & asleep.rc11 >> k & 1U) != 0) {
        return true;
      }
    }
  }
  return false;
}

void Footprint::add(const Use& use) noexcept {
  std::uint8_t at = 0;
  while (at < count && granules[at] != use.granule) ++at;
  if (at == kMost) {
    everything = true;
    return;
  }
  granules[at] = use.granule;
  count = std::max(count, static_cast<std::uint8_t>(at + 1));
  const auto set = [at](std::uint8_t& bits, bool value) {
    if (value) bits = static_cast<std::uint8_t>(bits | 1U << at);
  };
  set(reads, use.reads);
  set(writes, use.writes);
  set(could_write, use.could_write);
  set(rc11, use.rc11);
}

void Footprint::join(const Footprint& other) noexcept {
  everything = everything || other.everything;
  begins_handler = begins_handler || other.begins_handler;
  keeps_out = static_cast<std::uint8_t>(keeps_out | other.keeps_out);
  kind = static_cast<std::uint8_t>(kind | other.kind);
  for (std::uint8_t i = 0; i < other.count; ++i) {
    add({other.granules[i], (other.reads >> i & 1U) != 0, (other.writes >> i & 1U) != 0,
         (other.could_write >> i & 1U) != 0, (other.rc11 >> i & 1U) != 0});
  }
}

void Explorer::on_access(const AccessRecord& record) {
  if (stepping_ == kNobody) return;
  accessed_ = true;
  const bool write = writes(record.kind, record.succeeded);
  if (record.rc11) {
    touches_.push_back({record.address, record.before, write, record.kind != AccessKind::kLoad,
                        record.kind != AccessKind::kStore, true, record.read, false,
                        core.now->pending.expected});
    if (record.wrote != 0) {
      writer_.resize(std::max(writer_.size(), std::size_t{record.wrote} + 1), Place::kNoStep);
      writer_[record.wrote] = static_cast<std::uint32_t>(depth_);
    }
    return;
  }
  if (record.kind == AccessKind::kCompareExchange && !record.succeeded) failed_exchange_ = true;
  const std::uintptr_t last = (record.address + record.bytes - 1) >> 3;
  for (std::uintptr_t granule = record.address >> 3; granule <= last; ++granule)
    touches_.push_back({granule, record.before, write, record.kind != AccessKind::kLoad});
}

void Explorer::on_meeting(std::uint8_t what, bool writes) {
  constexpr std::uintptr_t kFirst = 8;  // Above the CPUs, which stand for their masks; below any memory.
  if (stepping_ != kNobody) touches_.push_back({kFirst + what, 0, writes, writes});
}

void Explorer::on_mask() { has_masks_ = true; }

/// `goes_on`: its context is at its next access.
void Explorer::finish_step(bool goes_on) noexcept {
  Node& node = nodes_[depth_];
  steps_of_[node.context].push_back(static_cast<std::uint32_t>(depth_));
  node.ordinal = static_cast<std::uint16_t>(steps_of_[node.context].size());
  if (core.contexts[node.context].level != model::Level::kTask)
    handlers_ = static_cast<std::uint16_t>(handlers_ | bit(node.context));
  node.touches = static_cast<std::uint32_t>(touches_.size()) - node.first_touch;
  touch_awaited(node);
  note_spin(node, goes_on);
  node.touches = static_cast<std::uint32_t>(touches_.size()) - node.first_touch;
  Footprint& print = node.print;
  for (std::uint32_t i = 0; i < node.touches; ++i) {
    const Touch& touch = touches_[node.first_touch + i];
    print.add({touch.granule, touch.read, touch.write, touch.could_write, touch.rc11});
  }
  // Failing for nothing only differs where it would have succeeded.
  if (node.variant == kAsItIs && failed_exchange_)
    node.variants = static_cast<std::uint8_t>(node.variants & ~(1U << kSpuriously));
  failed_exchange_ = false;
  node.print.begins_handler = node.ordinal == 1 && core.contexts[node.context].level != model::Level::kTask;
  note_masks(node);
  ++depth_;
  stepping_ = kNobody;
}

}  // namespace labyrinth::machine
