// Marks, giving back, and passing on.
#include "workload.hpp"

#include <utility>

#include "complaints.hpp"

namespace labyrinth::shipping {
namespace {

struct Found {
  std::uint64_t word = 0;
  std::uint64_t at = 0;
  bool wrong = false;
};

[[nodiscard]] std::string_view noun_of(Kind kind) {
  if (kind == Kind::kObject) return "object";
  return kind == Kind::kBlock ? "block" : "run of frames";
}

void complain(std::string_view clause, Workload& work, Handle handle, const Found& found,
              std::string_view when, const Thread& thread) {
  const Owner owner = handle.owner();
  const Owner other{static_cast<std::uint32_t>(found.word)};
  const std::string_view whose = is_owned(found.word)     ? "the mark of"
                                 : is_nobodys(found.word) ? "what nobody's words have, last"
                                                          : "no mark at all, read as";
  complaints().add(
      clause,
      "frame {} (world {}, {} of size {} at {:#x}), word {}: {:#x}, {} thread {} {} number {}; it belongs to "
      "thread {} {} number {}; seen {} by thread {} {}",
      handle.pfn(), work.name(), noun_of(handle.kind()), handle.size(), handle.address(), found.at,
      found.word, whose, other.thread(), name_of(other.level()), other.serial(), owner.thread(),
      name_of(owner.level()), owner.serial(), when, thread.number, name_of(thread.at()));
}

[[nodiscard]] std::uint64_t granule_at(Handle handle, std::uint64_t word) {
  return handle.granule() + word / 2;
}

}  // namespace

void Workload::interrupt(Thread& thread) {
  for (std::uint32_t i = thread.context().random.below(3) + 1; i > 0; --i) act(thread);
}

Handle take(Workload& work, Thread& thread, Kind kind, std::uint32_t size, std::uint64_t granule, Call call) {
  const Handle handle = Handle::make(kind, size, granule, thread.new_owner());
  std::uint64_t* const words = work.words(granule);
  Found found;
  for_each_marked(handle.words(), [&](std::uint64_t i) {
    const bool wrong = work.writes_to_free_frames() ? is_owned(words[i]) : !is_nobodys(words[i]);
    if (wrong && !found.wrong) found = {words[i], i, true};
    words[i] = owned_word(handle.owner(), granule_at(handle, i));
  });
  // Somebody's mark: the frame has two owners. Anything else: somebody wrote to what was nobody's.
  if (found.wrong) complain(is_owned(found.word) ? "X1" : "X5", work, handle, found, name_of(call), thread);
  return handle;
}

void check_marks(Workload& work, const Thread& thread, Handle handle, const char* when) {
  const std::uint64_t* const words = work.words(handle.granule());
  Found found;
  for_each_marked(handle.words(), [&](std::uint64_t i) {
    if (words[i] != owned_word(handle.owner(), granule_at(handle, i)) && !found.wrong)
      found = {words[i], i, true};
  });
  if (found.wrong) complain(is_owned(found.word) ? "X1" : "X5", work, handle, found, when, thread);
}

void give_back(Workload& work, Thread& thread, Handle handle) {
  check_marks(work, thread, handle, "before its free");
  std::uint64_t* const words = work.words(handle.granule());
  for_each_marked(handle.words(),
                  [&](std::uint64_t i) { words[i] = freed_word(handle.owner(), granule_at(handle, i)); });
  const labyrinth_status status = work.release(thread, handle);
  if (status != LABYRINTH_OK) {
    complaints().add("X3",
                     "the free of a live {} of size {} at frame {} ({:#x}) by thread {} {} was answered {}",
                     noun_of(handle.kind()), handle.size(), handle.pfn(), handle.address(), thread.number,
                     name_of(thread.at()), labyrinth_status_name(status));
  }
}

void keep(Workload& work, Thread& thread, Handle handle) {
  Context& context = thread.context();
  const bool is_task = thread.at() == LABYRINTH_TASK;
  const std::uint32_t choice = context.random.below(16);
  if (choice == 0 && work.cache().put(handle, 0)) return;
  // What a handler got stays when it has returned; a task sees to it later.
  if ((!is_task || choice < 4) && work.exchange().put(handle, context.random.next())) return;
  if (is_task && thread.holds < thread.held.size()) {
    thread.held[thread.holds++] = handle;
    return;
  }
  give_back(work, thread, handle);
}

Handle take_any(Workload& work, Thread& thread) {
  Chance& random = thread.context().random;
  if (thread.at() == LABYRINTH_TASK && thread.holds != 0 && !random.once_in(4)) {
    std::swap(thread.held[random.below(static_cast<std::uint32_t>(thread.holds))],
              thread.held[thread.holds - 1]);
    return thread.held[--thread.holds];
  }
  return work.exchange().take(random.next());
}

void give_back_all(Workload& work, Thread& thread) {
  while (thread.holds != 0) give_back(work, thread, thread.held[--thread.holds]);
}

void empty(Workload& work, Thread& observer) {
  for (Exchange* const exchange : {&work.exchange(), &work.cache()}) {
    while (const Handle handle = exchange->take(0, Exchange::kSlots)) give_back(work, observer, handle);
  }
}

void judge_refusal(Thread& thread, Call call, labyrinth_status status, bool may_be_fragmented,
                   std::uint32_t gfp, std::uint64_t size) {
  const auto object = [&](std::string_view clause, std::string_view why) {
    complaints().add(clause, "{} of size {} with gfp {:#x} by thread {} {} was answered {}, {}",
                     name_of(call), size, gfp, thread.number, name_of(thread.at()),
                     labyrinth_status_name(status), why);
  };
  if (status == LABYRINTH_CONTENDED && thread.is_undisturbed()) {
    object("E3", "and nobody else took a step during the call");
  }
  if (status == LABYRINTH_FRAGMENTED && !may_be_fragmented) object("E2", "and one frame is never fragmented");
  if (status == LABYRINTH_BAD_ARGUMENT) object("X2", "although all of it exists");
  if (status == LABYRINTH_BAD_CONTEXT) object("C1", "and may sleep there");
  if ((gfp & LABYRINTH_GFP_NOFAIL) != 0) object("E2", "and is never to be refused");
}

std::uint64_t shrink(Workload& work, std::uint64_t frames) {
  Thread* const thread = this_thread();
  if (thread == nullptr) return 0;
  if (!thread->may_sleep()) {
    complaints().add("N1", "the shrinker was called in thread {}, {}, where sleeping is not permitted",
                     thread->number, name_of(thread->at()));
    return 0;
  }
  std::uint64_t given = 0;
  while (given < frames) {
    const Handle handle = work.cache().take(0, Exchange::kSlots);
    if (!handle) break;
    given += handle.frames();
    give_back(work, *thread, handle);
  }
  return given;
}

}  // namespace labyrinth::shipping
