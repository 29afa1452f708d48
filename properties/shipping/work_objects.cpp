// Requests for small objects.
#include "complaints.hpp"
#include "work.hpp"

namespace labyrinth::shipping {

void allocate_object(World& world, Thread& thread) {
  Context& context = thread.context();
  const auto size = static_cast<std::uint32_t>(context.random.below(Handle::kObjectSizes));
  const std::uint64_t bytes = Handle::object_bytes(size);
  Gfp gfp = any_entitlement(thread);
  if (context.random.once_in(8)) gfp = gfp | kZero;
  const bool of_cache = size >= Handle::kKmallocSizes;
  const ObjectAnswer answer = make_call(thread, Call::kKmalloc, [&] {
    return of_cache ? world.objects().cache_alloc(CacheId{size - Handle::kKmallocSizes}, gfp)
                    : world.objects().kmalloc(gfp, Bytes{bytes});
  });
  ++context.tally.answers[static_cast<std::size_t>(answer.status)];
  if (answer.status != Status::kOk) {
    judge_refusal(thread, Call::kKmalloc, static_cast<labyrinth_status>(answer.status),
                  bytes > LABYRINTH_PAGE_BYTES, gfp.bits, bytes);
    return;
  }
  const std::uint64_t alignment = bytes & ~(bytes - 1);
  const Place place = world.place(answer.address.value / LABYRINTH_PAGE_BYTES);
  if (answer.address.value % alignment != 0 || place > Place::kNormal) {
    complaints().add("X2", "kmalloc of {} bytes with gfp {:#x} by thread {} {} got {:#x}", bytes, gfp.bits,
                     thread.number, name_of(thread.at()), answer.address.value);
    return;
  }
  const std::uint64_t granule = answer.address.value / LABYRINTH_OBJECT_GRANULE;
  if (gfp.has(kZero)) {
    const std::uint64_t* const words = world.words(granule);
    for (std::uint64_t i = 0; i < bytes / sizeof *words; ++i) {
      if (words[i] == 0) continue;
      complaints().add("X5", "kmalloc of {} zeroed bytes at {:#x}: word {} is {:#x}", bytes,
                       answer.address.value, i, words[i]);
      break;
    }
  }
  keep(world, thread, take(world, thread, Kind::kObject, size, granule, Call::kKmalloc));
}

}  // namespace labyrinth::shipping
