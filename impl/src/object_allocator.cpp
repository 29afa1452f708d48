// Allocation, free and trimming of small objects: escrow first. A cache's root credit decides whether a call
// may have one of its free objects; the tree and the slab's state then say where, and the live bits which. A
// call that gets no credit asks the page allocator for a slab, and answers what that answers. A free clears
// its bit first and returns the credits last, the root's after all others.
#include "object_allocator.hpp"

#include <new>

namespace labyrinth::objects {

namespace {

// What a request for objects may ask for, besides a reach where the cache has one. Not NOFAIL: patience with
// the objects themselves can be used up.
constexpr Gfp kKnown = kDirectReclaim | kNoretry | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc | kZero;

constexpr Geometry geometry_of(const labyrinth_objects_config& config) noexcept {
  return {config.first_pfn, static_cast<FrameIndex>(config.frames)};
}

constexpr CacheIndex count_of(const labyrinth_objects_config& config) noexcept {
  return kKmallocCaches + config.cache_count;
}

constexpr Shape shape_of(const labyrinth_objects_config& config, CacheIndex cache) noexcept {
  if (cache < kKmallocCaches) {
    const std::uint32_t bytes = kClassBytes[cache % kClasses];
    return Shape(bytes, bytes & (~bytes + 1));
  }
  const labyrinth_cache& own = config.caches[cache - kKmallocCaches];
  return Shape(own.size, own.alignment);
}

}  // namespace

bool is_valid(const labyrinth_objects_config& config) noexcept {
  if (config.frames < 1 || config.frames > LABYRINTH_MAX_FRAMES) return false;
  // So that no address wraps.
  if (config.first_pfn > LABYRINTH_MAX_FIRST_PFN - config.frames) return false;
  if (config.cpus < 1 || config.cpus > LABYRINTH_MAX_CPUS || config.cache_count > LABYRINTH_MAX_CACHES) {
    return false;
  }
  if (config.cache_count > 0 && config.caches == nullptr) return false;
  for (std::uint32_t i = 0; i < config.cache_count; ++i) {
    if (!is_valid(config.caches[i])) return false;
  }
  return config.port.cpu != nullptr && config.port.may_sleep != nullptr;
}

Layout Objects::layout_of(const labyrinth_objects_config& config) noexcept {
  return Layout(geometry_of(config), count_of(config), config.cpus, sizeof(labyrinth_objects), sizeof(Cache));
}

Objects::Objects(const labyrinth_objects_config& config, labyrinth_allocator* allocator,
                 std::byte* metadata) noexcept
    : geometry_(geometry_of(config)),
      port_(config.port),
      zero_(config.zero),
      allocator_(allocator),
      cpus_(config.cpus),
      cache_count_(count_of(config)),
      hints_(metadata + layout_of(config).hints),
      hints_per_cpu_(layout_of(config).hints_per_cpu),
      frames_(geometry_.frames, metadata + layout_of(config).states, metadata + layout_of(config).live) {
  const Layout layout = layout_of(config);
  for (CacheIndex cache = 0; cache < cache_count_; ++cache) {
    Cache* const created = ::new (metadata + layout.caches + cache * sizeof(Cache))
        Cache(shape_of(config, cache), geometry_, metadata + layout.nodes + cache * layout.nodes_per_cache);
    if (cache == 0) caches_ = created;
  }
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    for (CacheIndex cache = 0; cache < cache_count_; ++cache) {
      ::new (hints_ + cpu * hints_per_cpu_ + cache * sizeof(FrameIndex)) std::atomic<FrameIndex>(0);
    }
  }
}

Status Objects::admit(Gfp gfp, Gfp reaches) const noexcept {
  if (!(kKnown | reaches).has(gfp) || gfp.has(kDma | kDma32)) return Status::kBadArgument;
  if (gfp.has(kZero) && zero_ == nullptr) return Status::kBadArgument;
  return gfp.has(kDirectReclaim) && !port_.may_sleep(port_.self) ? Status::kBadContext : Status::kOk;
}

