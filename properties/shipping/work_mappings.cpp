// C2: addresses of frames that the context owns, in nested local mappings and in global ones.
#include "complaints.hpp"
#include "work.hpp"

namespace labyrinth::shipping {
namespace {

struct Mine {
  World& world;
  Thread& thread;
  Handle handle;

  [[nodiscard]] std::uint64_t pfn() const { return handle.pfn(); }

  // What the address reaches is my frame, whoever mapped what in between.
  void check(const void* address, const char* how) const {
    const std::uint64_t reached = world.reached_by(address);
    if (reached == pfn()) return;
    complaints().add("C2", "{}: the address of frame {} (world {}) in thread {} {} reaches frame {}", how,
                     pfn(), world.shape().name, thread.number, name_of(thread.at()),
                     static_cast<std::int64_t>(reached));
  }
  void expect(Status status, Status wanted, const char* clause, const char* what) const {
    if (status == wanted) return;
    complaints().add(clause, "{} of frame {} (world {}) by thread {} {} was answered {} in the place of {}",
                     what, pfn(), world.shape().name, thread.number, name_of(thread.at()),
                     labyrinth_status_name(static_cast<labyrinth_status>(status)),
                     labyrinth_status_name(static_cast<labyrinth_status>(wanted)));
  }

  using MapLocal = labyrinth_status (*)(labyrinth_mapper*, std::uint64_t, void**);
  using UnmapLocal = labyrinth_status (*)(labyrinth_mapper*, const void*);
  [[nodiscard]] void* map_here(MapLocal map, const char* what) const {
    void* address = nullptr;
    const auto status =
        make_call(thread, Call::kMapLocal, [&] { return map(world.mapper().handle(), pfn(), &address); });
    expect(static_cast<Status>(status), Status::kOk, "C2", what);
    return status == LABYRINTH_OK ? address : nullptr;
  }
  void unmap_here(UnmapLocal unmap, const void* address, Status wanted, const char* what) const {
    const auto status =
        make_call(thread, Call::kMapLocal, [&] { return unmap(world.mapper().handle(), address); });
    expect(static_cast<Status>(status), wanted, "C2", what);
  }
};

// Two of them: the inner one with preemption off, where nothing may sleep.
void map_locally(const Mine& mine) {
  void* const outer = mine.map_here(labyrinth_map_local, "map_local");
  if (outer == nullptr) return;
  mine.check(outer, "map_local");
  void* const inner = mine.map_here(labyrinth_map_atomic, "map_atomic");
  if (inner != nullptr) {
    mine.check(inner, "map_atomic");
    Page page;
    make_call(mine.thread, Call::kAlloc,
              [&] { return mine.world.pages().alloc_page(kKernel, Order{0}, page), 0; });
    mine.expect(page.status, Status::kBadContext, "C1",
                "a request that may sleep, with preemption off, beside a mapping");
    // Any free is permitted here; none may sleep.
    if (const Handle other = take_any(mine.world, mine.thread)) give_back(mine.world, mine.thread, other);
    mine.check(outer, "map_local, with another one inside");
    if (inner != outer) {
      mine.unmap_here(labyrinth_unmap_local, outer, Status::kBadArgument, "an unmap_local out of order");
    }
    mine.unmap_here(labyrinth_unmap_atomic, inner, Status::kOk, "unmap_atomic");
  }
  mine.check(outer, "map_local, after another one inside");
  mine.unmap_here(labyrinth_unmap_local, outer, Status::kOk, "unmap_local");
}

void map_globally(const Mine& mine) {
  const Mapper& mapper = mine.world.mapper();
  const Mapped mapped = make_call(mine.thread, Call::kMap, [&] { return mapper.map(Pfn{mine.pfn()}); });
  if (!mine.thread.may_sleep()) {
    mine.expect(mapped.status, Status::kBadContext, "C1", "map, where sleeping is not permitted,");
    return;
  }
  if (mapped.status == Status::kExhausted) return;
  if (mapped.status == Status::kContended) {
    if (mine.thread.is_undisturbed())
      mine.expect(mapped.status, Status::kOk, "E3", "map with nobody else about");
    return;
  }
  mine.expect(mapped.status, Status::kOk, "C2", "map");
  if (mapped.status != Status::kOk) return;
  mine.check(mapped.address, "map");
  mine.check(mapped.address, "map, a while later");
  Status status = Status::kContended;
  while (status == Status::kContended) {
    status = make_call(mine.thread, Call::kUnmap, [&] { return mapper.unmap(Pfn{mine.pfn()}); });
  }
  mine.expect(status, Status::kOk, "C2", "unmap");
}

}  // namespace

void use_mappings(World& world, Thread& thread) {
  const Handle handle = take_any(world, thread);
  if (!handle) return;
  if (handle.kind() == Kind::kBlock && world.place(handle.pfn()) <= Place::kMovable) {
    const Mine mine{world, thread, handle};
    map_locally(mine);
    if (thread.context().random.once_in(2)) map_globally(mine);
  }
  keep(world, thread, handle);
}

}  // namespace labyrinth::shipping
