// What a pair of allocation and free costs: Labyrinth, the least the machine takes, and other allocators, in
// one run. `bench/ratios` repeats it, sets the one against the other and prints the medians.
//
// Times are per pair of one block (of one frame, where several are taken at once). Names: what/how/threads.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "managed.hpp"
#include "textbook_buddy.hpp"
#include "yardsticks.hpp"
#ifdef LABYRINTH_BENCH_DPDK
#  include "dpdk_pool.hpp"
#endif
#ifdef LABYRINTH_BENCH_JEMALLOC
extern "C" void* jemalloc_inside_alloc(std::size_t alignment, std::size_t size);
extern "C" void jemalloc_inside_free(void* memory);
#endif

namespace labyrinth::bench {
namespace {

constexpr std::uint64_t kMiB = 256;  // in frames
constexpr std::uint64_t kUsual = 1024 * kMiB;

// Each thread is a CPU.
template <class Pair>
void repeat(benchmark::State& state, Pair pair) {
  run_on(static_cast<std::uint32_t>(state.thread_index()));
  for (auto _ : state) {
    if (!pair()) {
      state.SkipWithError("refused");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void BarePair(benchmark::State& state) {
  static std::array<BareWord, kCpus> words;
  BareWord& word = words[static_cast<std::size_t>(state.thread_index())];
  repeat(state, [&] {
    std::uint32_t frame = word.alloc();
    benchmark::DoNotOptimize(frame);
    word.free(frame);
    return true;
  });
}

void BarePairBehindCalls(benchmark::State& state) {
  static BareRooms rooms({[](void*) { return this_thread_cpu(); }, [](void*) { return 0u; }});
  repeat(state, [&] {
    BareRooms::Page page;
    rooms.alloc(&page);
    return rooms.free(page.pfn);
  });
}

void StraightLinePrepaid(benchmark::State& state) {
  StraightLine line;
  repeat(state, [&] {
    line.prepaid_pair();
    return true;
  });
}

template <int levels>
void StraightLineCredited(benchmark::State& state) {
  StraightLine line;
  repeat(state, [&] {
    line.credited_pair<levels>();
    return true;
  });
}

template <int levels>
void StraightLineOrder9(benchmark::State& state) {
  StraightLine line;
  repeat(state, [&] {
    line.order_9_pair<levels>();
    return true;
  });
}

bool labyrinth_pair(labyrinth_allocator* allocator, std::uint32_t gfp, unsigned order) {
  labyrinth_page page;
  labyrinth_alloc_page(allocator, gfp, order, &page);
  return page.status == LABYRINTH_OK && labyrinth_free_page(allocator, page.pfn, order) == LABYRINTH_OK;
}

// Arguments: MiB of memory, percent of it that are taken.
void LabyrinthOrder0(benchmark::State& state) {
  const Allocator& allocator =
      managed(static_cast<std::uint64_t>(state.range(0)) * kMiB, static_cast<std::uint32_t>(state.range(1)));
  repeat(state, [&] { return labyrinth_pair(allocator.handle(), LABYRINTH_GFP_ATOMIC, 0); });
}

void LabyrinthRoom(benchmark::State& state) {
  const Allocator& allocator = managed(kUsual, 0);
  constexpr std::uint32_t kGfp = LABYRINTH_GFP_ATOMIC | LABYRINTH_GFP_ROOM;
  repeat(state, [&] { return labyrinth_pair(allocator.handle(), kGfp, 0); });
}

void LabyrinthOrder9(benchmark::State& state) {
  const Allocator& allocator = managed(static_cast<std::uint64_t>(state.range(0)) * kMiB, 0);
  repeat(state, [&] { return labyrinth_pair(allocator.handle(), LABYRINTH_GFP_ATOMIC, 9); });
}

constexpr unsigned kBulk = 64;

void LabyrinthBulk(benchmark::State& state) {
  const Allocator& allocator = managed(kUsual, 0);
  std::array<std::uint64_t, kBulk> pfns{};
  run_on(0);
  while (state.KeepRunningBatch(kBulk)) {
    labyrinth_page page;
    labyrinth_alloc_bulk(allocator.handle(), LABYRINTH_GFP_ATOMIC, kBulk, pfns.data(), &page);
    if (page.status != LABYRINTH_OK) return state.SkipWithError("refused");
    for (const std::uint64_t pfn : pfns) labyrinth_free_page(allocator.handle(), pfn, 0);
  }
}

// As many frames one by one, all of them held before the first is freed: the CPU has to move on from word to
// word.
void LabyrinthBurst(benchmark::State& state) {
  const Allocator& allocator =
      managed(static_cast<std::uint64_t>(state.range(0)) * kMiB, static_cast<std::uint32_t>(state.range(1)));
  std::array<labyrinth_page, kBulk> pages{};
  run_on(0);
  while (state.KeepRunningBatch(kBulk)) {
    for (labyrinth_page& page : pages)
      labyrinth_alloc_page(allocator.handle(), LABYRINTH_GFP_ATOMIC, 0, &page);
    for (const labyrinth_page& page : pages) {
      if (labyrinth_free_page(allocator.handle(), page.pfn, 0) != LABYRINTH_OK)
        state.SkipWithError("refused");
    }
  }
}

void Buddy(benchmark::State& state) {
  static TextbookBuddy buddy(kUsual);
  const auto order = static_cast<std::uint32_t>(state.range(0));
  repeat(state, [&] {
    const std::uint32_t first = buddy.alloc(order);
    if (first == TextbookBuddy::kNone) return false;
    buddy.free(first, order);
    return true;
  });
}

template <class Alloc, class Free>
void heap_pairs(benchmark::State& state, Alloc alloc, Free free) {
  repeat(state, [&] {
    void* memory = alloc(std::size_t{4096}, std::size_t{4096});
    benchmark::DoNotOptimize(memory);
    free(memory);
    return memory != nullptr;
  });
}

void Glibc(benchmark::State& state) { heap_pairs(state, std::aligned_alloc, std::free); }

#ifdef LABYRINTH_BENCH_JEMALLOC
void Jemalloc(benchmark::State& state) { heap_pairs(state, jemalloc_inside_alloc, jemalloc_inside_free); }
#endif

#ifdef LABYRINTH_BENCH_MIMALLOC
// Loaded late and locally: its malloc replaces nobody's.
void Mimalloc(benchmark::State& state) {
  static void* const library = dlopen(LABYRINTH_BENCH_MIMALLOC, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return state.SkipWithError(dlerror());
  using Alloc = void* (*)(std::size_t size, std::size_t alignment);
  using Free = void (*)(void*);
  heap_pairs(state, reinterpret_cast<Alloc>(dlsym(library, "mi_malloc_aligned")),
             reinterpret_cast<Free>(dlsym(library, "mi_free")));
}
#endif

#ifdef LABYRINTH_BENCH_DPDK
constexpr std::int64_t kDpdkBatch = 1024;

void DpdkMempool(benchmark::State& state) {
  if (!start_dpdk()) return state.SkipWithError("DPDK's environment refuses to start");
  const DpdkSeat seat;
  while (state.KeepRunningBatch(kDpdkBatch)) {
    if (!dpdk_pairs(kDpdkBatch)) return state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}

void DpdkMempoolBulk(benchmark::State& state) {
  if (!start_dpdk()) return state.SkipWithError("DPDK's environment refuses to start");
  const DpdkSeat seat;
  while (state.KeepRunningBatch(kBulk)) {
    if (!dpdk_bulk_pairs(1, kBulk)) return state.SkipWithError("refused");
  }
}
BENCHMARK(DpdkMempool);
BENCHMARK(DpdkMempool)->Threads(2)->UseRealTime();
BENCHMARK(DpdkMempoolBulk);
#endif

// The yardsticks stand next to what is measured by them.
BENCHMARK(BarePair);
BENCHMARK(StraightLinePrepaid);
BENCHMARK(StraightLineCredited<2>);
BENCHMARK(LabyrinthOrder0)->Args({1024, 0});
BENCHMARK(LabyrinthRoom);
BENCHMARK(BarePairBehindCalls);
BENCHMARK(LabyrinthOrder9)->Arg(1024);
BENCHMARK(StraightLineOrder9<2>);
BENCHMARK(LabyrinthBulk);
BENCHMARK(LabyrinthBurst)->ArgsProduct({{32, 1024, 32768}, {0, 50, 95}});
BENCHMARK(LabyrinthBurst)->ArgsProduct({{1048576}, {0, 95}});
BENCHMARK(LabyrinthOrder0)->ArgsProduct({{1, 32, 32768}, {0, 50, 95}});
BENCHMARK(LabyrinthOrder0)->Args({1024, 50})->Args({1024, 95});
BENCHMARK(LabyrinthOrder0)->ArgsProduct({{1048576}, {0, 95}});
BENCHMARK(LabyrinthOrder9)->Arg(1048576);
BENCHMARK(BarePair)->Threads(2)->UseRealTime();
BENCHMARK(LabyrinthOrder0)->Args({1024, 0})->Threads(2)->UseRealTime();
BENCHMARK(LabyrinthRoom)->Threads(2)->UseRealTime();
BENCHMARK(Buddy)->Arg(0)->Arg(9);
BENCHMARK(Glibc);
#ifdef LABYRINTH_BENCH_JEMALLOC
BENCHMARK(Jemalloc);
#endif
#ifdef LABYRINTH_BENCH_MIMALLOC
BENCHMARK(Mimalloc);
#endif

}  // namespace
}  // namespace labyrinth::bench

BENCHMARK_MAIN();
