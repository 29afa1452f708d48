// A container in a signal handler: malloc may not be called there, the arena may.
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <labyrinth/memory_resource.hpp>
#include <labyrinth/userland.hpp>
#include <numeric>
#include <vector>

namespace {

labyrinth::PageResource* pages = nullptr;
volatile std::sig_atomic_t sum = 0;

void on_signal(int) {
  const labyrinth::AtomicSection section;
  std::pmr::vector<int> numbers(pages);
  for (int i = 1; i <= 2000; ++i) numbers.push_back(i);
  sum = std::accumulate(numbers.begin(), numbers.end(), 0);
}

}  // namespace

int main() {
  const labyrinth::Arena arena(labyrinth::Frames{1024});
  if (!arena) return 1;
  labyrinth::PageResource resource(*arena, arena.address(), labyrinth::kAtomic);
  pages = &resource;
  if (std::signal(SIGUSR1, on_signal) == SIG_ERR || std::raise(SIGUSR1) != 0) return 1;
  std::printf("the handler counted %d\n", static_cast<int>(sum));

  // A refusal of allocate() throws, and a handler cannot have that; try_allocate() answers null.
  void* const eight_pages = resource.try_allocate(8 * std::size_t{4096});
  if (eight_pages != nullptr) resource.deallocate(eight_pages, 8 * std::size_t{4096});
  std::printf("%lld frames free\n", static_cast<long long>(arena->free_frames().value));
  return 0;
}
