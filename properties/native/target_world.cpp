// Calls of a target, and their answers.
#include "target_world.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "complaints.hpp"
#include "labyrinth/machine/capabilities.hpp"

namespace labyrinth::native {

using shipping::complaints;
using shipping::Kind;
using shipping::make_call;
using shipping::name_of;

TargetWorld::TargetWorld(const Created& created, bool handlers_allocate)
    : created_(created), handlers_allocate_(handlers_allocate) {
  Thread* const thread = shipping::this_thread();
  for (std::uint32_t order = 0; order <= geometry().max_order && examines(); ++order)
    blocks_at_start_.push_back(take_all(*thread, order, kMostExamined));
}

std::uint32_t TargetWorld::any_gfp(Thread& thread) const {
  const std::uint32_t choice = thread.context().random.below(8);
  model::Gfp gfp = choice < 3 ? model::kNowait : choice < 5 ? model::kAtomic : model::kMemalloc;
  if (choice == 7 && thread.may_sleep()) gfp = model::kKernel;
  return machine::narrow(gfp, created_.table->can).bits;
}

bool TargetWorld::judge(Thread& thread, Call call, std::uint32_t gfp, std::uint32_t order,
                        const labyrinth_target_answer& answer, std::uint64_t wakes) {
  const bool exists = answer.status <= LABYRINTH_TARGET_BAD_CONTEXT;
  if (!exists) {
    complaints().add("E3", "{} of order {} was answered {}, which is no status", name_of(call), order,
                     answer.status);
    return false;
  }
  ++thread.context().tally.answers[answer.status];
  if (created_.table->balance != nullptr && (answer.wake != 0) != (wakes != 0)) {
    complaints().add(
        "C3", "{} of order {} by thread {} {}: the answer says wake={}, and the reclaimer was woken {} times",
        name_of(call), order, thread.number, name_of(thread.at()), answer.wake, wakes);
  }
  if (answer.status != LABYRINTH_TARGET_OK) {
    if (can(LABYRINTH_TARGET_CAN_TELL_WHY))
      shipping::judge_refusal(thread, call, static_cast<labyrinth_status>(answer.status), order > 0, gfp,
                              order);
    return false;
  }
  const std::uint64_t frames = std::uint64_t{1} << order;
  const std::uint64_t offset = answer.pfn - geometry().first_pfn;
  // Of a row, which `exact` gives, the blocks are looked at one by one.
  const bool aligned = answer.pfn % frames == 0 || call == Call::kExact;
  if (aligned && offset < geometry().frames && (geometry().frames - offset >= frames || call == Call::kExact))
    return true;
  complaints().add("X2", "{} of order {} by thread {} {} got frame {}, which is {}", name_of(call), order,
                   thread.number, name_of(thread.at()), answer.pfn,
                   aligned ? "outside of the memory given" : "not aligned to it");
  return false;
}

std::uint32_t TargetWorld::gfp_for_all() const {
  return machine::narrow(model::kMemalloc, created_.table->can).bits;
}

Handle TargetWorld::allocate(Thread& thread, std::uint32_t order, std::uint32_t gfp) {
  const std::uint64_t wakes = thread.context().wakes;
  labyrinth_target_answer answer{};
  make_call(thread, Call::kAlloc,
            [&] { return created_.table->alloc(created_.self, gfp, order, &answer), 0; });
  if (!judge(thread, Call::kAlloc, gfp, order, answer, thread.context().wakes - wakes)) return {};
  return shipping::take(*this, thread, Kind::kBlock, order, answer.pfn * Handle::kGranulesPerFrame,
                        Call::kAlloc);
}

void TargetWorld::allocate_bulk(Thread& thread) {
  const std::uint32_t gfp = any_gfp(thread);
  const std::uint32_t count = 1 + thread.context().random.below(12);
  const std::uint64_t wakes = thread.context().wakes;
  std::array<std::uint64_t, LABYRINTH_TARGET_MAX_BULK> pfns{};
  labyrinth_target_answer answer{};
  make_call(thread, Call::kBulk,
            [&] { return created_.table->alloc_bulk(created_.self, gfp, count, pfns.data(), &answer), 0; });
  if (!judge(thread, Call::kBulk, gfp, 0, answer, thread.context().wakes - wakes)) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (pfns[i] - geometry().first_pfn >= geometry().frames) {
      complaints().add("X2", "a bulk of {} frames: its number {} is frame {}, outside of the memory given",
                       count, i, pfns[i]);
      return;
    }
    shipping::keep(
        *this, thread,
        shipping::take(*this, thread, Kind::kBlock, 0, pfns[i] * Handle::kGranulesPerFrame, Call::kBulk));
  }
}

void TargetWorld::allocate_exact(Thread& thread) {
  const std::uint32_t gfp = any_gfp(thread);
  const std::uint64_t frames = 1 + thread.context().random.below(1U << std::min(geometry().max_order, 6U));
  const auto order = static_cast<std::uint32_t>(std::bit_width(frames - 1));
  const std::uint64_t wakes = thread.context().wakes;
  labyrinth_target_answer answer{};
  make_call(thread, Call::kExact,
            [&] { return created_.table->alloc_exact(created_.self, gfp, frames, &answer), 0; });
  if (!judge(thread, Call::kExact, gfp, order, answer, thread.context().wakes - wakes)) return;
  if (geometry().frames - (answer.pfn - geometry().first_pfn) < frames) {
    complaints().add("X2", "{} frames in a row from {}, which go beyond the memory given", frames,
                     answer.pfn);
    return;
  }
  for (std::uint64_t pfn = answer.pfn, left = frames; left != 0;) {
    const auto next = static_cast<std::uint32_t>(std::bit_width(left)) - 1;
    shipping::keep(
        *this, thread,
        shipping::take(*this, thread, Kind::kBlock, next, pfn * Handle::kGranulesPerFrame, Call::kExact));
    pfn += std::uint64_t{1} << next;
    left -= std::uint64_t{1} << next;
  }
}

