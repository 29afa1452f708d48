// Allocation and free within a zone: escrow first. The root's credit decides whether a call may have its
// frames at all; the ownership words then decide which. A free clears its bit first and returns the credits
// last, the root's after all others.
#include "zone.hpp"

#include <algorithm>

#include "search.hpp"

namespace labyrinth {

namespace {

// No request's floor is above it.
[[nodiscard]] Frames highest_floor(const ZoneSetup& setup) noexcept {
  return setup.watermarks.high + *std::max_element(setup.reserve.begin(), setup.reserve.end());
}

}  // namespace

Layout Zone::layout_of(const ZoneSetup& setup, std::size_t header) noexcept {
  return Layout(setup.geometry(), setup.cpus, setup.apart, header);
}

Zone::Zone(const ZoneSetup& setup, std::byte* metadata, std::size_t header) noexcept
    : shape_(setup.shape()),
      watermarks_(setup.watermarks),
      reserve_(setup.reserve),
      ownership_(geometry_, metadata + layout_of(setup, header).words,
                 geometry_.max_order > kLargestInWord ? metadata + layout_of(setup, header).large : nullptr),
      credits_(geometry_, metadata + layout_of(setup, header).credits),
      prepaid_(geometry_, ownership_, credits_, shape_.cpus, shape_.lanes, highest_floor(setup),
               metadata + layout_of(setup, header).lines),
      blocks_(geometry_, credits_, shape_.lanes > 1, metadata + layout_of(setup, header).blocks),
      highatomic_(geometry_, ownership_, credits_, blocks_, shape_.apart, highest_floor(setup),
                  metadata + layout_of(setup, header).slots) {}

// Whether there can be credits that the counters do not show, and that the caller may have.
bool Zone::has_hidden(const Caller& caller) const noexcept {
  return prepaid_.is_enabled() || ((caller.draws || caller.gives_back) && may_set_apart());
}

// Brings them back to the counters.
void Zone::collect(const Caller& caller) noexcept {
  prepaid_.collect();
  if (caller.draws || caller.gives_back) highatomic_.give_back();
}

// E2: a refusal holds only if no frames were in the CPUs' slots, or set apart for the likes of the caller.
Status Zone::take_credits(Frames need, Frames floor, const Caller& caller) noexcept {
  if (credits_.take_from_root(need, floor)) return Status::kOk;
  if (!has_hidden(caller)) return Status::kExhausted;
  for (std::uint32_t tries = kCollectTries; tries != 0; --tries) {
    const std::uint32_t moves = credits_.moves();
    collect(caller);
    if (credits_.take_from_root(need, floor)) return Status::kOk;
    if (credits_.moves() == moves) return Status::kExhausted;
  }
  return Status::kContended;
}

// A block was not found, and prepaid words, or those set apart, were passed over; they may be what is
// missing. The credits go back first, so that the call never holds more than them or one word.
Found Zone::search_again(Order order, WordIndex start, Frames floor, const Caller& caller,
                         Search& search) noexcept {
  credits_.return_to_root(order.frames());
  if (!has_hidden(caller)) return {Status::kFragmented};
  const std::uint32_t moves = credits_.moves();
  collect(caller);
  Found found{Status::kExhausted};
  if (credits_.take_from_root(order.frames(), floor)) {
    found = search.block(order, start);
    if (found.status == Status::kOk) return found;
    credits_.return_to_root(order.frames());
  }
  return credits_.moves() == moves ? found : Found{Status::kContended};
}

Zone::Taken Zone::take_part(Order order, std::uint32_t frames, Frames floor, const Caller& caller) noexcept {
  const Frames need = order.frames();
  Lane& lane = prepaid_.lane(caller.cpu, caller.mobility);
  if (order == Order{0}) {
    const Pfn at_hand = take_at_hand(floor, caller.cpu, caller.mobility);
    if (at_hand != Pfn{}) return {Status::kOk, at_hand};
  }
  const Status credit = take_credits(need, floor, caller);
  if (credit != Status::kOk) return {credit, Pfn{}};
  // Relaxed, here and below: a hint carries no data but itself.
  const Offset last = lane.hint.load(std::memory_order_relaxed);
  const WordIndex start = blocks_.start(caller.mobility, last / kFramesPerWord, need);
  Search search(geometry_, ownership_, credits_, caller.draws ? nullptr : &highatomic_, frames);
  Found found = order == Order{0} ? search.frame(start) : search.block(order, start);
  if (found.status == Status::kFragmented && (order > kLargestInWord || caller.gives_back)) {
    found = search_again(order, start, floor, caller, search);
    if (found.status != Status::kOk) return {found.status, Pfn{}};
  }
  if (found.status != Status::kOk || found.prepaid) credits_.return_to_root(need);
  if (found.status != Status::kOk) return {found.status, Pfn{}};
  const Frames tail = need - Frames{frames};
  if (tail != Frames{0} && !found.prepaid) {
    return_credits(found.frame, tail);
  }
  blocks_.settle(caller.mobility, found.frame);
  const bool again = found.frame == last;
  if (!again) lane.hint.store(found.frame, std::memory_order_relaxed);
  if (order == Order{0}) prepaid_.prepay(lane, found.frame / kFramesPerWord, found.word, again);
  if (caller.sets_apart && order > Order{0} && order <= kLargestInWord) highatomic_.set_apart(found.frame);
  return {Status::kOk, Pfn{geometry_.base_pfn + found.frame}};
}

// Word by word: a frame is found as a single one is, and what else is free beside it is taken with it.
Status Zone::take_bulk(std::uint32_t count, Frames floor, const Caller& caller,
                       std::uint64_t* pfns) noexcept {
  const Frames need{count};
  const Status credit = take_credits(need, floor, caller);
  if (credit != Status::kOk) return credit;
  Lane& lane = prepaid_.lane(caller.cpu, caller.mobility);
  // Relaxed: a hint carries no data but itself.
  Offset last = lane.hint.load(std::memory_order_relaxed);
  WordIndex start = blocks_.start(caller.mobility, last / kFramesPerWord, need);
  std::uint32_t taken = 0;
  while (taken < count) {
    Search search(geometry_, ownership_, credits_, &highatomic_);
    const Found found = search.frame(start);
    if (found.status != Status::kOk) {
      credits_.return_to_root(Frames{count - taken});
      while (taken-- > 0) static_cast<void>(release(Pfn{pfns[taken]}, Order{0}));
      return found.status;
    }
    last = found.frame;
    start = last / kFramesPerWord;
    pfns[taken++] = geometry_.base_pfn + last;
    const Offset word = start * kFramesPerWord;
    for (Word more = search.more_frames(found, count - taken); more != 0; more &= more - 1) {
      pfns[taken++] = geometry_.base_pfn + word + node_start(Order{0}, more);
    }
  }
  lane.hint.store(last, std::memory_order_relaxed);
  return Status::kOk;
}

void Zone::return_credits(Offset frame, Frames frames) noexcept {
  credits_.credit_path(geometry_.chunk_of(frame), frames);
  credits_.return_to_root(frames);
}

Frames Zone::free_frames() const noexcept {
  // A word that goes from the root to a slot, or back, between the reads counts twice or not at all.
  const Frames sum = credits_.root() + prepaid_.frames() + highatomic_.frames();
  return Frames{std::clamp<std::int64_t>(sum.value, 0, geometry_.frames.size())};
}

}  // namespace labyrinth
