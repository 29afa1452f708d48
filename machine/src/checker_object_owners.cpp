// Who owns which object, and what the checker holds kfree to (X1, X3): as checker_owners.cpp, for objects.
#include <algorithm>
#include <bit>

#include "checker_objects.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Status;

namespace {

[[nodiscard]] Violation freed_nothing(std::uint64_t address) noexcept {
  return {.clause = Clause::X3,
          .reason = "a kfree of what is no live object was answered ok; address",
          .seen = static_cast<std::int64_t>(address)};
}

}  // namespace

/// X1: gives the object its owner. Where it meets an object whose free is in progress, that free took effect;
/// where it meets another, it must itself have been freed again by now.
Violation ObjectChecker::place(const Object& object) noexcept {
  for (std::uint16_t i = 0; i < live_count_; ++i) {
    const Object& met = live_[i];
    if (!met.overlaps(object.address, object.extent) || free_of(met.address, false) != nullptr) continue;
    if (owe(object)) return {};
    return {.clause = Clause::X1,
            .reason = "the object answered overlaps the live object that starts at address",
            .seen = static_cast<std::int64_t>(met.address),
            .permitted = static_cast<std::int64_t>(object.address)};
  }
  for (std::uint16_t i = 0; i < live_count_;) {
    if (live_[i].overlaps(object.address, object.extent)) {
      const Object met = live_[i];
      static_cast<void>(owe(met));
      kill(met.address);
    } else {
      ++i;
    }
  }
  if (live_count_ < live_.size()) live_[live_count_++] = object;
  each_open(
      [&](Open& open) { open.old = open.old || (open.is_free && open.object.address == object.address); });
  return {};
}

/// An object of that extent has been freed: its class may keep an empty frame.
void ObjectChecker::may_keep(std::uint64_t extent) noexcept {
  const std::uint8_t its = model::class_of(extent);
  if (its != model::kNoClass) used_classes_ = static_cast<std::uint16_t>(used_classes_ | 1U << its);
}

void ObjectChecker::kill(std::uint64_t address) noexcept {
  std::uint16_t i = 0;
  while (i < live_count_ && live_[i].address != address) ++i;
  if (i == live_count_) return;
  may_keep(live_[i].extent);
  std::copy(live_.begin() + i + 1, live_.begin() + live_count_, live_.begin() + i);
  --live_count_;
  each_open([address](Open& open) { open.lived = open.lived && open.object.address != address; });
}

/// One of the open frees of the address took effect, so one of them has to be answered ok. False if none is
/// left for it.
bool ObjectChecker::owe(const Object& object) noexcept {
  Open* const free = free_of(object.address, false);
  if (free == nullptr) return false;
  free->owed = true;
  free->object = object;
  may_keep(object.extent);
  each_open([](Open& open) { open.seen.known = false; });
  return true;
}

/// The context's allocation has been answered. What was freed before that must have been somebody's: sets
/// `placed_` to anything but null if it was this one's.
Violation ObjectChecker::settle_early(std::uint8_t context, std::uint64_t address, bool ok) noexcept {
  bool settled = false;
  for (std::uint8_t i = 0; i < early_count_;) {
    Early& early = early_[i];
    const bool candidate = (early.contexts >> context & 1U) != 0;
    early.contexts = static_cast<std::uint16_t>(early.contexts & ~(1U << context));
    const bool this_one = candidate && ok && !settled && early.address == address;
    const std::uint64_t freed = early.address;
    if (!this_one && early.contexts != 0) {
      ++i;
      continue;
    }
    early = early_[--early_count_];
    if (!this_one) return freed_nothing(freed);
    settled = true;
  }
  if (settled) placed_ = live_.data();
  return {};
}

void ObjectChecker::begin_kfree(std::uint8_t context, std::uint64_t address) noexcept {
  Open& mine = open_[context];
  mine = Open{};
  mine.is_free = true;
  const Object* const object = find(address);
  mine.lived = object != nullptr;
  mine.object.address = address;
  if (object != nullptr) mine.object = *object;
  mine.held = {static_cast<std::int64_t>(std::max<std::uint64_t>(1, mine.object.extent / model::kPageBytes))};
  begin(context);
  take_stock();
}

Violation ObjectChecker::end_kfree(std::uint8_t context, Status status) noexcept {
  Open& mine = open_[context];
  take_stock();
  end(context);
  if (status != Status::kOk && status != Status::kBadArgument) {
    return {.clause = Clause::X3,
            .reason = "a kfree is answered ok or bad_argument and nothing else; answered (model::Status)",
            .seen = static_cast<std::int64_t>(status)};
  }
  const Violation broken = status == Status::kOk ? carried_out(mine) : refused(mine);
  take_stock();
  return broken;
}

Violation ObjectChecker::carried_out(Open& mine) noexcept {
  if (mine.owed) return {};
  const std::uint64_t address = mine.object.address;
  const bool live = find(address) != nullptr;
  // Which of several frees of one address took effect shows only in their answers: let it have been this one,
  // unless it was called after the object had been given out again.
  Open* const other = free_of(address, true);
  if (other != nullptr && (mine.old || !live)) {
    other->owed = false;
    return {};
  }
  if (live) {
    kill(address);
    return {};
  }
  unsigned contexts = 0;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const auto context = static_cast<unsigned>(std::countr_zero(left));
    const Open& open = open_[context];
    if (!open.is_free && model::sensible(memory_, open.request)) contexts |= 1U << context;
  }
  if (contexts == 0 || early_count_ == early_.size()) return freed_nothing(address);
  early_[early_count_++] = {address, static_cast<std::uint16_t>(contexts)};
  uncertain_ = true;
  each_open([](Open& open) { open.seen.known = false; });
  return {};
}

/// A refusal is right if there was no such object, or if another free of the same address may have been
/// first.
Violation ObjectChecker::refused(Open& mine) noexcept {
  if (mine.owed) return owe(mine.object) ? Violation{} : place(mine.object);
  if (!mine.lived || free_of(mine.object.address, false) != nullptr) return {};
  return {.clause = Clause::X3,
          .reason = "the kfree of a live object was refused; address",
          .seen = static_cast<std::int64_t>(mine.object.address)};
}

}  // namespace labyrinth::machine
