// Names, and which thread is the calling one.
#include "thread.hpp"

namespace labyrinth::shipping {
namespace {

thread_local Thread* calling = nullptr;

}  // namespace

Thread* this_thread() { return calling; }
void set_this_thread(Thread* thread) { calling = thread; }

std::string_view name_of(Call call) {
  constexpr std::array<std::string_view, kCalls> kNames{"none",       "alloc", "free",    "bulk",     "exact",
                                                        "free_exact", "drain", "balance", "kmalloc",  "kfree",
                                                        "trim",       "map",   "unmap",   "map_local"};
  return kNames[static_cast<std::size_t>(call)];
}

std::string_view name_of(labyrinth_level level) {
  constexpr std::array<std::string_view, LABYRINTH_LEVELS> kNames{"task", "softirq", "hardirq", "nmi"};
  return kNames[level];
}

}  // namespace labyrinth::shipping
