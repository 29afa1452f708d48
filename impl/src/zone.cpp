// Allocation and free within a zone: escrow first. The root's credit decides whether a call may have its
// frames at all; the ownership words then decide which. A free clears its bit first and returns the credits
// last, the root's after all others.
#include "zone.hpp"

#include <algorithm>

#include "search.hpp"

namespace labyrinth {

Layout Zone::layout_of(const ZoneSetup& setup, std::size_t header) noexcept {
  return Layout(setup.geometry(), setup.cpus, header);
}

Zone::Zone(const ZoneSetup& setup, std::byte* metadata, std::size_t header) noexcept
    : geometry_(setup.geometry()),
      watermarks_(setup.watermarks),
      reserve_(setup.reserve),
      cpus_(setup.cpus),
      ownership_(geometry_, metadata + layout_of(setup, header).words,
                 geometry_.max_order > kLargestInWord ? metadata + layout_of(setup, header).large : nullptr),
      credits_(geometry_, metadata + layout_of(setup, header).credits),
      prepaid_(geometry_, ownership_, credits_, cpus_,
               watermarks_.high + *std::max_element(reserve_.begin(), reserve_.end()),
               metadata + layout_of(setup, header).lines) {}

// E2: a refusal holds only if no frames were in the CPUs' slots.
bool Zone::take_credits(Frames need, Frames floor) noexcept {
  return credits_.take_from_root(need, floor) || (prepaid_.collect() && credits_.take_from_root(need, floor));
}

Zone::Taken Zone::take_part(Order order, std::uint32_t frames, Frames floor, std::uint32_t cpu) noexcept {
  const Frames need = order.frames();
  CpuLine& line = prepaid_.line(cpu);
  if (order == Order{0}) {
    const Pfn at_hand = take_at_hand(floor, cpu);
    if (at_hand != Pfn{}) return {Status::kOk, at_hand};
  }
  if (!take_credits(need, floor)) return {Status::kExhausted, Pfn{}};
  // Relaxed, here and below: a hint carries no data but itself.
  const Offset last = line.hint.load(std::memory_order_relaxed);
  const WordIndex start = last / kFramesPerWord;
  Search search(geometry_, ownership_, credits_, frames);
  Found found = order == Order{0} ? search.frame(start) : search.block(order, start);
  if (found.status == Status::kFragmented && order > kLargestInWord) {
    // Prepaid words were passed over; they may be what is missing. The credits go back first, so that the
    // call never holds more than them or one word.
    credits_.return_to_root(need);
    if (!prepaid_.collect()) return {Status::kFragmented, Pfn{}};
    if (!credits_.take_from_root(need, floor)) return {Status::kExhausted, Pfn{}};
    found = search.block(order, start);
  }
  if (found.status != Status::kOk || found.prepaid) credits_.return_to_root(need);
  if (found.status != Status::kOk) return {found.status, Pfn{}};
  const Frames tail = need - Frames{frames};
  if (tail != Frames{0} && !found.prepaid) {
    return_credits(found.frame, tail);
  }
  const bool again = found.frame == last;
  if (!again) line.hint.store(found.frame, std::memory_order_relaxed);
  if (order == Order{0}) prepaid_.prepay(line, found.frame / kFramesPerWord, found.word, again);
  return {Status::kOk, Pfn{geometry_.base_pfn + found.frame}};
}

Status Zone::take_bulk(std::uint32_t count, Frames floor, std::uint32_t cpu, std::uint64_t* pfns) noexcept {
  const Frames need{count};
  if (!take_credits(need, floor)) return Status::kExhausted;
  CpuLine& line = prepaid_.line(cpu);
  // Relaxed: a hint carries no data but itself.
  Offset last = line.hint.load(std::memory_order_relaxed);
  for (std::uint32_t taken = 0; taken < count; ++taken) {
    Search search(geometry_, ownership_, credits_);
    const Found found = search.frame(last / kFramesPerWord);
    if (found.status != Status::kOk) {
      credits_.return_to_root(Frames{count - taken});
      while (taken-- > 0) static_cast<void>(release(Pfn{pfns[taken]}, Order{0}));
      return found.status;
    }
    pfns[taken] = geometry_.base_pfn + found.frame;
    last = found.frame;
  }
  line.hint.store(last, std::memory_order_relaxed);
  return Status::kOk;
}

void Zone::return_credits(Offset frame, Frames frames) noexcept {
  credits_.credit_path(geometry_.chunk_of(frame), frames);
  credits_.return_to_root(frames);
}

Frames Zone::free_frames() const noexcept {
  return Frames{std::max<std::int64_t>((credits_.root() + prepaid_.frames()).value, 0)};
}

}  // namespace labyrinth
