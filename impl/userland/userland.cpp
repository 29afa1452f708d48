// Mappings, frames' contents, CPU numbers and atomic sections of a Linux process.
#include "labyrinth/userland.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

namespace labyrinth {
namespace {

// How many atomic sections are open. A handler leaves it as it found it, so that no update is lost even
// between a load and a store. initial-exec: in a shared library the first access would otherwise allocate.
[[gnu::tls_model("initial-exec")]] constinit thread_local std::atomic<std::uint32_t> open_sections{0};
[[gnu::tls_model("initial-exec")]] constinit thread_local std::atomic<labyrinth_level> highest_level{
    LABYRINTH_TASK};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<labyrinth_level>::is_always_lock_free);

// Linux poisons free pages with the same byte (PAGE_POISON): odd as an address, and not zero.
constexpr unsigned char kPoison = 0xAA;

// What the port's functions know; it lies behind the metadata, since an Arena can be moved.
struct PortState {
  PageAddress address;
  void (*on_damage)(Pfn pfn, Frames frames);
  Reclaimer* reclaimer;
};

const PortState& state_of(const void* self) noexcept { return *static_cast<const PortState*>(self); }

std::uint32_t current_cpu(void*) {
  const int cpu = sched_getcpu();
  return cpu < 0 ? 0 : static_cast<std::uint32_t>(cpu);
}

std::uint32_t cpus_of_the_machine() noexcept {
  return static_cast<std::uint32_t>(std::clamp(sysconf(_SC_NPROCESSORS_CONF), 1L, long{LABYRINTH_MAX_CPUS}));
}

void fill(const void* self, std::uint64_t pfn, std::uint64_t frames, unsigned char byte) noexcept {
  const PageAddress& address = state_of(self).address;
  std::memset(address.of(Pfn{pfn}), byte, frames * address.frame_size());
}

bool is_poisoned(void* self, std::uint64_t pfn, std::uint64_t frames) {
  const PageAddress& address = state_of(self).address;
  const std::byte* const content = address.of(Pfn{pfn});
  // Each byte equals the one before it, and the first is poison.
  return content[0] == std::byte{kPoison} &&
         std::memcmp(content, content + 1, frames * address.frame_size() - 1) == 0;
}

void report_damage(void* self, std::uint64_t pfn, std::uint64_t frames) {
  const auto on_damage = state_of(self).on_damage;
  if (on_damage != nullptr) on_damage(Pfn{pfn}, Frames{static_cast<std::int64_t>(frames)});
}

Port make_port(PortState* state) noexcept {
  Port port{};
  port.self = state;
  port.cpu = current_cpu;
  port.may_sleep = [](void*) { return may_sleep(); };
  port.level = [](void*) { return level(); };
  port.zero = [](void* self, std::uint64_t pfn, std::uint64_t frames) { fill(self, pfn, frames, 0); };
  port.poison = [](void* self, std::uint64_t pfn, std::uint64_t frames) { fill(self, pfn, frames, kPoison); };
  port.is_poisoned = is_poisoned;
  port.report_damage = report_damage;
  port.set_reclaiming = userland::set_reclaiming;
  port.wait = userland::wait;
  port.wake_reclaimer = [](void* self) {
    if (Reclaimer* const reclaimer = state_of(self).reclaimer; reclaimer != nullptr) reclaimer->wake();
  };
  return port;
}

// The one place that knows what a configuration looks like.
Config make_config(Frames frames, const ArenaOptions& options) noexcept {
  const DefaultMarks marks = options.marks ? *options.marks : default_marks(frames);
  Config config{};
  const auto count = static_cast<std::uint64_t>(frames.value);
  // A hundredth of the memory, as in Linux, in whole pageblocks.
  const std::uint64_t apart = count / 100 >> std::max(options.max_order, 5U);
  config.zones[LABYRINTH_ZONE_NORMAL] = {
      count,     marks.min,
      marks.low, marks.high,
      0,         static_cast<std::uint32_t>(std::min<std::uint64_t>(apart, LABYRINTH_MAX_HIGHATOMIC))};
  config.isolated.frames = static_cast<std::uint64_t>(options.isolated.value);
  std::copy(options.rooms.begin(), options.rooms.end(), config.rooms);
  std::copy(options.devices.begin(), options.devices.end(), config.devices);
  config.max_order = options.max_order;
  config.cpus = options.cpus == 0 ? cpus_of_the_machine() : options.cpus;
  config.port = make_port(nullptr);
  return config;
}

std::uint64_t frames_of(const Config& config) noexcept {
  std::uint64_t frames = config.zones[LABYRINTH_ZONE_NORMAL].frames + config.isolated.frames;
  for (const RoomConfig& room : config.rooms) frames += std::uint64_t{room.frames} * config.cpus;
  for (const RoomConfig& room : config.devices) frames += room.frames;
  return frames;
}

}  // namespace

