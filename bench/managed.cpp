// The metadata is mapped sparsely, the frames not at all: no request made here touches them.
#include "managed.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <utility>

namespace labyrinth::bench {
namespace {

constinit thread_local std::uint32_t this_cpu = 0;

[[noreturn]] void give_up(const char* what) {
  std::fputs(what, stderr);
  std::exit(70);
}

Allocator make(std::uint64_t frames) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {frames, frames / 1024, frames / 512, frames / 256, 0, 0};
  config.rooms[LABYRINTH_TASK] = {kRoomFrames, false};
  config.max_order = LABYRINTH_MAX_ORDER;
  config.cpus = kCpus;
  config.port.cpu = [](void*) { return this_thread_cpu(); };
  config.port.may_sleep = [](void*) { return true; };
  config.port.level = [](void*) { return LABYRINTH_TASK; };
  const std::size_t size = Allocator::metadata_size(config);
  void* const metadata =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (size == 0 || metadata == MAP_FAILED) give_up("bench: no metadata\n");
  return Allocator::init(config, metadata, size);
}

// Takes every frame, then frees some at random.
void fill(Allocator allocator, std::uint64_t frames, std::uint32_t percent) {
  Page page;
  do {
    allocator.alloc_page(kMemalloc, Order{0}, page);
  } while (page.status == Status::kOk);
  std::mt19937_64 random(frames + percent);
  const std::uint64_t free = frames - frames * percent / 100;
  for (std::uint64_t freed = 0; freed < free;) {
    if (allocator.free_page(Pfn{random() % frames}, Order{0}) == Status::kOk) ++freed;
  }
}

}  // namespace

void run_on(std::uint32_t cpu) noexcept { this_cpu = cpu; }
std::uint32_t this_thread_cpu() noexcept { return this_cpu; }

const Allocator& managed(std::uint64_t frames, std::uint32_t percent) {
  frames -= std::uint64_t{kCpus} * kRoomFrames;
  static std::mutex mutex;
  static std::map<std::pair<std::uint64_t, std::uint32_t>, Allocator> made;
  const std::scoped_lock guard(mutex);
  const auto [at, is_new] = made.try_emplace({frames, percent});
  if (!is_new) return at->second;
  at->second = make(frames);
  if (!at->second) give_up("bench: the configuration was refused\n");
  if (percent != 0) fill(at->second, frames, percent);
  return at->second;
}

}  // namespace labyrinth::bench