std::atomic<FrameIndex>& Objects::hint(CacheIndex cache) const noexcept {
  std::byte* const mine = hints_ + port_.cpu(port_.self) % cpus_ * hints_per_cpu_;
  void* const place = mine + cache * sizeof(FrameIndex);
  return *std::launder(static_cast<std::atomic<FrameIndex>*>(place));
}

void Objects::kmalloc(Gfp gfp, std::uint64_t bytes, labyrinth_object& out) noexcept {
  const Status admitted = admit(gfp, kDma | kDma32);
  out.status = static_cast<labyrinth_status>(admitted);
  if (admitted != Status::kOk) return;
  if (bytes > kLargestClass) return alloc_block(gfp, order_of(bytes), out);
  const Reach reach = gfp.has(kDma) ? Reach::kDma : gfp.has(kDma32) ? Reach::kDma32 : Reach::kNormal;
  alloc(cache_of(reach, class_of(bytes)), gfp, out);
}

void Objects::cache_alloc(CacheIndex cache, Gfp gfp, labyrinth_object& out) noexcept {
  const Status admitted = admit(gfp, Gfp{});
  out.status = static_cast<labyrinth_status>(admitted);
  if (admitted == Status::kOk) alloc(kKmallocCaches + cache, gfp, out);
}

void Objects::alloc(CacheIndex index, Gfp gfp, labyrinth_object& out) noexcept {
  find_object(index, gfp, out);
  if (out.status == LABYRINTH_OK && gfp.has(kZero)) {
    zero_(port_.self, out.address, caches_[index].shape.stride);
  }
}

void Objects::find_object(CacheIndex index, Gfp gfp, labyrinth_object& out) noexcept {
  Cache& cache = caches_[index];
  if (!cache.credits.take_from_root(1, 0)) {
    grow(index, gfp, out);
    return;
  }
  std::atomic<FrameIndex>& cpu_hint = hint(index);
  // Relaxed, here and below: a hint carries no data but itself.
  const FrameIndex start = cpu_hint.load(std::memory_order_relaxed);
  Patience patience;
  out.status = LABYRINTH_CONTENDED;
  const FrameIndex frame = find_slab(index, start, patience);
  if (frame == kNoFrame) {
    cache.credits.return_to_root(1);
    return;
  }
  const GranuleIndex granule = frames_.claim(frame, cache.shape, patience);
  if (granule == kNoGranule) {
    return_one(index, frame);
    return;
  }
  if (frame != start) cpu_hint.store(frame, std::memory_order_relaxed);
  out.address = address_of(frame, granule);
  out.status = LABYRINTH_OK;
}

FrameIndex Objects::find_slab(CacheIndex index, FrameIndex start, Patience& patience) noexcept {
  Credits& credits = caches_[index].credits;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const GroupIndex group = credits.descend(start >> kFanOutBits, patience);
    if (group != kNoGroup) {
      const FrameIndex first = group << kFanOutBits;
      const FrameIndex end = geometry_.end_of(group);
      FrameIndex frame = first <= start && start < end ? start : first;
      for (FrameIndex tried = first; tried < end && !patience.is_gone(); ++tried) {
        if (frames_.reserve(frame, index, patience)) return frame;
        frame = frame + 1 == end ? first : frame + 1;
      }
      credits.credit_path(group, 1);
    }
    if (patience.is_gone()) break;
    patience.lose_race();  // a pass that found nothing, although a credit promised an object
    if (patience.is_gone()) break;
  }
  return kNoFrame;
}

FrameIndex Objects::take_page(Gfp gfp, std::uint32_t order, labyrinth_object& out) noexcept {
  labyrinth_page page;
  labyrinth_alloc_page(allocator_, gfp.bits & ~kZero.bits, order, &page);
  out.status = page.status;
  out.wake = page.wake;
  if (page.status != LABYRINTH_OK) return kNoFrame;
  const std::uint64_t distance = page.pfn - geometry_.first_pfn;  // huge if below
  if (distance < geometry_.frames) return static_cast<FrameIndex>(distance);
  out.status = LABYRINTH_BAD_ARGUMENT;
  static_cast<void>(labyrinth_free_page(allocator_, page.pfn, order));  // cannot fail: it is live
  return kNoFrame;
}

