// Mappings, CPU numbers and atomic sections of a Linux process.
#include "labyrinth/userland.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace labyrinth {
namespace {

// How many atomic sections are open. A handler leaves it as it found it, so that no update is lost even
// between a load and a store. initial-exec: in a shared library the first access would otherwise allocate.
[[gnu::tls_model("initial-exec")]] constinit thread_local std::atomic<std::uint32_t> open_sections{0};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

std::uint32_t current_cpu(void*) {
  const int cpu = sched_getcpu();
  return cpu < 0 ? 0 : static_cast<std::uint32_t>(cpu);
}

std::uint32_t cpus_of_the_machine() noexcept {
  return static_cast<std::uint32_t>(std::clamp(sysconf(_SC_NPROCESSORS_CONF), 1L, long{LABYRINTH_MAX_CPUS}));
}

// The one place that knows what a configuration looks like.
Config make_config(Frames frames, const ArenaOptions& options) noexcept {
  const DefaultMarks marks = options.marks ? *options.marks : default_marks(frames);
  Config config{};
  config.first_pfn = 0;
  config.frames = static_cast<std::uint64_t>(frames.value);
  config.min = marks.min;
  config.low = marks.low;
  config.high = marks.high;
  config.max_order = options.max_order;
  config.cpus = options.cpus == 0 ? cpus_of_the_machine() : options.cpus;
  config.port = {nullptr, current_cpu, [](void*) { return may_sleep(); }};
  return config;
}

}  // namespace

// Relaxed, all three: only this thread and its own handlers look. The fences keep what the compiler makes of
// an inlined section from leaving it.
AtomicSection::AtomicSection() noexcept {
  open_sections.store(open_sections.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}
AtomicSection::~AtomicSection() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  open_sections.store(open_sections.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}
bool may_sleep() noexcept { return open_sections.load(std::memory_order_relaxed) == 0; }

Arena::Arena(Frames frames, const ArenaOptions& options) noexcept {
  if (frames.value < 1) return;
  const Config config = make_config(frames, options);
  const std::size_t metadata_size = Allocator::metadata_size(config);
  if (metadata_size == 0) return;
  metadata_ = map(metadata_size, 0);
  // One largest block more, so that the first frame can be aligned to it. NORESERVE: most of it may never be
  // used.
  const std::size_t alignment = address_.frame_size() << options.max_order;
  frames_ = map(config.frames * address_.frame_size() + alignment, MAP_NORESERVE);
  if (metadata_.start == nullptr || frames_.start == nullptr) return;
  const std::size_t past = reinterpret_cast<std::uintptr_t>(frames_.start) % alignment;
  address_.base = static_cast<std::byte*>(frames_.start) + (alignment - past) % alignment;
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
