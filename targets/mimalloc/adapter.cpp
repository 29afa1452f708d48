// A general-purpose malloc that nobody compiled for Labyrinth, as a target: Debian's mimalloc. Its arena is
// the frames, each thread has a heap of its own in it in each run, and a block is what that heap gives for
// the block's size and alignment.
//
// mimalloc wants its arenas aligned to 32 MiB and keeps a segment's metadata in its first frames, so small
// machines are refused. Where the target's variables and state are put back after a run, mimalloc's are not:
// what a run leaves behind goes with its heap when the next run asks for something.
#include <mimalloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "labyrinth/machine/target.h"

namespace {

constexpr std::uint64_t kFrameBytes = 4096;
constexpr std::uint64_t kSegmentBytes = std::uint64_t{32} << 20;
constexpr std::uint64_t kFrames = 65536;  // the largest machine

/// A thread's heap. Only that thread allocates from it; anybody frees into it.
struct Heap {
  std::atomic<const mi_heap_t*>
      thread;  ///< The default heap of its thread, which tells it from all others; null: nobody's.
  mi_heap_t* heap;
  std::uint32_t run;  ///< Of which it is.
};

/// Lives in mimalloc's own memory, apart from the arena, since it outlives runs.
struct Arena {
  static constexpr std::size_t kMostThreads = 64;
  mi_arena_id_t id;
  std::atomic<std::uint32_t> runs;
  Heap heaps[kMostThreads];
};
Arena* arena = nullptr;

struct State {
  std::uint64_t first_pfn;
  unsigned char* frames;
  std::atomic<std::uint32_t> run;  ///< 0: it has not asked for anything yet.
};

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const bool aligned = geometry->first_pfn % (std::uint64_t{1} << geometry->max_order) == 0;
  return geometry->frames == kFrames && aligned ? sizeof(State) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* memory, void* frames) {
  if (reinterpret_cast<std::uintptr_t>(frames) % kSegmentBytes != 0) return nullptr;
  if (arena == nullptr) {
    arena = mi_zalloc_tp(Arena);
    const bool is_committed = true, is_large = false, is_zero = false, is_exclusive = true;
    const bool managed = mi_manage_os_memory_ex(frames, kFrames * kFrameBytes, is_committed, is_large,
                                                is_zero, -1, is_exclusive, &arena->id);
    if (!managed) return nullptr;
  }
  return ::new (memory) State{geometry->first_pfn, static_cast<unsigned char*>(frames), 0};
}

/// The number of the run that the caller is in.
std::uint32_t present_run(State& state) {
  std::uint32_t run = state.run.load(std::memory_order_relaxed);
  if (run != 0) return run;
  const std::uint32_t next = arena->runs.fetch_add(1, std::memory_order_relaxed) + 1;
  return state.run.compare_exchange_strong(run, next, std::memory_order_relaxed) ? next : run;
}

/// Of the calling thread, in the machine one for all tasks. What the last run left in it goes with it. Null:
/// too many threads.
mi_heap_t* present_heap(State& state) {
  const mi_heap_t* const me = mi_heap_get_default();
  for (Heap& heap : arena->heaps) {
    const mi_heap_t* thread = heap.thread.load(std::memory_order_relaxed);
    if (thread == nullptr) heap.thread.compare_exchange_strong(thread, me, std::memory_order_relaxed);
    if (heap.thread.load(std::memory_order_relaxed) != me) continue;
    const std::uint32_t run = present_run(state);
    if (heap.run != run) {
      if (heap.heap != nullptr) mi_heap_destroy(heap.heap);
      heap.heap = mi_heap_new_in_arena(arena->id);
      heap.run = run;
    }
    return heap.heap;
  }
  return nullptr;
}

void alloc(void* self, std::uint32_t, std::uint32_t order, labyrinth_target_answer* answer) {
  auto& state = *static_cast<State*>(self);
  mi_heap_t* const heap = present_heap(state);
  const std::size_t bytes = kFrameBytes << order;
  const auto* const block =
      heap == nullptr ? nullptr : static_cast<unsigned char*>(mi_heap_malloc_aligned(heap, bytes, bytes));
  answer->status = block != nullptr ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_EXHAUSTED;
  if (block != nullptr)
    answer->pfn = state.first_pfn + static_cast<std::uint64_t>(block - state.frames) / kFrameBytes;
}

void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  const auto& state = *static_cast<State*>(self);
  const std::size_t bytes = kFrameBytes << order;
  mi_free_size_aligned(state.frames + (pfn - state.first_pfn) * kFrameBytes, bytes, bytes);
  answer->status = LABYRINTH_TARGET_OK;
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "mimalloc",
                                  .description = "Debian's mimalloc, as it ships: its arena is the frames",
                                  .can = LABYRINTH_TARGET_CAN_ORDERS,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
