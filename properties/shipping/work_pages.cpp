// Requests for page frames, and what their answers have to be.
#include <algorithm>
#include <bit>

#include "complaints.hpp"
#include "labyrinth/snapshot.hpp"
#include "work.hpp"

namespace labyrinth::shipping {
namespace {

struct Wish {
  Gfp gfp;
  Order order;
  bool own_room = false;  ///< A room or a device's: only order 0.
};

[[nodiscard]] Wish any_wish(World& world, Thread& thread) {
  Chance& random = thread.context().random;
  Wish wish{any_entitlement(thread), Order{0}};
  const std::uint32_t most = world.shape().max_order + 1;
  if (!random.once_in(3))
    wish.order.value = std::min({random.below(most), random.below(most), random.below(most)});
  const std::uint32_t special = random.below(16);
  if (special < 2) {
    wish.gfp = wish.gfp | kExclusive;
  } else if (special < 4) {
    wish = {wish.gfp | (special == 2 ? kRoom : for_device(random.below(2))), Order{0}, true};
  } else if (special < 8) {
    wish.gfp = wish.gfp | (random.once_in(2) ? kHighmem | kMovable : kMovable);
  } else if (special < 10 && world.shape().zones[LABYRINTH_ZONE_DMA].frames != 0) {
    wish.gfp = wish.gfp | (random.once_in(3) ? kDma : kDma32);
  } else if (special < 12) {
    wish.gfp = wish.gfp | kReclaimable;
  }
  if (random.once_in(8)) wish.gfp = wish.gfp | kZero;
  if (wish.gfp.has(kDirectReclaim) && !wish.own_room && wish.order == Order{0} && !wish.gfp.has(kExclusive) &&
      !wish.gfp.has(kNoretry) && !wish.gfp.has(kDma) && random.once_in(16)) {
    wish.gfp = wish.gfp | kNofail;
  }
  return wish;
}

/// Of the zones that the request may have, the highest.
[[nodiscard]] labyrinth_zone_type highest_zone(Gfp gfp) {
  if (gfp.has(kDma)) return LABYRINTH_ZONE_DMA;
  if (gfp.has(kDma32)) return LABYRINTH_ZONE_DMA32;
  return gfp.has(kHighmem | kMovable) ? LABYRINTH_ZONE_MOVABLE : LABYRINTH_ZONE_NORMAL;
}

// X2, X6, E4: whether the flags permit a frame that lies there.
[[nodiscard]] const char* wrong_place(const World& world, const Thread& thread, Gfp gfp, std::uint64_t pfn) {
  const Place place = world.place(pfn);
  if (place == Place::kNowhere) return "X2";
  if (gfp.has(kExclusive) != (place == Place::kVoid)) return "X6";
  if (place == Place::kVoid) return nullptr;
  if (place == Place::kRoom) {
    if (!gfp.has(kRoom)) return "E4";
    const std::uint32_t room = world.room_of(pfn);
    if (room % LABYRINTH_LEVELS != thread.at()) return "E4";
    // Where a thread is no CPU, the port's answer is old by the time that it is used.
    return world.shape().own_cpu && room / LABYRINTH_LEVELS != thread.number ? "E4" : nullptr;
  }
  if (place == Place::kDeviceRoom) return gfp.has(for_device(world.room_of(pfn))) ? nullptr : "E4";
  return place > static_cast<Place>(highest_zone(gfp)) ? "X2" : nullptr;
}

// What a block's first frame holds when its owner gets it.
void judge_content(World& world, const Thread& thread, Gfp gfp, std::uint64_t pfn) {
  const bool zero = gfp.has(kZero);
  if (!zero && !gfp.has(kExclusive)) return;
  const std::uint64_t* const words = world.words(pfn * Handle::kGranulesPerFrame);
  for (std::uint64_t i = 0; i < kFrameWords; ++i) {
    const bool good = words[i] == 0 ? zero || world.shape().unmaps : !zero && words[i] == kPoisonWord;
    if (good) continue;
    complaints().add(zero ? "X5" : "X6",
                     "frame {} (world {}) was given to thread {} {} with gfp {:#x}; its word {} is {:#x}",
                     pfn, world.shape().name, thread.number, name_of(thread.at()), gfp.bits, i, words[i]);
    return;
  }
}

// Whether from the begin of its last call to here the allocator was this context's alone, with no call
// interrupted.
[[nodiscard]] bool has_been_alone(Thread& thread) {
  return thread.at() == LABYRINTH_TASK && thread.is_undisturbed();
}

// E2, with nobody else in a call: who may take everything is refused only if there is no such block.
void judge_lone_refusal(World& world, Thread& thread, Wish wish, Status status) {
  if (!wish.gfp.has(kMemalloc) || wish.gfp.has(kNomemalloc) || wish.own_room || wish.gfp.has(kExclusive))
    return;
  const Snapshot snapshot(world.pages());
  if (!has_been_alone(thread)) return;
  const labyrinth_zone_type highest = highest_zone(wish.gfp);
  for (const ZoneSnapshot& zone : snapshot.zones()) {
    if (zone.zone > highest) continue;
    for (std::uint32_t order = wish.order.value; order <= zone.max_order.value; ++order) {
      if (zone.free_blocks[order] == 0) continue;
      complaints().add(
          "E2",
          "order {} with gfp {:#x} was answered {} with no other call in progress, and zone {} has {} free "
          "blocks of order {}",
          wish.order.value, wish.gfp.bits, labyrinth_status_name(static_cast<labyrinth_status>(status)),
          zone.zone, zone.free_blocks[order], order);
      return;
    }
  }
}

// E1, with nobody else in a call and one zone alone: a plain request leaves min.
void judge_lone_floor(World& world, Thread& thread, Gfp gfp, std::uint64_t pfn) {
  constexpr Gfp kReduced = kHigh | kMemalloc;
  if ((gfp.bits & kReduced.bits) != 0 || world.place(pfn) != Place::kNormal) return;
  if (world.shape().zones[LABYRINTH_ZONE_DMA].frames != 0) return;
  const Frames free = world.pages().free_frames();
  if (!has_been_alone(thread)) return;
  const auto min = static_cast<std::int64_t>(world.shape().zones[LABYRINTH_ZONE_NORMAL].min);
  if (free.value < min) {
    complaints().add("E1", "gfp {:#x} got frame {} and left {} free frames; its floor is {}", gfp.bits, pfn,
                     free.value, min);
  }
}

// E4, with nobody else in a call: what is set apart for atomic requests of higher orders is not given to a
// plain one.
void judge_lone_reserve(World& world, Thread& thread, Gfp gfp, std::uint64_t pfn) {
  constexpr Gfp kOther = kHigh | kMemalloc | kDirectReclaim | kExclusive | kRoom | Gfp{LABYRINTH_GFP_DEVICE};
  if ((gfp.bits & kOther.bits) != 0) return;
  const bool is_set_apart = labyrinth_is_set_apart(world.pages().handle(), pfn);
  if (!is_set_apart || !has_been_alone(thread)) return;
  complaints().add(
      "E4", "gfp {:#x} got frame {} (world {}), which is set apart for atomic requests of higher orders",
      gfp.bits, pfn, world.shape().name);
}

// C3: who says `wake` has woken, and nobody else has.
void judge_wake(const Thread& thread, bool wake, std::uint64_t wakes, Gfp gfp) {
  if (wake == (wakes != 0)) return;
  complaints().add("C3",
                   "gfp {:#x} by thread {} {}: the answer says wake={}, and the reclaimer was woken {} times",
                   gfp.bits, thread.number, name_of(thread.at()), wake, wakes);
}

[[nodiscard]] bool judge(World& world, Thread& thread, Call call, const Wish& wish, const Page& page,
                         std::uint64_t wakes) {
  ++thread.context().tally.answers[static_cast<std::size_t>(page.status)];
  judge_wake(thread, page.wake, wakes, wish.gfp);
  // Where the port names a CPU that there is not, there is no room of it.
  if (page.status == Status::kBadArgument && wish.gfp.has(kRoom) && !world.shape().own_cpu) return false;
  if (page.status != Status::kOk) {
    judge_refusal(thread, call, static_cast<labyrinth_status>(page.status), wish.order > Order{0},
                  wish.gfp.bits, wish.order.value);
    if (call == Call::kAlloc) judge_lone_refusal(world, thread, wish, page.status);
    return false;
  }
  const std::uint64_t mask = (std::uint64_t{1} << wish.order.value) - 1;
  const char* clause =
      (page.pfn.value & mask) != 0 ? "X2" : wrong_place(world, thread, wish.gfp, page.pfn.value);
  if (clause != nullptr) {
    complaints().add(
        clause, "{} of order {} with gfp {:#x} by thread {} {} (world {}) got frame {}, which is not for it",
        name_of(call), wish.order.value, wish.gfp.bits, thread.number, name_of(thread.at()),
        world.shape().name, page.pfn.value);
    if (world.place(page.pfn.value) == Place::kNowhere) return false;
  }
  return true;
}

}  // namespace

Gfp any_entitlement(Thread& thread) {
  Chance& random = thread.context().random;
  const std::uint32_t choice = random.below(12);
  if (choice < 4) return kNowait;
  if (choice < 6) return kAtomic;
  if (choice < 8) return kMemalloc;
  if (choice < 9) return kAtomic | kNomemalloc;
  if (!thread.may_sleep()) return kAtomic;
  return choice < 11 ? kKernel : kKernel | kNoretry;
}

void allocate_page(World& world, Thread& thread) {
  const Wish wish = any_wish(world, thread);
  Context& context = thread.context();
  const std::uint64_t wakes = context.wakes;
  Page page;
  make_call(thread, Call::kAlloc, [&] { return world.pages().alloc_page(wish.gfp, wish.order, page), 0; });
  if (!judge(world, thread, Call::kAlloc, wish, page, context.wakes - wakes)) return;
  judge_lone_floor(world, thread, wish.gfp, page.pfn.value);
  judge_lone_reserve(world, thread, wish.gfp, page.pfn.value);
  judge_content(world, thread, wish.gfp, page.pfn.value);
  keep(world, thread,
       take(world, thread, Kind::kBlock, wish.order.value, page.pfn.value * Handle::kGranulesPerFrame,
            Call::kAlloc));
}

void allocate_bulk(World& world, Thread& thread) {
  Context& context = thread.context();
  const Wish wish{any_entitlement(thread), Order{0}};
  const std::uint32_t count = 1 + context.random.below(12);
  const std::uint64_t wakes = context.wakes;
  std::array<std::uint64_t, LABYRINTH_MAX_BULK> pfns;
  labyrinth_page out;
  make_call(thread, Call::kBulk, [&] {
    labyrinth_alloc_bulk(world.pages().handle(), wish.gfp.bits, count, pfns.data(), &out);
    return 0;
  });
  const Page page{Pfn{out.pfn}, Order{0}, static_cast<Status>(out.status), out.wake};
  if (!judge(world, thread, Call::kBulk, wish, page, context.wakes - wakes)) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const char* const clause = wrong_place(world, thread, wish.gfp, pfns[i]); clause != nullptr) {
      complaints().add(clause, "bulk of {} frames: its number {} is frame {}, which is not for it", count, i,
                       pfns[i]);
      return;
    }
    keep(world, thread,
         take(world, thread, Kind::kBlock, 0, pfns[i] * Handle::kGranulesPerFrame, Call::kBulk));
  }
}

