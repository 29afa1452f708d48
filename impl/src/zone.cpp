// Allocation and free within a zone: escrow first. The root's credit decides whether a call may have its
// frames at all; the ownership words then decide which. A free clears its bit first and returns the credits
// last, the root's after all others.
#include "zone.hpp"

#include <new>

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
                 geometry_.max_order > kWordOrder ? metadata + layout_of(setup, header).large : nullptr),
      credits_(geometry_, metadata + layout_of(setup, header).credits) {
  std::byte* const hints = metadata + layout_of(setup, header).hints;
  const Range words = geometry_.words();
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    // Evenly spread, so that CPUs begin in different chunks.
    const std::uint64_t share = std::uint64_t{words.size()} * cpu / cpus_;
    Hint* const created =
        ::new (hints + cpu * sizeof(Hint)) Hint(words.begin + static_cast<WordIndex>(share));
    if (cpu == 0) hints_ = created;
  }
}

Zone::Taken Zone::take(Order order, Frames floor, std::uint32_t cpu) noexcept {
  const Frames need = order.frames();
  if (!credits_.take_from_root(need, floor)) return {Status::kExhausted, Pfn{}};
  std::atomic<WordIndex>& hint = hints_[cpu < cpus_ ? cpu : 0].word;
  // Relaxed, here and below: a hint carries no data but itself.
  const WordIndex start = hint.load(std::memory_order_relaxed);
  Search search(geometry_, ownership_, credits_);
  const Found found = order == Order{0} ? search.frame(start) : search.block(order, start);
  if (found.status != Status::kOk) {
    credits_.return_to_root(need);
    return {found.status, Pfn{}};
  }
  const WordIndex word = found.frame / kFramesPerWord;
  if (word != start) hint.store(word, std::memory_order_relaxed);
  return {Status::kOk, Pfn{geometry_.base_pfn + found.frame}};
}

bool Zone::could_be_block(Pfn pfn, Order order) const noexcept {
  if (order > geometry_.max_order || !contains(pfn)) return false;
  const std::uint64_t distance = pfn.value - geometry_.base_pfn;
  const std::uint64_t size = std::uint64_t{1} << order.value;
  return distance % size == 0 && distance + size <= geometry_.frames.end;
}

bool Zone::release(Pfn pfn, Order order) noexcept {
  const Offset frame = offset_of(pfn);
  if (!ownership_.release(frame, order)) return false;
  credits_.credit_path(geometry_.chunk_of(frame), order.frames());
  credits_.return_to_root(order.frames());
  return true;
}

}  // namespace labyrinth
