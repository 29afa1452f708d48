// The rules of the online checker of objects; the relation itself is model/objects.hpp's.
#include "checker_objects.hpp"

#include <algorithm>
#include <bit>

namespace labyrinth::machine {

using model::Clause;
using model::Frames;
using model::Status;

namespace {

[[nodiscard]] Violation freed_nothing(std::uint64_t address) noexcept {
  return {.clause = Clause::X3,
          .reason = "a kfree of what is no live object was answered ok; address",
          .seen = static_cast<std::int64_t>(address)};
}

[[nodiscard]] const char* reason_of(Clause clause, Status status) noexcept {
  switch (clause) {
    case Clause::X2:
      return status == Status::kOk ? "an object is misaligned, crosses its frame's end, or is outside the "
                                     "objects' memory; address"
                                   : "kmalloc refused what it must know, or served what it cannot; status";
    case Clause::C1:
      return "kmalloc judged wrongly whether the request may sleep here; status";
    case Clause::C3:
      return "kmalloc asked for background reclaim although the request did not permit it; status";
    case Clause::E1:
      return "kmalloc took a page below the request's floor; address";
    case Clause::E2:
      return "kmalloc refused although an object of the class, or enough frames, must have been free; status";
    default:
      return "kmalloc answered contended although no other context took a conflicting step; status";
  }
}

}  // namespace

template <class Visit>
void ObjectChecker::each_open(Visit visit) noexcept {
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    visit(open_[static_cast<std::size_t>(std::countr_zero(left))]);
  }
}

void ObjectChecker::begin_run(const model::ObjectMemory& memory, Frames batch) noexcept {
  memory_ = memory;
  batch_ = batch;
  live_count_ = 0;
  in_progress_ = 0;
  early_count_ = 0;
  uncertain_ = false;
  placed_ = nullptr;
  trimmed();
}

const ObjectChecker::Object* ObjectChecker::find(std::uint64_t address) const noexcept {
  for (std::uint16_t i = 0; i < live_count_; ++i) {
    if (live_[i].address == address) return &live_[i];
  }
  return nullptr;
}

const ObjectChecker::Object* ObjectChecker::owned(std::uint64_t address, std::uint64_t bytes) const noexcept {
  if (uncertain_) return nullptr;
  for (std::uint16_t i = 0; i < live_count_; ++i) {
    const Object& object = live_[i];
    if (object.overlaps(address, bytes) && object.watched && !is_being_freed(object.address)) return &object;
  }
  return nullptr;
}

bool ObjectChecker::is_being_freed(std::uint64_t address) const noexcept {
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& open = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (open.is_free && open.object.address == address) return true;
  }
  return false;
}

ObjectChecker::Open* ObjectChecker::free_of(std::uint64_t address, bool owed) noexcept {
  Open* found = nullptr;
  each_open([&](Open& open) {
    if (found == nullptr && open.is_free && open.object.address == address && open.owed == owed)
      found = &open;
  });
  return found;
}

/// What an open allocation can count on now, with the others holding the most that they may.
void ObjectChecker::count(Open& mine) const noexcept {
  std::array<bool, kMaxObjectFrames> used{};
  const std::uint8_t its = model::class_of(mine.request.bytes);
  const std::int64_t capacity =
      its == model::kNoClass ? 0 : static_cast<std::int64_t>(model::kPageBytes / model::kObjectClasses[its]);
  std::int64_t frames = memory_.frames.count;
  std::int64_t objects = 0;
  for (std::uint16_t i = 0; i < live_count_; ++i) {
    const Object& object = live_[i];
    const std::uint64_t first = object.address / model::kPageBytes;
    const std::uint64_t last = (object.address + object.extent - 1) / model::kPageBytes;
    const bool same = its != model::kNoClass && object.extent == model::kObjectClasses[its];
    for (std::uint64_t frame = first; frame <= last; ++frame) {
      if (!used[frame]) {
        --frames;
        objects += same ? capacity : 0;
      }
      used[frame] = true;
    }
    objects -= same ? 1 : 0;
  }
  std::int64_t kept = std::popcount(used_classes_) + strays_;
  bool alone = true;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& other = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (&other == &mine) continue;
    alone = false;
    kept += std::max(other.held, batch_).count;
    objects -= capacity;
  }
  // With nobody else about, an empty frame of the class is nothing but free objects of it.
  if (alone && its != model::kNoClass && (used_classes_ >> its & 1U) != 0 && strays_ == 0) --kept;
  mine.seen.alone = mine.seen.alone && alone;
  mine.seen.least_objects = std::min(mine.seen.least_objects, objects);
  mine.seen.least_frames = std::min(mine.seen.least_frames, Frames{frames - kept});
  if (its != model::kNoClass) return;
  const auto size = static_cast<std::size_t>(mine.request.need().count);
  std::int64_t blocks = -kept;
  for (std::size_t at = 0; at + size <= static_cast<std::size_t>(memory_.frames.count); at += size) {
    const auto block = used.begin() + static_cast<std::ptrdiff_t>(at);
    blocks +=
        std::any_of(block, block + static_cast<std::ptrdiff_t>(size), [](bool it) { return it; }) ? 0 : 1;
  }
  mine.seen.least_blocks = std::min(mine.seen.least_blocks, blocks);
}

