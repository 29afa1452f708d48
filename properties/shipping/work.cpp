// Which thing is done next; marks, and giving back.
#include "work.hpp"

#include "complaints.hpp"

namespace labyrinth::shipping {
namespace {

struct Found {
  std::uint64_t word = 0;
  std::uint64_t at = 0;
  bool wrong = false;
};

void complain(std::string_view clause, World& world, Handle handle, const Found& found, std::string_view when,
              const Thread& thread) {
  const Owner owner = handle.owner();
  const Owner other{static_cast<std::uint32_t>(found.word)};
  const std::string_view whose = is_owned(found.word)     ? "the mark of"
                                 : is_nobodys(found.word) ? "what nobody's words have, last"
                                                          : "no mark at all, read as";
  complaints().add(
      clause,
      "frame {} (world {}, {} of size {} at {:#x}), word {}: {:#x}, {} thread {} {} number {}; it belongs to "
      "thread {} {} number {}; seen {} by thread {} {}",
      handle.pfn(), world.shape().name, handle.kind() == Kind::kBlock ? "block" : "object", handle.size(),
      handle.address(), found.at, found.word, whose, other.thread(), name_of(other.level()), other.serial(),
      owner.thread(), name_of(owner.level()), owner.serial(), when, thread.number, name_of(thread.at()));
}

[[nodiscard]] std::uint64_t granule_at(Handle handle, std::uint64_t word) {
  return handle.granule() + word / 2;
}

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

Handle take(World& world, Thread& thread, Kind kind, std::uint32_t size, std::uint64_t granule, Call call) {
  const Handle handle = Handle::make(kind, size, granule, thread.new_owner());
  std::uint64_t* const words = world.words(granule);
  Found found;
  for_each_marked(handle.words(), [&](std::uint64_t i) {
    if (!is_nobodys(words[i]) && !found.wrong) found = {words[i], i, true};
    words[i] = owned_word(handle.owner(), granule_at(handle, i));
  });
  // Somebody's mark: the frame has two owners. Anything else: somebody wrote to what was nobody's.
  if (found.wrong) complain(is_owned(found.word) ? "X1" : "X5", world, handle, found, name_of(call), thread);
  return handle;
}

void check_marks(World& world, const Thread& thread, Handle handle, const char* when) {
  const std::uint64_t* const words = world.words(handle.granule());
  Found found;
  for_each_marked(handle.words(), [&](std::uint64_t i) {
    if (words[i] != owned_word(handle.owner(), granule_at(handle, i)) && !found.wrong)
      found = {words[i], i, true};
  });
  if (found.wrong) complain(is_owned(found.word) ? "X1" : "X5", world, handle, found, when, thread);
}

void give_back(World& world, Thread& thread, Handle handle) {
  check_marks(world, thread, handle, "before its free");
  std::uint64_t* const words = world.words(handle.granule());
  for_each_marked(handle.words(),
                  [&](std::uint64_t i) { words[i] = freed_word(handle.owner(), granule_at(handle, i)); });
  const Status status =
      handle.kind() == Kind::kBlock
          ? make_call(thread, Call::kFree,
                      [&] { return world.pages().free_page(Pfn{handle.pfn()}, Order{handle.size()}); })
          : make_call(thread, Call::kKfree, [&] { return world.objects().kfree(Address{handle.address()}); });
  if (status != Status::kOk) {
    complaints().add(
        "X3", "the free of a live {} of size {} at frame {} ({:#x}) by thread {} {} was answered {}",
        handle.kind() == Kind::kBlock ? "block" : "object", handle.size(), handle.pfn(), handle.address(),
        thread.number, name_of(thread.at()), labyrinth_status_name(static_cast<labyrinth_status>(status)));
  }
}

void keep(World& world, Thread& thread, Handle handle) {
  Context& context = thread.context();
  const bool is_task = thread.at() == LABYRINTH_TASK;
  const std::uint32_t choice = context.random.below(16);
  if (choice == 0 && world.cache().put(handle, 0)) return;
  // What a handler got stays when it has returned; a task sees to it later.
  if ((!is_task || choice < 4) && world.exchange().put(handle, context.random.next())) return;
  if (is_task && thread.holds < thread.held.size()) {
    thread.held[thread.holds++] = handle;
    return;
  }
  give_back(world, thread, handle);
}

Handle take_any(World& world, Thread& thread) {
  Chance& random = thread.context().random;
  if (thread.at() == LABYRINTH_TASK && thread.holds != 0 && !random.once_in(4)) {
    std::swap(thread.held[random.below(static_cast<std::uint32_t>(thread.holds))],
              thread.held[thread.holds - 1]);
    return thread.held[--thread.holds];
  }
  return world.exchange().take(random.next());
}

void give_back_all(World& world, Thread& thread) {
  while (thread.holds != 0) give_back(world, thread, thread.held[--thread.holds]);
}

void empty(World& world, Thread& observer) {
  for (Exchange* const exchange : {&world.exchange(), &world.cache()}) {
    while (const Handle handle = exchange->take(0, Exchange::kSlots)) give_back(world, observer, handle);
  }
}

void judge_refusal(Thread& thread, Call call, Status status, bool may_be_fragmented, std::uint32_t gfp,
                   std::uint64_t size) {
  const auto object = [&](std::string_view clause, std::string_view why) {
    complaints().add(clause, "{} of size {} with gfp {:#x} by thread {} {} was answered {}, {}",
                     name_of(call), size, gfp, thread.number, name_of(thread.at()),
                     labyrinth_status_name(static_cast<labyrinth_status>(status)), why);
  };
  if (status == Status::kContended && thread.is_undisturbed()) {
    object("E3", "and nobody else took a step during the call");
  }
  if (status == Status::kFragmented && !may_be_fragmented) object("E2", "and one frame is never fragmented");
  if (status == Status::kBadArgument) object("X2", "although all of it exists");
  if (status == Status::kBadContext) object("C1", "and may sleep there");
  if ((gfp & LABYRINTH_GFP_NOFAIL) != 0) object("E2", "and is never to be refused");
}

void act(World& world, Thread& thread) {
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
