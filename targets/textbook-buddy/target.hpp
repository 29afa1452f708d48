// The textbook's buddy allocator as a target: all but its lock, which each adapter lends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "buddy.h"
#include "labyrinth/machine/target.h"

namespace buddy_target {

/// `Lock` is zero-initialised, and has static functions lock(void*) and unlock(void*), which get it.
template <class Lock>
struct State {
  Lock lock;
  alignas(64) buddy allocator;
};

inline void answer_with(buddy_answer answer, labyrinth_target_answer& out) noexcept {
  switch (answer) {
    case BUDDY_OK:
      out.status = LABYRINTH_TARGET_OK;
      break;
    case BUDDY_EXHAUSTED:
      out.status = LABYRINTH_TARGET_EXHAUSTED;
      break;
    case BUDDY_FRAGMENTED:
      out.status = LABYRINTH_TARGET_FRAGMENTED;
      break;
    case BUDDY_BAD_ARGUMENT:
      out.status = LABYRINTH_TARGET_BAD_ARGUMENT;
      break;
  }
}

template <class Lock>
std::size_t state_size(const labyrinth_target_geometry* geometry) {
  return offsetof(State<Lock>, allocator) + buddy_size(geometry->frames);
}

template <class Lock>
void* create(const labyrinth_target_geometry* geometry, void* memory, void*) {
  auto* const state = static_cast<State<Lock>*>(memory);
  ::new (&state->lock) Lock{};
  buddy_create(&state->allocator, geometry->first_pfn, geometry->frames, geometry->max_order,
               {Lock::lock, Lock::unlock, &state->lock});
  return &state->allocator;
}

inline void alloc(void* self, std::uint32_t, std::uint32_t order, labyrinth_target_answer* answer) {
  answer_with(buddy_alloc(static_cast<buddy*>(self), order, &answer->pfn), *answer);
}

inline void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  answer_with(buddy_free(static_cast<buddy*>(self), pfn, order), *answer);
}

template <class Lock>
[[nodiscard]] constexpr labyrinth_target table(const char* name, const char* description) {
  return {
      .abi = LABYRINTH_TARGET_ABI,
      .name = name,
      .description = description,
      .can = LABYRINTH_TARGET_CAN_ORDERS | LABYRINTH_TARGET_CAN_CHECK_FREES | LABYRINTH_TARGET_CAN_TELL_WHY,
      .state_size = state_size<Lock>,
      .create = create<Lock>,
      .alloc = alloc,
      .free = free};
}

}  // namespace buddy_target