void TargetWorld::balance(Thread& thread) {
  woken_.store(false, std::memory_order_relaxed);
  labyrinth_target_answer answer{};
  make_call(thread, Call::kBalance, [&] { return created_.table->balance(created_.self, &answer), 0; });
  if (answer.status == LABYRINTH_TARGET_OK || answer.status == LABYRINTH_TARGET_EXHAUSTED) return;
  complaints().add("C3", "balance in a task that may sleep was answered {}", answer.status);
}

labyrinth_status TargetWorld::release(Thread& thread, Handle handle) {
  labyrinth_target_answer answer{};
  make_call(thread, Call::kFree,
            [&] { return created_.table->free(created_.self, handle.pfn(), handle.size(), &answer), 0; });
  return static_cast<labyrinth_status>(answer.status);
}

void TargetWorld::free_what_is_not_live(Thread& thread) {
  const Handle handle = shipping::take_any(*this, thread);
  if (!handle) return;
  const auto expect_refusal = [&](std::uint64_t pfn, std::uint32_t order, const char* what) {
    const Handle wrong = Handle::make(Kind::kBlock, order, pfn * Handle::kGranulesPerFrame, {});
    const labyrinth_status status = release(thread, wrong);
    if (status == LABYRINTH_BAD_ARGUMENT) return;
    complaints().add("X3", "the free of {}, frame {} order {}, by thread {} {} was answered {}", what, pfn,
                     order, thread.number, name_of(thread.at()), labyrinth_status_name(status));
  };
  if (handle.size() < geometry().max_order)
    expect_refusal(handle.pfn() & ~((std::uint64_t{2} << handle.size()) - 1), handle.size() + 1,
                   "what contains a live block");
  if (handle.size() > 0) expect_refusal(handle.pfn() + 1, 0, "a part of a live block");
  shipping::check_marks(*this, thread, handle, "after a free that was refused");
  shipping::keep(*this, thread, handle);
}

std::uint64_t* TargetWorld::words(std::uint64_t granule) const {
  const std::uint64_t bytes =
      granule * LABYRINTH_OBJECT_GRANULE - geometry().first_pfn * LABYRINTH_PAGE_BYTES;
  return static_cast<std::uint64_t*>(
      static_cast<void*>(created_.frames + bytes));  // NOLINT(bugprone-casting-through-void)
}

void TargetWorld::enter(Thread& thread) {
  if (const Handle handle = allocate(thread, 0, gfp_for_all())) shipping::give_back(*this, thread, handle);
}

void TargetWorld::act(Thread& thread) {
  shipping::Chance& random = thread.context().random;
  const std::uint32_t choice = random.below(100);
  const bool is_task = thread.at() == LABYRINTH_TASK;
  if (is_task && created_.table->balance != nullptr && thread.may_sleep() &&
      woken_.load(std::memory_order_relaxed))
    balance(thread);
  if ((choice < 44) && (is_task || handlers_allocate_)) {
    const std::uint32_t orders = geometry().max_order + 1;
    const std::uint32_t order = std::min({random.below(orders), random.below(orders), random.below(orders)});
    if (const Handle handle = allocate(thread, random.once_in(3) ? 0 : order, any_gfp(thread)))
      shipping::keep(*this, thread, handle);
  } else if (choice < 84) {
    if (const Handle handle = shipping::take_any(*this, thread)) shipping::give_back(*this, thread, handle);
  } else if (choice < 92) {
    const Handle handle = shipping::take_any(*this, thread);
    if (!handle) return;
    shipping::check_marks(*this, thread, handle, "while it is held");
    shipping::keep(*this, thread, handle);
  } else if (choice < 95) {
    if (can(LABYRINTH_TARGET_CAN_CHECK_FREES)) free_what_is_not_live(thread);
  } else if (is_task || handlers_allocate_) {
    if (choice < 98 && created_.table->alloc_bulk != nullptr) allocate_bulk(thread);
    if (choice >= 98 && created_.table->alloc_exact != nullptr) allocate_exact(thread);
  }
}

std::uint64_t TargetWorld::take_all(Thread& thread, std::uint32_t order, std::uint64_t most) {
  std::vector<Handle> taken;
  while ((taken.size() << order) < most && !complaints().any()) {
    const Handle handle = allocate(thread, order, gfp_for_all());
    if (!handle) break;
    taken.push_back(handle);
  }
  for (const Handle handle : taken) {
    if (!complaints().any()) shipping::give_back(*this, thread, handle);
  }
  return taken.size();
}

void TargetWorld::examine(std::uint64_t round) {
  if (!examines()) return;
  Thread* const thread = shipping::this_thread();
  const std::uint64_t last = geometry().max_order;
  for (const std::uint64_t order : {last, std::uint64_t{0}, round % (last + 1)}) {
    const std::uint64_t count = take_all(*thread, static_cast<std::uint32_t>(order), kMostExamined);
    if (complaints().any()) return;
    if (count == blocks_at_start_[order]) continue;
    complaints().add("X4", "with everything freed there were {} blocks of order {}, and {} at the start",
                     count, order, blocks_at_start_[order]);
  }
}

}  // namespace labyrinth::native
