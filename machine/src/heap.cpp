// The deterministic heap (malloc and operator new of a target, redirected by --wrap) and emulated
// thread-locals.
//
// Nothing is ever reused within a run: addresses depend on the sequence of calls alone, and a use after free
// cannot hide behind a new owner.
#include "heap.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "access.hpp"
#include "posix_threads.hpp"
#include "raw_bytes.hpp"

namespace labyrinth::machine {
namespace {

HeapMark heap{0, kArenaBytes};

struct ThreadLocal {
  const EmulatedTls* control = nullptr;
  std::uint8_t fiber = 0;
  void* storage = nullptr;
};

constexpr std::size_t kMaxThreadLocals = 256;
std::array<ThreadLocal, kMaxThreadLocals> thread_locals{};
std::size_t thread_local_count = 0;

}  // namespace

// AddressSanitizer's, where its run-time is linked in.
extern "C" {
[[gnu::weak]] void __asan_poison_memory_region(const volatile void* address, std::size_t bytes);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* address, std::size_t bytes);
}

void note_initialised(void* begin, std::size_t bytes) noexcept {
  if (!core.active()) return;
  for_pieces(reinterpret_cast<std::uintptr_t>(begin), bytes,
             [](std::uintptr_t address, std::uint8_t size) { cell_at(address, size).dirty = true; });
}

namespace {

/// For a sanitized target: what was taken ends where it ends.
void fence_off(std::byte* begin, std::size_t bytes) noexcept {
  constexpr std::size_t kFence = 64;
  if (&__asan_poison_memory_region == nullptr) return;
  __asan_unpoison_memory_region(begin, bytes);
  const std::size_t fence = std::min(kFence, heap.end - heap.used);
  __asan_poison_memory_region(begin + bytes, fence);
  heap.used += fence;
}

}  // namespace

void heap_reset(HeapMark mark) noexcept { heap = mark; }
HeapMark heap_mark() noexcept { return heap; }

void* heap_take(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t start = (heap.used + alignment - 1) & ~(alignment - 1);
  if (start > heap.end || bytes > heap.end - start) return nullptr;
  heap.used = start + bytes;
  fence_off(core.shadow.arena() + start, bytes);
  return core.shadow.arena() + start;
}

void forget_thread_locals() noexcept { thread_local_count = 0; }

}  // namespace labyrinth::machine

using namespace labyrinth::machine;

extern "C" {

// A thread-local belongs to the task: a handler sees the one of the task it interrupted, as a signal handler
// does.
void* __emutls_get_address(void* control_block) {
  const auto* control = static_cast<const EmulatedTls*>(control_block);
  const std::uint8_t fiber = core.active() ? core.fiber() : kNoCall;
  for (std::size_t i = 0; i < thread_local_count; ++i) {
    if (thread_locals[i].control == control && thread_locals[i].fiber == fiber)
      return thread_locals[i].storage;
  }
  void* storage = heap_take(control->size, control->alignment);
  if (storage == nullptr || thread_local_count == kMaxThreadLocals) {
    core.give_up("the target has more thread-locals than the machine's arena holds");
    return nullptr;
  }
  note_initialised(storage, control->size);
  if (control->initial != nullptr) {
    std::memcpy(storage, control->initial, control->size);
  } else {
    std::memset(storage, 0, control->size);
  }
  thread_locals[thread_local_count++] = {control, fiber, storage};
  return storage;
}

void* __wrap_malloc(std::size_t bytes) { return heap_take(bytes, 16); }
void __wrap_free(void*) {}

void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  if (bytes != 0 && count > kArenaBytes / bytes) return nullptr;
  void* memory = heap_take(count * bytes, 16);
  if (memory != nullptr) {
    write_range(memory, count * bytes);
    std::memset(memory, 0, count * bytes);
  }
  return memory;
}

void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) { return heap_take(bytes, alignment); }

void* __wrap_memalign(std::size_t alignment, std::size_t bytes) { return heap_take(bytes, alignment); }
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  void* const taken = heap_take(bytes, alignment);
  if (taken == nullptr) return ENOMEM;
  write_range(static_cast<void*>(memory), sizeof *memory);
  *memory = taken;
  return 0;
}

// How large the old block is nobody knows: all that lies behind it is copied, as far as the new one goes.
void* __wrap_realloc(void* memory, std::size_t bytes) {
  const std::byte* const end = core.shadow.arena() + heap.used;
  void* const taken = heap_take(bytes, 16);
  if (taken == nullptr || memory == nullptr) return taken;
  const auto behind = static_cast<std::size_t>(end - static_cast<const std::byte*>(memory));
  write_range(taken, std::min(bytes, behind));
  copy_raw(static_cast<std::byte*>(taken), static_cast<const std::byte*>(memory), std::min(bytes, behind));
  return taken;
}

// operator new and delete, by their mangled names.
void* __wrap__ZnwmSt11align_val_t(std::size_t bytes, std::size_t alignment) {
  return heap_take(bytes, alignment);
}
void* __wrap__ZnamSt11align_val_t(std::size_t bytes, std::size_t alignment) {
  return heap_take(bytes, alignment);
}
void __wrap__ZdlPvSt11align_val_t(void*, std::size_t) {}
void __wrap__ZdlPvmSt11align_val_t(void*, std::size_t, std::size_t) {}
void __wrap__ZdaPvSt11align_val_t(void*, std::size_t) {}
void __wrap__ZdaPvmSt11align_val_t(void*, std::size_t, std::size_t) {}
void* __wrap__Znwm(std::size_t bytes) { return heap_take(bytes, 16); }
void* __wrap__Znam(std::size_t bytes) { return heap_take(bytes, 16); }
void __wrap__ZdlPv(void*) {}
void __wrap__ZdlPvm(void*, std::size_t) {}
void __wrap__ZdaPv(void*) {}
void __wrap__ZdaPvm(void*, std::size_t) {}

}  // extern "C"
