// The rules of the online checker of objects for kmalloc; the relation itself is model/objects.hpp's.
#include "checker_objects.hpp"

#include <algorithm>
#include <bit>

namespace labyrinth::machine {

using model::Clause;
using model::Frames;
using model::Status;

namespace {

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

}  // namespace labyrinth::machine
