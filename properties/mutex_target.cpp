// A target for adapters_test.sh that knows nothing of the machine: the textbook's buddy allocator with a
// mutex of the C library.
#include <pthread.h>

#include "../targets/textbook-buddy/target.hpp"

namespace {

struct Lock {
  pthread_mutex_t mutex;

  static void lock(void* self) { pthread_mutex_lock(&static_cast<Lock*>(self)->mutex); }
  static void unlock(void* self) { pthread_mutex_unlock(&static_cast<Lock*>(self)->mutex); }
};

constexpr labyrinth_target kTable =
    buddy_target::table<Lock>("mutex", "A buddy allocator under a mutex: wrong, since it sleeps");

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
