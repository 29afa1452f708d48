// Allocation and free: escrow first. The root's credit decides whether a call may have its frames at all; the
// ownership words then decide which. A free clears its bit first and returns the credits last, the root's
// after all others.
#include "zone.hpp"

#include <new>

#include "search.hpp"

namespace labyrinth {

bool is_valid(const Config& config) noexcept {
  return config.frames >= 1 && config.frames <= LABYRINTH_MAX_FRAMES &&
         config.first_pfn <= LABYRINTH_MAX_FIRST_PFN && config.min <= config.low &&
         config.low <= config.high && config.high <= config.frames &&
         config.max_order <= LABYRINTH_MAX_ORDER && config.cpus >= 1 && config.cpus <= LABYRINTH_MAX_CPUS &&
         config.port.cpu != nullptr && config.port.may_sleep != nullptr;
}

Layout Zone::layout_of(const Config& config) noexcept {
  return Layout(geometry_of(config), config.cpus, sizeof(labyrinth_zone));
}

Zone::Zone(const Config& config, std::byte* metadata) noexcept
    : geometry_(geometry_of(config)),
      watermarks_{Frames{static_cast<std::int64_t>(config.min)},
                  Frames{static_cast<std::int64_t>(config.low)},
                  Frames{static_cast<std::int64_t>(config.high)}},
      port_(config.port),
      cpus_(config.cpus),
      ownership_(geometry_, metadata + layout_of(config).words,
                 geometry_.max_order > kWordOrder ? metadata + layout_of(config).large : nullptr),
      credits_(geometry_, metadata + layout_of(config).credits) {
  std::byte* const hints = metadata + layout_of(config).hints;
  const Range words = geometry_.words();
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    // Evenly spread, so that CPUs begin in different chunks.
    const std::uint64_t share = std::uint64_t{words.size()} * cpu / cpus_;
    Hint* const created =
        ::new (hints + cpu * sizeof(Hint)) Hint(words.begin + static_cast<WordIndex>(share));
    if (cpu == 0) hints_ = created;
  }
}

void Zone::alloc_page(Gfp gfp, Order order, Page& out) noexcept {
  out = Page{Pfn{}, order, Status::kBadArgument, false};
  if (!is_known(gfp) || order > geometry_.max_order) return;
  if (gfp.has(kDirectReclaim) && !port_.may_sleep(port_.self)) {
    out.status = Status::kBadContext;
    return;
  }

  const Frames need = order.frames();
  const Credits::RootTake take = credits_.take_from_root(need, floor_of(gfp, watermarks_));
  // The first of E1's two passes: it failed if it would have left less than low.
  out.wake = gfp.has(kKswapdReclaim) && take.seen - need < watermarks_.low;
  if (!take.granted) {
    out.status = Status::kExhausted;
    return;
  }

  std::atomic<WordIndex>& cpu_hint = hint();
  // Relaxed, here and below: a hint carries no data but itself.
  const WordIndex start = cpu_hint.load(std::memory_order_relaxed);
  Search search(geometry_, ownership_, credits_);
  const Found found = order == Order{0} ? search.frame(start) : search.block(order, start);
  out.status = found.status;
  if (found.status != Status::kOk) {
    credits_.return_to_root(need);
    return;
  }
  out.pfn = Pfn{geometry_.base_pfn + found.frame};
  const WordIndex word = found.frame / kFramesPerWord;
  if (word != start) cpu_hint.store(word, std::memory_order_relaxed);
}

Status Zone::free_page(Pfn pfn, Order order) noexcept {
  if (order > geometry_.max_order || pfn.value < geometry_.base_pfn) return Status::kBadArgument;
  const std::uint64_t distance = pfn.value - geometry_.base_pfn;
  const std::uint64_t size = std::uint64_t{1} << order.value;
  // Without overflow: the zone's end is far below 2^32, and so is each distance that passes `>=`.
  if (distance < geometry_.frames.begin || distance >= geometry_.frames.end || distance % size != 0 ||
      distance + size > geometry_.frames.end) {
    return Status::kBadArgument;
  }
  const auto frame = static_cast<Offset>(distance);
  if (!ownership_.release(frame, order)) return Status::kBadArgument;
  credits_.credit_path(geometry_.chunk_of(frame), order.frames());
  credits_.return_to_root(order.frames());
  return Status::kOk;
}

}  // namespace labyrinth