void allocate_exact(World& world, Thread& thread) {
  Context& context = thread.context();
  // Half of them as few as a handle can name: these are freed at once, as a whole.
  const bool few = context.random.once_in(2);
  const std::uint64_t frames =
      1 + context.random.below(few ? Handle::kMostExact : 1U << std::min(world.shape().max_order, 6U));
  const Wish wish{any_entitlement(thread), Order{static_cast<std::uint32_t>(std::bit_width(frames - 1))}};
  const std::uint64_t wakes = context.wakes;
  labyrinth_page out;
  make_call(thread, Call::kExact, [&] {
    labyrinth_alloc_exact(world.pages().handle(), wish.gfp.bits, frames, &out);
    return 0;
  });
  const Page page{Pfn{out.pfn}, wish.order, static_cast<Status>(out.status), out.wake};
  if (!judge(world, thread, Call::kExact, wish, page, context.wakes - wakes)) return;
  if (few) {
    keep(world, thread,
         take(world, thread, Kind::kExact, static_cast<std::uint32_t>(frames - 1),
              out.pfn * Handle::kGranulesPerFrame, Call::kExact));
    return;
  }
  // Blocks of falling orders, each a block of its own.
  std::uint64_t pfn = out.pfn;
  for (std::uint32_t order = wish.order.value + 1; order-- > 0;) {
    if ((frames >> order & 1U) == 0) continue;
    keep(world, thread,
         take(world, thread, Kind::kBlock, order, pfn * Handle::kGranulesPerFrame, Call::kExact));
    pfn += std::uint64_t{1} << order;
  }
}

