// The first program in C++: the same zone, and a block that frees itself.
#include <cstdint>
#include <cstdio>
#include <labyrinth/allocator.hpp>

namespace {

using namespace labyrinth;

alignas(LABYRINTH_METADATA_ALIGNMENT) std::byte metadata[8192];

Allocator make_allocator() {
  const Config config{.first_pfn = 256,
                      .frames = 1024,
                      .min = 32,
                      .low = 40,
                      .high = 48,
                      .max_order = LABYRINTH_MAX_ORDER,
                      .cpus = 1,
                      .port = {.self = nullptr,
                               .cpu = [](void*) -> std::uint32_t { return 0; },
                               .may_sleep = [](void*) { return true; }}};
  return Allocator::init(config, metadata, sizeof metadata);
}

}  // namespace

int main() {
  const Allocator allocator = make_allocator();
  if (!allocator) return 1;
  {
    const Block block = allocator.alloc_block(kAtomic, Order{3});
    if (!block) return 1;
    std::printf("8 frames from %llu, %lld still free\n",
                static_cast<unsigned long long>(block.page().pfn.value),
                static_cast<long long>(allocator.free_frames().value));
  }
  std::printf("%lld free again\n", static_cast<long long>(allocator.free_frames().value));
  return 0;
}
