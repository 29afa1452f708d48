// A request to a zone as a whole, whatever others do before each of its accesses: it gets a block that nobody
// had, its credits taken where the floor was left, or with the frame in a prepaid word after the root was
// seen with a frame more than the floor (P3 of impl/src/prepaid.hpp says what that leaves open); or it has
// changed nothing in the end, and says why not as E2 and E3 permit.
//
// Rely-guarantee (proofs/shared_zone.hpp), so for any number of contexts. Geometry: 64 or 128 frames, one
// chunk; floors to 2^33; the hint is the first frame of either word. A witness, any block of the order, may
// be kept free by all others: then the request is not answered `fragmented`.
//
// One proof for each order, since all in one are too much for the solver; that file defines the hooks.
#pragma once

// Before it: the zone's size, highatomic.cpp or reserve_contracts.hpp, and ownership_contracts.hpp for orders
// within a word, ownership.cpp itself for larger ones.
#include "credits.cpp"
#include "pageblocks.cpp"
#include "prepaid.cpp"
#include "search.cpp"
#include "search_frame.cpp"
#include "zone.cpp"
#include "zone_books.hpp"

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  labyrinth::proof::others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  labyrinth::proof::i_wrote(address, before, after);
}

namespace labyrinth::proof {

/// What a visit that ends at the root may take.
[[nodiscard]] constexpr std::uint64_t refused_steps(Order size) noexcept {
  return credit_steps(kShape) + (size == Order{0} ? at_hand_steps(kShape) : 0);
}

/// What one visit to the zone may take: another, of a call's two, ends at the root.
[[nodiscard]] constexpr std::uint64_t visit_steps(Order size) noexcept {
  return take_steps(kShape, size) - refused_steps(size);
}

/// A word that is free, and in nobody's hands: it may be in the slot.
inline void others_keep(std::uint32_t word) noexcept {
  labyrinth_assume(memory.words[word] == 0 ||
                   (memory.words[word] == kPrepaid && memory.line.lanes[0].slot == word));
  kept[word] = true;
}

/// Whether others are to keep a block free: any of the order that is asked for.
template <std::uint32_t kOrder>
[[nodiscard]] bool others_keep_a_block_free() noexcept {
  if (labyrinth_any("a block is kept free", 1) == 0) return false;
  if constexpr (kOrder > kLargestInWord.value) {
    const bool second = kOrder < kWholeZone.value && labyrinth_any("the second block is kept free", 1) != 0;
    for (std::uint32_t word = 0; word < words_of(Order{kOrder}); ++word) {
      others_keep(second ? words_of(Order{kOrder}) + word : word);
    }
    return true;
  }
  const std::uint64_t block = labyrinth_any("block kept free", 6 - kOrder);
  const auto start = static_cast<std::uint32_t>(block << kOrder);
  kept_free[start / kFramesPerWord] = used_frames(node_bit(Order{kOrder}, start % kFramesPerWord));
  return true;
}

inline void is_as_answered(const Zone::Taken& taken) noexcept {
  labyrinth_cover("taken");
  const std::uint64_t frame = taken.pfn.value - kFirstPfn;
  labyrinth_prove(frame < kZoneFrames && taken.pfn.value % (1u << order.value) == 0,
                  "X2: the block is aligned and in the zone");
  labyrinth_prove(keeps_block(static_cast<Offset>(frame)), "X1: the block is what was claimed, and no more");
  labyrinth_prove(granted || (order == Order{0} && saw_room), "E1: the floor was left");
}

template <std::uint32_t kOrder>
void is_refused(const Zone::Taken& taken, bool is_block_kept_free) noexcept {
  labyrinth_prove(keeps_nothing(), "X4: a refusal changes nothing in the end");
  labyrinth_prove(taken.pfn == Pfn{}, "X2: there is no block");
  if (taken.status == Status::kExhausted) {
    labyrinth_cover("exhausted");
    labyrinth_prove(found_short, "E2: too few frames were seen, with nothing prepaid in the slot");
    // Who asks for whole words, or has the reserve given back, may be refused after a search, too: what was
    // collected then is not enough.
    labyrinth_prove(
        kOrder > kLargestInWord.value || caller.gives_back || accesses <= refused_steps(Order{kOrder}),
        "N3: who has no credits is refused at the root");
  } else if (taken.status == Status::kFragmented) {
    labyrinth_prove(order > Order{0}, "E2: a single frame is never refused for its size");
    if constexpr (kOrder != 0) labyrinth_cover("fragmented");
    labyrinth_prove(!is_block_kept_free, "E2: no block of the order was free throughout");
  } else {
    labyrinth_cover("contended");
    labyrinth_prove(taken.status == Status::kContended && disturbed, "E3: others moved during the call");
  }
}

inline constexpr std::uint32_t kAnyPart = ~0u;  // more than half of the block's frames, and not all

template <std::uint32_t kOrder, Offset kHint, std::uint32_t kPart = 0>
[[gnu::noinline]] void take(Zone& zone) noexcept {
  order = Order{kOrder};
  need = order.frames();
  floor = Frames{static_cast<std::int64_t>(labyrinth_any("floor", 33))};
  hint = kHint;
  // A single frame's request never ends so.
  const bool is_block_kept_free = kOrder != 0 && others_keep_a_block_free<kOrder>();

  constexpr std::uint32_t kFrames = 1u << kOrder;
  part = kPart;
  if constexpr (kPart == kAnyPart) part = static_cast<std::uint32_t>(labyrinth_any("frames", kOrder));
  labyrinth_assume(kPart != kAnyPart || part > kFrames / 2);

  // A constant where there is but one kind of caller: what is for the others is then left out.
  constexpr Caller kAnyone;
  const Zone::Taken taken =
      zone.take_part(Order{kOrder}, kPart != 0 ? part : kFrames, floor, kPageblocks == 0 ? kAnyone : caller);

  labyrinth_prove(accesses <= visit_steps(Order{kOrder}), "N3: in no more steps than declared");
  labyrinth_prove(moves_told == put_into_slots, "E2: who puts a word into a slot tells of it");
  if (taken.status == Status::kOk) {
    is_as_answered(taken);
    if constexpr (kOrder == 0) {
      if (!granted) labyrinth_cover("taken from the word at hand");
      if (put_into_slots != 0) labyrinth_cover("taken, and a word prepaid");
    }
    return;
  }
  is_refused<kOrder>(taken, is_block_kept_free);
}

template <std::uint32_t kOrder, std::uint32_t kPart = 0>
void prove_take() noexcept {
  const Frames keep{static_cast<std::int64_t>(labyrinth_any("highest floor", 33))};
  Zone zone(zone_setup(keep), reinterpret_cast<std::byte*>(&memory), 0);
  share(zone);
  if constexpr (kPart != 0 && kPart != kAnyPart) labyrinth_assume(labyrinth_any("frames", 6) == kPart);
  // By hint, since the words that are looked at are constants then. Of the largest block there is one.
  if (kOrder < kWholeZone.value && labyrinth_any("hint of the second word", 1) != 0)
    return take<kOrder, kFramesPerWord, kPart>(zone);
  take<kOrder, 0, kPart>(zone);
}

}  // namespace labyrinth::proof
