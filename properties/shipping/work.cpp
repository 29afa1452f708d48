// Which thing is done next.
#include "work.hpp"

#include "complaints.hpp"

namespace labyrinth::shipping {
namespace {

void do_something_of_a_task(World& world, Thread& thread, std::uint32_t choice) {
  if (world.take_wake()) {
    const auto status =
        make_call(thread, Call::kBalance, [&] { return labyrinth_balance(world.pages().handle()); });
    if (status != LABYRINTH_OK && status != LABYRINTH_EXHAUSTED) {
      complaints().add("C3", "balance was answered {}", labyrinth_status_name(status));
    }
  }
  if (choice < 3) {
    std::uint64_t drained = 0;
    const Status status = make_call(thread, Call::kDrain, [&] {
      return world.pages().drain(1 + thread.context().random.below(4), drained);
    });
    if (status != Status::kOk) complaints().add("X4", "a drain in a task that may sleep was refused");
  } else if (choice < 4) {
    make_call(thread, Call::kTrim, [&] { return world.objects().trim(), 0; });
  } else {
    allocate_page(world, thread);
  }
}

}  // namespace

labyrinth_status World::release(Thread& thread, Handle handle) {
  if (handle.kind() == Kind::kBlock) {
    return static_cast<labyrinth_status>(make_call(
        thread, Call::kFree, [&] { return pages_.free_page(Pfn{handle.pfn()}, Order{handle.size()}); }));
  }
  if (handle.kind() == Kind::kExact) {
    return make_call(thread, Call::kFreeExact,
                     [&] { return labyrinth_free_exact(pages_.handle(), handle.pfn(), handle.frames()); });
  }
  // A cache's object may be freed as one of that cache, or by its address alone.
  const bool by_cache = handle.is_of_cache() && thread.context().random.once_in(2);
  return static_cast<labyrinth_status>(make_call(thread, Call::kKfree, [&] {
    const Address address{handle.address()};
    return by_cache ? objects_.cache_free(CacheId{handle.cache()}, address) : objects_.kfree(address);
  }));
}

void World::act(Thread& thread) {
  World& world = *this;
  Chance& random = thread.context().random;
  const std::uint32_t choice = random.below(100);
  constexpr std::uint32_t kTasksOwn = 94;  // and above: handlers allocate in the place of it
  if (choice < 26 || (choice >= kTasksOwn && thread.at() != LABYRINTH_TASK)) {
    allocate_page(world, thread);
  } else if (choice < 60) {
    if (const Handle handle = take_any(world, thread)) give_back(world, thread, handle);
  } else if (choice < 63) {
    allocate_bulk(world, thread);
  } else if (choice < 66) {
    allocate_exact(world, thread);
  } else if (choice < 80) {
    allocate_object(world, thread);
  } else if (choice < 88) {
    use_mappings(world, thread);
  } else if (choice < 91) {
    free_what_is_not_live(world, thread);
  } else if (choice < kTasksOwn) {
    if (const Handle handle = take_any(world, thread)) {
      check_marks(world, thread, handle, "while it is held");
      keep(world, thread, handle);
    }
  } else {
    do_something_of_a_task(world, thread, random.below(6));
  }
}

}  // namespace labyrinth::shipping
