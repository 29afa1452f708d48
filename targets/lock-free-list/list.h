/* A free list of frames that needs no lock (Treiber: Systems Programming: Coping with Parallelism, IBM, 1986)
 * and has no tag: it compares the list's head alone. If between its look at the head and its exchange that
 * frame was taken, others were taken, and it was put back (ABA), the exchange succeeds and makes a frame the
 * head that is somebody's. */
#ifndef LIST_H
#define LIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames are named by their offsets; next[i] is the one below i in the list. */
struct list {
  uint64_t first_pfn;
  _Atomic uint32_t head;
  _Atomic uint32_t next[];
};

size_t list_size(uint64_t frames);
/* All frames are in the list, the first one at its head. */
void list_create(struct list* list, uint64_t first_pfn, uint64_t frames);
/* False if the list is empty. */
bool list_take(struct list* list, uint64_t* pfn);
void list_put(struct list* list, uint64_t pfn);

#endif