void ObjectChecker::take_stock() noexcept {
  each_open([this](Open& open) {
    if (!open.is_free && model::sensible(memory_, open.request)) count(open);
  });
}

void ObjectChecker::begin(std::uint8_t context) noexcept {
  // Both of the first two, and each that comes on top.
  if (in_progress_ != 0) strays_ += std::has_single_bit(in_progress_) ? 2 : 1;
  in_progress_ = static_cast<std::uint16_t>(in_progress_ | 1U << context);
}

void ObjectChecker::end(std::uint8_t context) noexcept {
  in_progress_ = static_cast<std::uint16_t>(in_progress_ & ~(1U << context));
}

void ObjectChecker::begin_kmalloc(std::uint8_t context, const model::ObjectRequest& request) noexcept {
  Open& mine = open_[context];
  mine = Open{};
  mine.request = request;
  constexpr std::int64_t kMany = INT64_MAX / 4;
  mine.seen = {.alone = true, .least_objects = kMany, .least_frames = {kMany}, .least_blocks = kMany};
  begin(context);
  if (model::sensible(memory_, request)) {
    mine.held = request.need();
    // Others counted their least without this call.
    take_stock();
    std::int64_t taken = 0;
    std::array<bool, kMaxObjectFrames> used{};
    for (std::uint16_t i = 0; i < live_count_; ++i) {
      const std::uint64_t last = (live_[i].address + live_[i].extent - 1) / model::kPageBytes;
      for (std::uint64_t frame = live_[i].address / model::kPageBytes; frame <= last; ++frame) {
        taken += used[frame] ? 0 : 1;
        used[frame] = true;
      }
    }
    mine.seen.most_frames = memory_.frames - Frames{taken};
  }
}

Violation ObjectChecker::end_kmalloc(std::uint8_t context, std::uint8_t call,
                                     const model::ObjectAnswer& answer, bool conflict) noexcept {
  Open& mine = open_[context];
  const model::ObjectRequest& request = mine.request;
  const bool understood = model::sensible(memory_, request);
  if (understood) take_stock();
  end(context);
  mine.seen.conflict = conflict;
  const bool ok = answer.status == Status::kOk;
  const std::uint8_t its = model::class_of(request.bytes);
  // A page must have been taken if it is a block, or if the class can have had neither room nor an empty
  // frame.
  mine.seen.took_page =
      ok && mine.seen.alone && mine.seen.known && strays_ == 0 &&
      (its == model::kNoClass || (mine.seen.least_objects <= 0 && (used_classes_ >> its & 1U) == 0));
  const Clause broken = model::judge(memory_, request, answer, mine.seen);
  if (broken != Clause::kNone) {
    const bool place_matters = ok && (broken == Clause::X2 || broken == Clause::E1);
    return {.clause = broken,
            .reason = reason_of(broken, answer.status),
            .seen = place_matters ? static_cast<std::int64_t>(answer.address)
                                  : static_cast<std::int64_t>(answer.status)};
  }
  placed_ = nullptr;
  const bool was_early = early_count_ != 0;
  const Violation early = settle_early(context, answer.address, ok);
  if (early.clause != Clause::kNone) return early;
  const bool settled = was_early && placed_ != nullptr;
  placed_ = nullptr;
  if (settled) may_keep(model::extent_of(request.bytes));
  if (!ok || settled) return {};
  const Object object{answer.address, request.bytes, model::extent_of(request.bytes), call,
                      !is_being_freed(answer.address)};
  const Violation placing = place(object);
  if (placing.clause != Clause::kNone) return placing;
  const Object* const now = find(answer.address);
  if (now != nullptr && now->call == call && now->extent == object.extent) placed_ = now;
  take_stock();
  return {};
}

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
