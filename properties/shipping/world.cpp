// Sets up a world, and says where in it a frame or a word lies.
#include "world.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

/// MemorySanitizer's, where there is one.
extern "C" [[gnu::weak]] void __msan_allocated_memory(const volatile void* memory, std::size_t size);

namespace labyrinth::shipping {
namespace {

constexpr Geometry kGeometry[kGeometries] = {
    {"wide",
     1003,
     {{256, 8, 12, 16, 16, 0},
      {1024, 16, 24, 32, 16, 1},
      {4096, 64, 96, 128, 32, 2},
      {1024, 8, 12, 16, 0, 0}},
     512,
     true,
     {{4, true}, {2, true}, {3, false}, {2, true}},
     {{8, false}, {5, true}},
     9,
     12,
     true,
     false},
    {"tight",
     5,
     {{}, {}, {96, 4, 8, 12, 0, 1}, {}},
     64,
     false,
     {{2, false}, {2, true}, {1, false}, {1, true}},
     {{3, true}, {2, false}},
     5,
     3,
     false,
     true},
};

// As large as handles have it, and aligned as much as their sizes are.
constexpr std::array<labyrinth_cache, Handle::kObjectSizes - Handle::kKmallocSizes> kCaches{
    {{Handle::object_bytes(Handle::kKmallocSizes), 16},
     {Handle::object_bytes(Handle::kKmallocSizes + 1), 16}}};

void require(bool holds, const char* what) {
  if (holds) return;
  (void)std::fprintf(stderr, "stress: the library refused %s of a world that it should accept\n", what);
  std::abort();
}

[[nodiscard]] Memory map(std::size_t size, int protection = PROT_READ | PROT_WRITE) {
  void* const start = mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) {
    std::perror("stress: mmap");
    std::abort();
  }
  return Memory(static_cast<std::byte*>(start), Unmap{size});
}

// The library may not count on anything that its metadata held before.
[[nodiscard]] Memory make_metadata(std::size_t size) {
  Memory metadata = map(size);
  std::fill_n(metadata.get(), size, std::byte{0x5a});
  if (__msan_allocated_memory != nullptr) __msan_allocated_memory(metadata.get(), size);
  return metadata;
}

}  // namespace

const Geometry& geometry(std::size_t index) { return kGeometry[index]; }

World::World(const Geometry& geometry, std::uint32_t threads)
    : shape_(geometry),
      cpus_(geometry.own_cpu ? threads : 2),
      slots_(geometry.map_slots + std::size_t{kDepth} * LABYRINTH_LEVELS * threads),
      stacks_(std::size_t{LABYRINTH_LEVELS} * threads),
      background_(geometry.background && threads > 1) {
  reclaiming_.number = kObserver;
  build_pages(threads);
  build_objects();
  build_mapper(threads);
  shrinker_ = {this, [](void* self, std::uint64_t count) {
                 static_cast<void>(static_cast<World*>(self)->caller());
                 return shipping::shrink(*static_cast<World*>(self), count);
               }};
  require(labyrinth_register_shrinker(pages_.handle(), &shrinker_) == LABYRINTH_OK, "the shrinker");
  at_start_ = snapshot();
  for (std::uint32_t order = 0; order <= shape_.max_order; ++order) {
    blocks_at_start_.push_back(blocks_to_be_had(Order{order}));
  }
  start_reclaimer();
}

