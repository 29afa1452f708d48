/* What lib/genalloc.c asks of Linux, on the machine: our own words for the kernel's interface, no more of it
 * than that file uses. The names and shapes are the kernel's, hence macros. Outside of a process of its own
 * there are no devices. */
#ifndef SHIM_H
#define SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "labyrinth/machine/machine.h"

#define EXPORT_SYMBOL(name) extern const char shim_exported_##name
#define EXPORT_SYMBOL_GPL(name) EXPORT_SYMBOL(name)
#define CONFIG_ARCH_HAVE_NMI_SAFE_CMPXCHG 1 /* as on x86-64 */
#define unlikely(condition) (condition)
#define BUG() __builtin_trap()
#define BUG_ON(condition) ((condition) ? BUG() : (void)0)
#define WARN_ON(condition) (condition)

typedef uint64_t phys_addr_t;
typedef uint64_t dma_addr_t;
enum { GFP_KERNEL };

/* Atomics. A cmpxchg is fully ordered. */
typedef struct {
  long counter;
} atomic_long_t;
#define cmpxchg(at, expected, desired)                                                                   \
  ({                                                                                                     \
    __typeof__(*(at)) shim_seen = (expected);                                                            \
    __atomic_compare_exchange_n((at), &shim_seen, (desired), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    shim_seen;                                                                                           \
  })
#define READ_ONCE(place) (*(const volatile __typeof__(place)*)&(place))
static inline void cpu_relax(void) {}
static inline void atomic_long_set(atomic_long_t* at, long value) {
  __atomic_store_n(&at->counter, value, __ATOMIC_RELAXED);
}
static inline long atomic_long_read(const atomic_long_t* at) {
  return __atomic_load_n(&at->counter, __ATOMIC_RELAXED);
}
static inline void atomic_long_add(long value, atomic_long_t* at) {
  __atomic_fetch_add(&at->counter, value, __ATOMIC_RELAXED);
}
static inline void atomic_long_sub(long value, atomic_long_t* at) {
  __atomic_fetch_sub(&at->counter, value, __ATOMIC_RELAXED);
}

/* Locks, and a read side that is never waited for. */
typedef struct labyrinth_machine_spinlock spinlock_t;
static inline void spin_lock_init(spinlock_t* lock) { memset(lock, 0, sizeof *lock); }
static inline void spin_lock(spinlock_t* lock) { labyrinth_machine_spin_lock(lock); }
static inline void spin_unlock(spinlock_t* lock) { labyrinth_machine_spin_unlock(lock); }
static inline void rcu_read_lock(void) {}
static inline void rcu_read_unlock(void) {}

/* Lists. */
struct list_head {
  struct list_head *next, *prev;
};
static inline void INIT_LIST_HEAD(struct list_head* list) { list->next = list->prev = list; }
static inline void list_add_rcu(struct list_head* entry, struct list_head* head) {
  entry->next = head->next;
  entry->prev = head;
  head->next->prev = entry;
  __atomic_store_n(&head->next, entry, __ATOMIC_RELEASE);
}
static inline void list_del(struct list_head* entry) {
  entry->next->prev = entry->prev;
  entry->prev->next = entry->next;
}
#define list_entry(at, type, member) ((type*)((char*)(at) - offsetof(type, member)))
#define list_for_each_safe(at, behind, head) \
  for ((at) = (head)->next, (behind) = (at)->next; (at) != (head); (at) = (behind), (behind) = (at)->next)
#define shim_next(entry) __atomic_load_n(&(entry)->next, __ATOMIC_ACQUIRE)
#define list_for_each_entry_rcu(at, head, member)                                              \
  for ((at) = list_entry(shim_next(head), __typeof__(*(at)), member); &(at)->member != (head); \
       (at) = list_entry(shim_next(&(at)->member), __typeof__(*(at)), member))

/* Bits. */
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT_WORD(bit) ((bit) / BITS_PER_LONG)
#define BITMAP_FIRST_WORD_MASK(start) (~0ul << ((start) % BITS_PER_LONG))
#define BITMAP_LAST_WORD_MASK(bits) (~0ul >> (-(bits) % BITS_PER_LONG))
static inline unsigned long roundup_pow_of_two(unsigned long n) {
  return n <= 1 ? 1 : 1ul << (64 - __builtin_clzl(n - 1));
}
/* The first bit from `at` on that is `set`, or `end`. */
static inline unsigned long shim_find(const unsigned long* map, unsigned long end, unsigned long at,
                                      bool set) {
  while (at < end) {
    const unsigned long word = READ_ONCE(map[BIT_WORD(at)]);
    const unsigned long wanted = (set ? word : ~word) & BITMAP_FIRST_WORD_MASK(at);
    if (wanted != 0) {
      at = BIT_WORD(at) * BITS_PER_LONG + (unsigned long)__builtin_ctzl(wanted);
      return at < end ? at : end;
    }
    at = (BIT_WORD(at) + 1) * BITS_PER_LONG;
  }
  return end;
}
static inline unsigned long find_next_bit(const unsigned long* map, unsigned long end, unsigned long at) {
  return shim_find(map, end, at, true);
}
static inline unsigned long find_first_bit(const unsigned long* map, unsigned long end) {
  return shim_find(map, end, 0, true);
}
/* So many clear bits whose first one, `off` added, is a multiple of align_mask + 1; beyond `end` if there are
 * none. */
static inline unsigned long bitmap_find_next_zero_area_off(unsigned long* map, unsigned long end,
                                                           unsigned long start, unsigned int bits,
                                                           unsigned long align_mask, unsigned long off) {
  for (;;) {
    unsigned long at = shim_find(map, end, start, false);
    at = ((at + off + align_mask) & ~align_mask) - off;
    if (at + bits > end) return at + bits;
    const unsigned long taken = find_next_bit(map, at + bits, at);
    if (taken == at + bits) return at;
    start = taken + 1;
  }
}
static inline unsigned long bitmap_find_next_zero_area(unsigned long* map, unsigned long end,
                                                       unsigned long start, unsigned int bits,
                                                       unsigned long align_mask) {
  return bitmap_find_next_zero_area_off(map, end, start, bits, align_mask, 0);
}

/* Memory of the machine's. */
static inline void* kmalloc_node(size_t bytes, int flags, int node) {
  (void)flags;
  (void)node;
  return malloc(bytes);
}
static inline void* vzalloc_node(size_t bytes, int node) {
  (void)node;
  return calloc(1, bytes);
}
static inline void kfree(const void* memory) { free((void*)memory); }
static inline void vfree(const void* memory) { free((void*)memory); }
static inline void kfree_const(const void* memory) { kfree(memory); }

/* Devices: none. */
struct device;
#define ERR_PTR(error) ((void*)(long)(error))
static inline const char* kstrdup_const(const char* text, int flags) {
  (void)flags;
  return text;
}
static inline void* devres_find(struct device* device, void (*release)(struct device*, void*),
                                int (*match)(struct device*, void*, void*), void* data) {
  (void)device, (void)release, (void)match, (void)data;
  return NULL;
}
static inline void* devres_alloc(void (*release)(struct device*, void*), size_t bytes, int flags) {
  (void)release, (void)bytes, (void)flags;
  return NULL;
}
static inline void devres_add(struct device* device, void* resource) { (void)device, (void)resource; }
static inline void devres_free(void* resource) { (void)resource; }

#endif