void free_what_is_not_live(World& world, Thread& thread) {
  const auto expect_refusal = [&](std::uint64_t pfn, std::uint32_t order, const char* what) {
    const Status status =
        make_call(thread, Call::kFree, [&] { return world.pages().free_page(Pfn{pfn}, Order{order}); });
    if (status == Status::kBadArgument) return;
    complaints().add("X3", "the free of {}, frame {} order {}, by thread {} {} was answered {}", what, pfn,
                     order, thread.number, name_of(thread.at()),
                     labyrinth_status_name(static_cast<labyrinth_status>(status)));
  };
  const std::uint64_t anywhere = world.shape().first_pfn + thread.context().random.below(96);
  expect_refusal(anywhere, world.shape().max_order + 1, "an order that does not exist");
  const Handle handle = take_any(world, thread);
  if (!handle) return;
  if (handle.kind() == Kind::kBlock) {
    expect_refusal(handle.pfn() & ~((std::uint64_t{2} << handle.size()) - 1), handle.size() + 1,
                   "what contains a live block");
    if (handle.size() > 0) expect_refusal(handle.pfn() + 1, 0, "a part of a live block");
  } else if (handle.kind() == Kind::kExact) {
    const auto order = static_cast<std::uint32_t>(std::bit_width(handle.frames()));
    expect_refusal(handle.pfn() & ~((std::uint64_t{1} << order) - 1), order, "what contains live blocks");
  } else {
    const Status status =
        make_call(thread, Call::kKfree, [&] { return world.objects().kfree(Address{handle.address() + 8}); });
    if (status != Status::kBadArgument) complaints().add("X3", "kfree of the inside of an object succeeded");
    const CacheId other{handle.is_of_cache() ? 1 - handle.cache() : 0};
    const Status of_other = make_call(
        thread, Call::kKfree, [&] { return world.objects().cache_free(other, Address{handle.address()}); });
    if (of_other != Status::kBadArgument) {
      complaints().add("X3", "an object at {:#x} was freed as one of cache {}, which it is not of",
                       handle.address(), other.value);
    }
  }
  check_marks(world, thread, handle, "after a free that was refused");
  keep(world, thread, handle);
}

}  // namespace labyrinth::shipping