void World::build_pages(std::uint32_t threads) {
  Config config{};
  config.first_pfn = shape_.first_pfn;
  std::uint64_t before_void = 0;
  for (std::size_t i = 0; i < LABYRINTH_ZONES; ++i) {
    config.zones[i] = shape_.zones[i];
    before_void += shape_.zones[i].frames;
  }
  config.isolated.frames = shape_.isolated;
  frames_ = before_void + shape_.isolated;
  for (std::size_t i = 0; i < LABYRINTH_LEVELS; ++i) {
    config.rooms[i] = shape_.rooms[i];
    frames_ += std::uint64_t{shape_.rooms[i].frames} * cpus_;
  }
  for (std::size_t i = 0; i < std::size(shape_.devices); ++i) {
    config.devices[i] = shape_.devices[i];
    frames_ += shape_.devices[i].frames;
  }
  config.max_order = shape_.max_order;
  config.cpus = cpus_;
  arena_ = map(frames_ * LABYRINTH_PAGE_BYTES);
  if (shape_.unmaps) {
    window_.emplace(Pfn{shape_.first_pfn + before_void}, Frames{static_cast<std::int64_t>(shape_.isolated)});
    require(static_cast<bool>(*window_), "the window of the void");
  }
  config.port = port();
  const std::size_t size = Allocator::metadata_size(config);
  require(size != 0, "the configuration");
  pages_metadata_ = make_metadata(size);
  pages_ = Allocator::init(config, pages_metadata_.get(), size);
  require(static_cast<bool>(pages_), "the allocator");
  require(threads <= kMaxThreads, "the threads");
}

void World::start_reclaimer() {
  has_reclaimer_ = background_;
  if (background_) require(reclaimer_.start(pages_.handle()), "a thread for background reclaim");
}

void World::build_objects() {
  ObjectsConfig config{};
  config.first_pfn = shape_.first_pfn;
  config.frames = frames_;
  config.cpus = cpus_;
  config.port = port();
  config.caches = kCaches.data();
  config.cache_count = static_cast<std::uint32_t>(kCaches.size());
  config.zero = [](void* self, std::uint64_t address, std::uint64_t bytes) {
    std::fill_n(static_cast<World*>(self)->words(address / LABYRINTH_OBJECT_GRANULE), bytes / 8, 0);
  };
  const std::size_t size = Objects::metadata_size(config);
  objects_metadata_ = make_metadata(size);
  objects_ = Objects::init(config, pages_, objects_metadata_.get(), size);
  require(static_cast<bool>(objects_), "the objects");
}

void World::build_mapper(std::uint32_t threads) {
  std::uint64_t all = 0;
  for (const ZoneConfig& zone : shape_.zones) all += zone.frames;
  const std::uint64_t direct = all - shape_.zones[LABYRINTH_ZONE_MOVABLE].frames;
  slot_addresses_ = map(slots_.size() * LABYRINTH_PAGE_BYTES, PROT_NONE);
  for (auto& slot : slots_) slot.store(LABYRINTH_NO_PFN, std::memory_order_relaxed);

  MapperConfig config{};
  config.first_pfn = shape_.first_pfn;
  config.frames = all;
  // With one zone alone half of it has no addresses, so that there is something to map.
  config.direct[0] = {shape_.first_pfn, direct == all ? all / 2 : direct, arena_.get()};
  config.map_slots = shape_.map_slots;
  config.depth = kDepth;
  MapPort& port = config.port;
  port.self = this;
  port.context = [](void* self) {
    const Thread& thread = *this_thread();
    return &static_cast<World*>(self)->stacks_[std::size_t{thread.number} * LABYRINTH_LEVELS +
                                               static_cast<std::size_t>(thread.at())];
  };
  port.may_sleep = [](void*) { return this_thread()->may_sleep(); };
  port.preempt_disable = [](void*) { this_thread()->preempt_off.fetch_add(1, std::memory_order_relaxed); };
  port.preempt_enable = [](void*) { this_thread()->preempt_off.fetch_sub(1, std::memory_order_relaxed); };
  // The page table: relaxed, since hardware that walks one orders nothing for the mapper either.
  port.set_slot = [](void* self, std::uint32_t slot, std::uint64_t pfn) -> void* {
    World& world = *static_cast<World*>(self);
    world.slots_[slot].store(pfn, std::memory_order_relaxed);
    return world.slot_addresses_.get() + std::size_t{slot} * LABYRINTH_PAGE_BYTES;
  };
  port.clear_slot = [](void* self, std::uint32_t slot) {
    static_cast<World*>(self)->slots_[slot].store(LABYRINTH_NO_PFN, std::memory_order_relaxed);
  };
  const std::size_t size = Mapper::metadata_size(config);
  mapper_metadata_ = make_metadata(size);
  mapper_ = Mapper::init(config, mapper_metadata_.get(), size);
  require(static_cast<bool>(mapper_), "the mapper");
  for (std::uint32_t i = 0; i < LABYRINTH_LEVELS * threads; ++i) mapper_.set_up(stacks_[i], i);
}