void Objects::grow(CacheIndex index, Gfp gfp, labyrinth_object& out) noexcept {
  const FrameIndex frame = take_page(gfp, 0, out);
  if (frame == kNoFrame) return;
  Cache& cache = caches_[index];
  frames_.open_slab(frame, index, cache.shape);
  const std::int64_t others = std::int64_t{cache.shape.capacity} - 1;
  if (others > 0) {
    cache.credits.credit_path(frame >> kFanOutBits, others);
    cache.credits.return_to_root(others);
  }
  hint(index).store(frame, std::memory_order_relaxed);  // relaxed: as in alloc()
  out.address = address_of(frame, 0);
}

void Objects::alloc_block(Gfp gfp, std::uint32_t order, labyrinth_object& out) noexcept {
  const FrameIndex frame = take_page(gfp, order, out);
  if (frame == kNoFrame) return;
  frames_.open_block(frame, order);
  out.address = address_of(frame, 0);
  if (gfp.has(kZero)) zero_(port_.self, out.address, std::uint64_t{kPageBytes} << order);
}

Objects::Place Objects::place_of(std::uint64_t address) const noexcept {
  const std::uint64_t distance = address / kPageBytes - geometry_.first_pfn;  // huge if below
  if (distance >= geometry_.frames || address % kGranuleBytes != 0) return {};
  return {static_cast<FrameIndex>(distance), static_cast<GranuleIndex>(address % kPageBytes / kGranuleBytes)};
}

Status Objects::free(std::uint64_t address) noexcept {
  const Place place = place_of(address);
  if (place.frame == kNoFrame || !frames_.release(place.frame, place.granule)) return Status::kBadArgument;
  // What release() ended is this call's until it has returned it, and keeps the state's meaning in place.
  const State state = frames_.look(place.frame);
  if (!is_block(state)) {
    return_one(cache_of(state), place.frame);
    return Status::kOk;
  }
  frames_.close_block(place.frame);
  return static_cast<Status>(
      labyrinth_free_page(allocator_, geometry_.first_pfn + place.frame, order_of_block(state)));
}

Status Objects::free_to(CacheIndex cache, std::uint64_t address) noexcept {
  const Place place = place_of(address);
  // While an object lives, its frame's state names its cache: so nothing that was live all along passes here.
  if (place.frame == kNoFrame || !is_slab_of(frames_.look(place.frame), cache)) return Status::kBadArgument;
  return free(address);
}

void Objects::return_one(CacheIndex index, FrameIndex frame) noexcept {
  Cache& cache = caches_[index];
  const bool is_empty = frames_.give_back(frame, cache.shape, 1);
  // From here on the frame may be anybody's; but the nodes above it stay where they are.
  cache.credits.credit_path(frame >> kFanOutBits, 1);
  cache.credits.return_to_root(1);
  if (is_empty) retire(index, frame, cache.shape.capacity);
}

void Objects::retire(CacheIndex index, FrameIndex frame, std::int64_t keep) noexcept {
  Cache& cache = caches_[index];
  const std::int64_t all = cache.shape.capacity;
  if (!cache.credits.take_from_root(all, keep)) return;
  cache.credits.debit_path(frame >> kFanOutBits, all);
  if (frames_.close_slab(frame, index, cache.shape)) {
    static_cast<void>(labyrinth_free_page(allocator_, geometry_.first_pfn + frame, 0));  // cannot fail
    return;
  }
  cache.credits.credit_path(frame >> kFanOutBits, all);
  cache.credits.return_to_root(all);
}

void Objects::trim() noexcept {
  for (CacheIndex index = 0; index < cache_count_; ++index) {
    const Cache& cache = caches_[index];
    const std::int64_t all = cache.shape.capacity;
    if (!cache.credits.may_have(all)) continue;
    for (GroupIndex group = cache.credits.next_promising(0, all); group != kNoGroup;
         group = cache.credits.next_promising(group + 1, all)) {
      for (FrameIndex frame = group << kFanOutBits; frame < geometry_.end_of(group); ++frame) {
        if (frames_.look(frame) == slab_state(index, cache.shape.capacity)) retire(index, frame, 0);
      }
    }
  }
}

}  // namespace labyrinth::objects
