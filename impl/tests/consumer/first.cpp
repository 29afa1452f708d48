// The first program in C++: an arena of 64 MiB, and a block that frees itself.
#include <cstdio>
#include <cstring>
#include <labyrinth/userland.hpp>

int main() {
  using namespace labyrinth;
  const Arena arena(Frames{16384});
  if (!arena) return 1;
  {
    const Block block = arena->alloc_block(kAtomic, Order{3});
    if (!block) return 1;  // block.page().status says why
    std::memset(arena.page_address(block.page().pfn), 0, 8 * 4096);
    std::printf("8 frames taken, %lld still free\n", static_cast<long long>(arena->free_frames().value));
  }
  std::printf("%lld free again\n", static_cast<long long>(arena->free_frames().value));

  // Where sleeping is not permitted, a request that may sleep is a bug, and is answered so.
  const AtomicSection section;
  const Block refused = arena->alloc_block(kKernel, Order{0});
  if (refused.page().status == Status::kBadContext) std::puts("no GFP_KERNEL in an atomic section");
  return 0;
}