std::uint64_t* World::words(std::uint64_t granule) const {
  const std::uint64_t pfn = granule / Handle::kGranulesPerFrame;
  std::byte* const frame = window_ && in_void(pfn)
                               ? window_->address_of(Pfn{pfn})
                               : arena_.get() + (pfn - shape_.first_pfn) * LABYRINTH_PAGE_BYTES;
  const std::uint64_t inside = granule % Handle::kGranulesPerFrame * LABYRINTH_OBJECT_GRANULE;
  // Aligned, as frames and granules are, which the type does not say.
  return static_cast<std::uint64_t*>(
      static_cast<void*>(frame + inside));  // NOLINT(bugprone-casting-through-void)
}

bool World::is_of_void(const void* address) const {
  if (!window_) return false;
  std::uint64_t first = shape_.first_pfn;
  for (const ZoneConfig& zone : shape_.zones) first += zone.frames;
  const auto* const at = static_cast<const std::byte*>(address);
  return at >= window_->address_of(Pfn{first}) && at < window_->address_of(Pfn{first + shape_.isolated});
}

Place World::place(std::uint64_t pfn) const {
  if (pfn < shape_.first_pfn || pfn >= shape_.first_pfn + frames_) return Place::kNowhere;
  std::uint64_t at = pfn - shape_.first_pfn;
  for (std::size_t i = 0; i < LABYRINTH_ZONES; ++i) {
    if (at < shape_.zones[i].frames) return static_cast<Place>(i);
    at -= shape_.zones[i].frames;
  }
  if (at < shape_.isolated) return Place::kVoid;
  at -= shape_.isolated;
  for (const RoomConfig& room : shape_.rooms) {
    if (at < std::uint64_t{room.frames} * cpus_) return Place::kRoom;
    at -= std::uint64_t{room.frames} * cpus_;
  }
  return Place::kDeviceRoom;
}

std::uint32_t World::room_of(std::uint64_t pfn) const {
  std::uint64_t at = pfn - shape_.first_pfn - shape_.isolated;
  for (const ZoneConfig& zone : shape_.zones) at -= zone.frames;
  for (std::uint32_t level = 0; level < LABYRINTH_LEVELS; ++level) {
    const std::uint64_t each = shape_.rooms[level].frames;
    if (at < each * cpus_) return static_cast<std::uint32_t>(at / each) * LABYRINTH_LEVELS + level;
    at -= each * cpus_;
  }
  return at < shape_.devices[0].frames ? 0 : 1;
}

std::uint64_t World::reached_by(const void* address) const {
  const auto* const at = static_cast<const std::byte*>(address);
  const auto* const end = slot_addresses_.get() + slots_.size() * LABYRINTH_PAGE_BYTES;
  if (at >= slot_addresses_.get() && at < end) {
    const auto slot = static_cast<std::size_t>(at - slot_addresses_.get()) / LABYRINTH_PAGE_BYTES;
    return slots_[slot].load(std::memory_order_relaxed);
  }
  if (at < arena_.get() || at >= arena_.get() + frames_ * LABYRINTH_PAGE_BYTES) return LABYRINTH_NO_PFN;
  return shape_.first_pfn + static_cast<std::uint64_t>(at - arena_.get()) / LABYRINTH_PAGE_BYTES;
}

}  // namespace labyrinth::shipping
