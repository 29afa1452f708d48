// Pairs of calls, and how they are made.
#include "scenes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labyrinth::native {
namespace {

[[nodiscard]] bool is_possible(const Sequence& sequence, bool orders, bool allocates) {
  return std::none_of(sequence.moves.begin(), sequence.moves.end(), [&](Move move) {
    const bool large = move == Move::kAllocLarge || move == Move::kFreeLarge;
    const bool alloc = move == Move::kAlloc || move == Move::kAllocLarge;
    return (large && !orders) || (alloc && !allocates);
  });
}

}  // namespace

std::string name_of(const Pair& pair) {
  return fmt::format("{}: {} / handler: {}", pair.last_frame ? "last frame" : "few taken", pair.call.name,
                     pair.handler.name);
}

std::vector<Pair> pairs(std::uint64_t can, bool takes_up_all, bool handlers_allocate) {
  const std::vector<Sequence> calls{{"alloc", {Move::kAlloc}},
                                    {"alloc of 4 frames", {Move::kAllocLarge}},
                                    {"free", {Move::kFree}},
                                    {"free of 4 frames", {Move::kFreeLarge}}};
  const std::vector<Sequence> handlers{
      {"alloc", {Move::kAlloc}},
      {"alloc of 4 frames", {Move::kAllocLarge}},
      {"free", {Move::kFree}},
      {"free of 4 frames", {Move::kFreeLarge}},
      {"free, alloc", {Move::kFree, Move::kAlloc}},
      {"alloc, alloc, free the first", {Move::kAlloc, Move::kAlloc, Move::kFreeFirst}}};
  const bool orders = (can & LABYRINTH_TARGET_CAN_ORDERS) != 0;
  std::vector<Pair> result;
  for (const bool last_frame : {false, true}) {
    if (last_frame && !takes_up_all) continue;
    for (const Sequence& call : calls) {
      for (const Sequence& handler : handlers) {
        if (is_possible(call, orders, true) && is_possible(handler, orders, handlers_allocate))
          result.push_back({last_frame, call, handler});
      }
    }
  }
  return result;
}

void PairWorld::prepare(Thread& thread) {
  const std::uint32_t large = std::min(kLarge, geometry().max_order);
  for (Side* const side : {&task_, &handler_}) {
    side->small = allocate(thread, 0, gfp_for_all());
    if (large != 0) side->large = allocate(thread, large, gfp_for_all());
  }
  if (!pair_.last_frame) return;
  while (const Handle handle = allocate(thread, 0, gfp_for_all())) taken_.push_back(handle);
  if (taken_.empty()) return;
  shipping::give_back(*this, thread, taken_.back());
  taken_.pop_back();
}

void PairWorld::give_back(Thread& thread, Handle& handle) {
  if (handle) shipping::give_back(*this, thread, handle);
  handle = {};
}

void PairWorld::move(Thread& thread, Move move, Side& side) {
  switch (move) {
    case Move::kAlloc:
    case Move::kAllocLarge: {
      const std::uint32_t order = move == Move::kAlloc ? 0 : std::min(kLarge, geometry().max_order);
      if (const Handle handle = allocate(thread, order, gfp_for_all())) side.got[side.count++] = handle;
      break;
    }
    case Move::kFree:
      give_back(thread, side.small);
      break;
    case Move::kFreeLarge:
      give_back(thread, side.large);
      break;
    case Move::kFreeFirst:
      give_back(thread, side.got[0]);
      break;
  }
}

void PairWorld::interrupt(Thread& thread) {
  ++interrupts_;
  for (const Move next : pair_.handler.moves) move(thread, next, handler_);
}

void PairWorld::finish(Thread& thread) {
  constexpr std::uint64_t kSome = 128;  // frames, where there are too many to take all
  // What was lost sight of is given out again, while it is somebody's.
  take_all(thread, 0, examines() ? kMostExamined : kSome);
  for (Side* const side : {&task_, &handler_}) {
    give_back(thread, side->small);
    give_back(thread, side->large);
    for (Handle& handle : side->got) give_back(thread, handle);
  }
  for (Handle& handle : taken_) give_back(thread, handle);
  examine(0);
}

}  // namespace labyrinth::native
