/* jemalloc under names of its own: this library contains all of it, and exports nothing but these two, so
 * that malloc stays glibc's in the program that loads it (jemalloc_inside.map). Loading the packaged library
 * instead would not do: with dlopen() its thread-local data find no room, and linked it replaces malloc. */
#include <stddef.h>
#include <stdlib.h>

void* jemalloc_inside_alloc(size_t alignment, size_t size);
void jemalloc_inside_free(void* memory);

void* jemalloc_inside_alloc(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
void jemalloc_inside_free(void* memory) { free(memory); }
