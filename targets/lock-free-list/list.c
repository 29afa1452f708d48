#include "list.h"

static const uint32_t NONE = UINT32_MAX;

size_t list_size(uint64_t frames) { return sizeof(struct list) + frames * sizeof(uint32_t); }

void list_create(struct list* list, uint64_t first_pfn, uint64_t frames) {
  list->first_pfn = first_pfn;
  atomic_init(&list->head, 0);
  for (uint32_t i = 0; i < frames; ++i) atomic_init(&list->next[i], i + 1 < frames ? i + 1 : NONE);
}

bool list_take(struct list* list, uint64_t* pfn) {
  uint32_t first = atomic_load_explicit(&list->head, memory_order_acquire);
  for (;;) {
    if (first == NONE) return false;
    const uint32_t next = atomic_load_explicit(&list->next[first], memory_order_relaxed);
    if (atomic_compare_exchange_weak_explicit(&list->head, &first, next, memory_order_acq_rel,
                                              memory_order_acquire))
      break;
  }
  *pfn = list->first_pfn + first;
  return true;
}

void list_put(struct list* list, uint64_t pfn) {
  const uint32_t frame = (uint32_t)(pfn - list->first_pfn);
  uint32_t first = atomic_load_explicit(&list->head, memory_order_relaxed);
  do {
    atomic_store_explicit(&list->next[frame], first, memory_order_relaxed);
  } while (!atomic_compare_exchange_weak_explicit(&list->head, &first, frame, memory_order_acq_rel,
                                                  memory_order_relaxed));
}
