// Writes down the history of a run as its calls begin and answer.
#include "labyrinth/machine/history.hpp"

#include <algorithm>
#include <bit>

#include "core.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] const char* misfit(const model::Memory& memory) noexcept {
  if (memory.span().frames.count > History::kMostFrames) return "the machine has more than 4096 frames";
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if (memory.pools[i].highatomic != 0) return "what is set apart for highatomic requests is not seen";
    if (memory.pools[i].unmaps) return "the isolated zone is unmapped: what is in limbo is not seen";
  }
  return nullptr;
}

}  // namespace

void History::begin_run(const model::Memory& memory, std::span<const model::Block> live) noexcept {
  memory_ = &memory;
  why_not_ = misfit(memory);
  ended_ = closed_ = objected_ = false;
  count_ = answers_ = 0;
  answered_ = 0;
  block_count_ = 0;
  live_count_ = static_cast<std::uint8_t>(live.size());
  std::copy(live.begin(), live.end(), live_storage_.begin());
  present_.fill(kMost);
}

void History::look_at(std::span<const Call> calls) noexcept {
  for (const Call& call : calls) {
    switch (call.op) {
      case Op::kDrain:
        return set_aside("the program drains limbo");
      case Op::kCache:
      case Op::kBalance:
        return set_aside("the program reclaims");
      case Op::kKmalloc:
      case Op::kKfree:
        return set_aside("the program has small objects");
      default:
        if (maps(call.op) || unmaps(call.op) || addresses(call.op))
          return set_aside("the program maps frames");
    }
  }
}

/// Under rc11 what was answered earlier in the run need not be seen by who calls now.
OperationSet History::preceding() const noexcept {
  if (!core.rc11 || !core.active()) return answered_;
  OperationSet before = 0;
  for (OperationSet left = answered_; left != 0; left &= left - 1) {
    const Operation& other = operations_[static_cast<std::size_t>(std::countr_zero(left))];
    const bool own = other.context == core.now->index;
    if (own || other.answered_at <= core.now->clock.of(other.context)) before |= left & -left;
  }
  return before;
}

Operation* History::begin(std::uint8_t place) noexcept {
  if (closed_) return nullptr;
  if (place >= kMaxContexts) {
    set_aside("a shrinker freed blocks within a call");
    return nullptr;
  }
  present_[place] = kMost;
  if (count_ == kMost) {
    // The beginning of a history is one, too, if nothing of the rest overlapped it.
    if (ended_) close();
    set_aside("it has more than 20 calls");
    return nullptr;
  }
  present_[place] = count_;
  Operation& operation = operations_[count_++];
  operation = {};
  const Where here = where();
  operation.context = here.context;
  operation.call = here.call;
  operation.before = preceding();
  return &operation;
}

std::uint8_t History::begin_allocation(std::uint8_t place, const model::Request& request,
                                       model::PoolSet open) noexcept {
  Operation* const operation = begin(place);
  if (operation == nullptr) return kMost;
  operation->request = request;
  operation->open = open;
  return present_[place];
}

std::uint8_t History::begin_free(std::uint8_t place, const model::Block& block, bool order_exists) noexcept {
  Operation* const operation = begin(place);
  if (operation == nullptr) return kMost;
  operation->is_free = true;
  operation->block = block;
  operation->order_exists = order_exists;
  return present_[place];
}

Operation* History::end(std::uint8_t place) noexcept {
  if (closed_ || place >= kMaxContexts || present_[place] == kMost) return nullptr;
  answered_ |= OperationSet{1} << present_[place];
  Operation& operation = operations_[present_[place]];
  operation.answered = true;
  operation.rank = answers_++;
  if (core.active()) operation.answered_at = core.now->clock.of(core.now->index);
  return &operation;
}

void History::end_allocation(std::uint8_t place, const model::Answer& answer, bool conflict,
                             model::PoolSet open, std::span<const model::Block> given) noexcept {
  Operation* const operation = end(place);
  if (operation == nullptr) return;
  operation->answer = answer;
  operation->conflict = conflict;
  operation->open = open;
  if (answer.status != model::Status::kOk) return;
  operation->first_block = block_count_;
  operation->block_count = static_cast<std::uint16_t>(given.size());
  std::copy(given.begin(), given.end(), blocks_.begin() + block_count_);
  block_count_ = static_cast<std::uint16_t>(block_count_ + given.size());
}

void History::end_free(std::uint8_t place, model::Status status) noexcept {
  Operation* const operation = end(place);
  if (operation != nullptr) operation->answer.status = status;
}

}  // namespace labyrinth::machine