// Relaxed, all of them: only this thread and its own handlers look. The fences keep what the compiler makes
// of an inlined section from leaving it.
AtomicSection::AtomicSection(labyrinth_level level) noexcept
    : outside_(highest_level.load(std::memory_order_relaxed)) {
  open_sections.store(open_sections.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  highest_level.store(std::max(level, outside_), std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}
AtomicSection::~AtomicSection() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  highest_level.store(outside_, std::memory_order_relaxed);
  open_sections.store(open_sections.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}
bool may_sleep() noexcept { return open_sections.load(std::memory_order_relaxed) == 0; }
labyrinth_level level() noexcept { return highest_level.load(std::memory_order_relaxed); }

Arena::Arena(Frames frames, const ArenaOptions& options) noexcept {
  if (frames.value < 1 || options.isolated.value < 0) return;
  Config config = make_config(frames, options);
  const std::size_t metadata_size = Allocator::metadata_size(config);
  if (metadata_size == 0) return;
  static_assert(alignof(PortState) <= LABYRINTH_METADATA_ALIGNMENT);
  metadata_ = map(metadata_size + sizeof(PortState), 0);
  // One largest block more, so that the first frame can be aligned to it. NORESERVE: most of it may never be
  // used.
  const std::size_t alignment = address_.frame_size() << options.max_order;
  frames_ = map(frames_of(config) * address_.frame_size() + alignment, MAP_NORESERVE);
  if (metadata_.start == nullptr || frames_.start == nullptr) return;
  const std::size_t past = reinterpret_cast<std::uintptr_t>(frames_.start) % alignment;
  address_.base = static_cast<std::byte*>(frames_.start) + (alignment - past) % alignment;
  auto* const behind = static_cast<std::byte*>(metadata_.start) + metadata_size;
  config.port = make_port(::new (behind) PortState{address_, options.on_damage, options.reclaimer});
  allocator_ = Allocator::init(config, metadata_.start, metadata_size);
}

Arena::Arena(Arena&& other) noexcept
    : frames_(std::exchange(other.frames_, {})),
      metadata_(std::exchange(other.metadata_, {})),
      address_(other.address_),
      allocator_(std::exchange(other.allocator_, {})) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this != &other) {
    unmap(frames_);
    unmap(metadata_);
    frames_ = std::exchange(other.frames_, {});
    metadata_ = std::exchange(other.metadata_, {});
    address_ = other.address_;
    allocator_ = std::exchange(other.allocator_, {});
  }
  return *this;
}

Arena::~Arena() {
  unmap(frames_);
  unmap(metadata_);
}

Arena::Mapping Arena::map(std::size_t size, int extra_flags) noexcept {
  void* const start =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | extra_flags, -1, 0);
  return start == MAP_FAILED ? Mapping{} : Mapping{start, size};
}

void Arena::unmap(Mapping& mapping) noexcept {
  if (mapping.start != nullptr) munmap(mapping.start, mapping.size);
  mapping = {};
}

}  // namespace labyrinth
