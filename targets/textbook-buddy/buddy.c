/* Blocks are named by the offset of their first frame; buddies are found by the frames' own numbers, since a
 * block is aligned by those. */
#include "buddy.h"

enum state { INSIDE, FREE, TAKEN };

static const uint32_t NONE = UINT32_MAX;

size_t buddy_size(uint64_t frames) { return sizeof(struct buddy) + frames * sizeof(struct buddy_page); }

static void push(struct buddy* buddy, uint32_t first, uint32_t order) {
  struct buddy_page* page = &buddy->pages[first];
  page->state = FREE;
  page->order = (uint8_t)order;
  page->previous = NONE;
  page->next = buddy->lists[order];
  if (page->next != NONE) buddy->pages[page->next].previous = first;
  buddy->lists[order] = first;
}

static void take_out(struct buddy* buddy, uint32_t first) {
  struct buddy_page* page = &buddy->pages[first];
  if (page->next != NONE) buddy->pages[page->next].previous = page->previous;
  if (page->previous != NONE) {
    buddy->pages[page->previous].next = page->next;
  } else {
    buddy->lists[page->order] = page->next;
  }
  page->state = INSIDE;
}

void buddy_create(struct buddy* buddy, uint64_t first_pfn, uint64_t frames, uint32_t max_order,
                  struct buddy_lock lock) {
  buddy->lock = lock;
  buddy->first_pfn = first_pfn;
  buddy->frames = (uint32_t)frames;
  buddy->max_order = max_order;
  buddy->free_frames = buddy->frames;
  for (uint32_t order = 0; order <= BUDDY_MAX_ORDER; ++order) buddy->lists[order] = NONE;
  for (uint32_t at = 0; at < buddy->frames;) {
    uint32_t order = 0;
    while (order < max_order && (first_pfn + at) % (2ull << order) == 0 && buddy->frames - at >= 2u << order)
      ++order;
    push(buddy, at, order);
    at += 1u << order;
  }
}

static enum buddy_answer take(struct buddy* buddy, uint32_t order, uint64_t* pfn) {
  uint32_t from = order;
  while (from <= buddy->max_order && buddy->lists[from] == NONE) ++from;
  if (from > buddy->max_order) return buddy->free_frames < 1u << order ? BUDDY_EXHAUSTED : BUDDY_FRAGMENTED;
  const uint32_t first = buddy->lists[from];
  take_out(buddy, first);
  while (from > order) {
    --from;
    push(buddy, first + (1u << from), from);
  }
  buddy->pages[first].state = TAKEN;
  buddy->pages[first].order = (uint8_t)order;
  buddy->free_frames -= 1u << order;
  *pfn = buddy->first_pfn + first;
  return BUDDY_OK;
}

enum buddy_answer buddy_alloc(struct buddy* buddy, uint32_t order, uint64_t* pfn) {
  if (order > buddy->max_order) return BUDDY_BAD_ARGUMENT;
  buddy->lock.lock(buddy->lock.self);
  const enum buddy_answer answer = take(buddy, order, pfn);
  buddy->lock.unlock(buddy->lock.self);
  return answer;
}

static enum buddy_answer give_back(struct buddy* buddy, uint32_t first, uint32_t order) {
  if (buddy->pages[first].state != TAKEN || buddy->pages[first].order != order) return BUDDY_BAD_ARGUMENT;
  buddy->pages[first].state = INSIDE;
  buddy->free_frames += 1u << order;
  for (; order < buddy->max_order; ++order) {
    const uint64_t other = ((buddy->first_pfn + first) ^ 1ull << order) - buddy->first_pfn;
    if (other >= buddy->frames || buddy->frames - other < 1u << order) break;
    const struct buddy_page* page = &buddy->pages[other];
    if (page->state != FREE || page->order != order) break;
    take_out(buddy, (uint32_t)other);
    if (other < first) first = (uint32_t)other;
  }
  push(buddy, first, order);
  return BUDDY_OK;
}

enum buddy_answer buddy_free(struct buddy* buddy, uint64_t pfn, uint32_t order) {
  if (order > buddy->max_order || pfn - buddy->first_pfn >= buddy->frames) return BUDDY_BAD_ARGUMENT;
  buddy->lock.lock(buddy->lock.self);
  const enum buddy_answer answer = give_back(buddy, (uint32_t)(pfn - buddy->first_pfn), order);
  buddy->lock.unlock(buddy->lock.self);
  return answer;
}
