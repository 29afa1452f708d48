// Local mappings are a stack of fixed depth: the newest alone is taken back, overflow and what is out of
// order are answered and change nothing, and every entry below the depth is whole at each instruction;
// whatever the context's mappings are, and whoever nests in between.
//
// From any stack within its depth, one call with any arguments. Rely-guarantee: a handler has a stack of its
// own, as the port promises (context() of mapping.h); that each call touches no stack and no slot but its
// context's own is proved here, and so what the others do is nothing to it. Geometry: a mapper of 64 frames,
// two ranges of them mapped directly, 3 global slots; limits of 0, 2 and 16; stacks that are empty,
// full, or short of it by one, with numbers below 2^27 (so that slots have 32 bits).
#include "labyrinth/proof.hpp"
#include "mapper.cpp"
#include "mapping_slots.cpp"

using namespace labyrinth;
using namespace labyrinth::mapping;

namespace {

constexpr std::uint64_t kFirst = 1000;
constexpr std::uint64_t kFrames = 64;
constexpr std::uint32_t kGlobalSlots = 3;

constinit labyrinth_map_stack own{};
constinit labyrinth_map_stack others{};
constinit std::byte slot_memory[kGlobalSlots * 16]{};
constinit std::byte direct[16 * 4096]{};
bool has_stack = false;
Mapper* mapper = nullptr;
std::uint32_t depth_limit = 0;
std::uint32_t accesses = 0;
std::uint32_t writes = 0;
std::uint32_t slots_set = 0;
std::uint32_t slots_cleared = 0;
std::int32_t preemption_off = 0;  // how often
std::uint32_t watched = 0;        // an entry below the depth, at the call
std::uint32_t depth_at_call = 0;
std::uint64_t set_pfn = 0;

[[nodiscard]] bool same(const labyrinth_map_entry& a, const labyrinth_map_entry& b) {
  return a.pfn == b.pfn && a.address == b.address && a.atomic == b.atomic;
}

labyrinth_map_entry before{};  // the watched entry

// What a debugger or a handler on the same CPU finds, wherever it looks.
void look_around() {
  if (own.depth > depth_at_call) {
    labyrinth_prove(own.entries[depth_at_call].pfn == set_pfn, "C2: an entry below the depth is whole");
  }
}

[[nodiscard]] bool is_of(const labyrinth_map_stack& stack, std::uint32_t slot) {
  return slot - stack.first_slot < depth_limit;
}

labyrinth_map_stack* context(void*) { return has_stack ? &own : nullptr; }
bool may_sleep(void*) {
  labyrinth_prove(false, "C2: a local mapping does not ask whether it may sleep");
  return false;
}
void preempt_disable(void*) {
  labyrinth_prove(slots_set == 0 && writes == 0, "C2: preemption is off before the slot is set");
  ++preemption_off;
}
void preempt_enable(void*) { --preemption_off; }
void* set_slot(void*, std::uint32_t slot, std::uint64_t pfn) {
  look_around();
  labyrinth_prove(slot == own.first_slot + depth_at_call && is_of(own, slot),
                  "C2: the slot is the context's next one");
  labyrinth_prove(!is_of(others, slot) && slot >= kGlobalSlots, "C2: and nobody else's");
  ++slots_set;
  set_pfn = pfn;
  return reinterpret_cast<void*>(labyrinth_any("address of the slot", 64));
}
void clear_slot(void*, std::uint32_t slot) {
  look_around();
  labyrinth_prove(slot + 1 == own.first_slot + depth_at_call && is_of(own, slot),
                  "C2: the slot is the context's newest one");
  labyrinth_prove(!is_of(others, slot) && slot >= kGlobalSlots, "C2: and nobody else's");
  labyrinth_prove(own.depth + 1 == depth_at_call, "C2: an entry is gone before its slot reaches nothing");
  ++slots_cleared;
}

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t) {
  labyrinth_prove(address == &own.depth, "C2: no stack is touched but the context's own");
  look_around();
  ++accesses;
}

extern "C" void labyrinth_after_write(void*, std::uint64_t, std::uint64_t) {
  look_around();
  ++writes;
}

namespace {

void others_stand() {
  const labyrinth_map_entry* entry = own.entries;
  for (std::uint32_t i = 0; i < LABYRINTH_MAX_MAP_DEPTH; ++i, ++entry) {
    if (i != watched || i >= depth_at_call || i >= own.depth) continue;
    labyrinth_prove(same(*entry, before), "C2: what is mapped stays as it is");
  }
}

[[nodiscard]] bool nothing_changed() {
  return writes == 0 && slots_set == 0 && slots_cleared == 0 && preemption_off == 0 &&
         own.depth == depth_at_call;
}

[[nodiscard]] bool is_direct(std::uint64_t pfn) { return mapper->page_address(pfn) != nullptr; }

void map() {
  const std::uint64_t pfn = labyrinth_any("pfn", 64);
  const bool atomic = labyrinth_any("atomic", 1) != 0;
  void* address = nullptr;
  set_pfn = pfn;
  const Status status = mapper->map_local(pfn, atomic, address);
  labyrinth_prove(accesses <= LocalStack::kSteps, "N3: in no more steps than declared");
  if (pfn < kFirst || pfn - kFirst >= kFrames || !has_stack) {
    labyrinth_cover("no such frame, or no stack");
    labyrinth_prove(status == Status::kBadArgument && nothing_changed(),
                    "C2: what cannot be mapped is answered so, and changes nothing");
    return;
  }
  if (depth_at_call == depth_limit) {
    labyrinth_cover("too deep");
    labyrinth_prove(status == Status::kExhausted && nothing_changed(),
                    "C2: overflow is answered so, and changes nothing");
    return;
  }
  labyrinth_cover("mapped");
  labyrinth_prove(status == Status::kOk && own.depth == depth_at_call + 1 && writes == 1,
                  "C2: a mapping is pushed, in one step");
  const labyrinth_map_entry wanted{pfn, address, atomic};
  labyrinth_prove(same(own.entries[depth_at_call], wanted), "C2: its entry says what is mapped, and where");
  labyrinth_prove(set_pfn == pfn && slots_set == (is_direct(pfn) ? 0 : 1),
                  "C2: a slot is set if the frame has no address of its own");
  labyrinth_prove(preemption_off == (atomic ? 1 : 0), "C2: preemption is off from map_atomic on");
}

void unmap() {
  auto* const address = reinterpret_cast<void*>(labyrinth_any("address", 64));
  const bool atomic = labyrinth_any("atomic", 1) != 0;
  // Copied by its members: CBMC has its trouble with the bytes of a whole.
  labyrinth_map_entry newest{};
  if (depth_at_call != 0) {
    newest.pfn = own.entries[depth_at_call - 1].pfn;
    newest.address = own.entries[depth_at_call - 1].address;
    newest.atomic = own.entries[depth_at_call - 1].atomic;
  }
  const Status status = mapper->unmap_local(address, atomic);
  labyrinth_prove(accesses <= LocalStack::kSteps, "N3: in no more steps than declared");
  if (!has_stack || depth_at_call == 0 || newest.address != address || newest.atomic != atomic) {
    labyrinth_cover("out of order");
    labyrinth_prove(status == Status::kBadArgument && nothing_changed(),
                    "C2: what is not the newest mapping is refused, and nothing is changed");
    return;
  }
  labyrinth_cover("unmapped");
  labyrinth_prove(status == Status::kOk && own.depth + 1 == depth_at_call && writes == 1,
                  "C2: the newest mapping is popped, in one step");
  labyrinth_prove(slots_cleared == (is_direct(newest.pfn) ? 0 : 1), "C2: its slot reaches nothing");
  labyrinth_prove(preemption_off == (atomic ? -1 : 0), "C2: preemption is on again after unmap_atomic");
}

// One call, from a stack of `depth` entries where `limit` are permitted: constants, for CBMC's sake.
void call(std::uint32_t limit, std::uint32_t depth, bool maps) {
  labyrinth_mapper_config config{};
  config.first_pfn = kFirst;
  config.frames = kFrames;
  config.direct[0] = {.first_pfn = kFirst, .frames = 16, .base = direct};
  config.direct[2] = {.first_pfn = kFirst + 40, .frames = 8, .base = direct};
  config.map_slots = kGlobalSlots;
  config.depth = depth_limit = limit;
  config.port = {.self = nullptr,
                 .context = context,
                 .may_sleep = may_sleep,
                 .preempt_disable = preempt_disable,
                 .preempt_enable = preempt_enable,
                 .set_slot = set_slot,
                 .clear_slot = clear_slot,
                 .wait_for_slot = nullptr,
                 .wake_waiters = nullptr};
  labyrinth_prove(is_valid(config), "C2: the mapper is a valid one");
  Mapper made(config, slot_memory);
  mapper = &made;
  const auto number = static_cast<std::uint32_t>(labyrinth_any("stack number", 27));
  const auto other = static_cast<std::uint32_t>(labyrinth_any("another's stack number", 27));
  labyrinth_assume(number != other);
  made.set_up(own, number);
  made.set_up(others, other);
  labyrinth_prove(own.depth == 0, "C2: a new stack is empty");
  watched = static_cast<std::uint32_t>(labyrinth_any("watched", 4));
  for (std::uint32_t i = 0; i < LABYRINTH_MAX_MAP_DEPTH; ++i) {
    labyrinth_map_entry& entry = own.entries[i];
    entry.pfn = labyrinth_any("entry's pfn", 64);
    entry.address = reinterpret_cast<void*>(labyrinth_any("entry's address", 64));
    entry.atomic = labyrinth_any("entry is atomic", 1) != 0;
    if (i != watched) continue;
    before.pfn = entry.pfn;
    before.address = entry.address;
    before.atomic = entry.atomic;
  }
  own.depth = depth_at_call = depth;
  if (maps) {
    map();
  } else {
    unmap();
  }
  others_stand();
}

}  // namespace

extern "C" void proof() {
  const bool maps = labyrinth_any("maps", 1) != 0;
  has_stack = true;
  switch (labyrinth_any("case", 3)) {
    case 0:
      return call(0, 0, maps);
    case 1:
      return call(2, 1, maps);
    case 2:
      return call(2, 2, maps);
    case 3:
      return call(LABYRINTH_MAX_MAP_DEPTH, 0, maps);
    case 4:
      return call(LABYRINTH_MAX_MAP_DEPTH, LABYRINTH_MAX_MAP_DEPTH - 1, maps);
    case 5:
      return call(LABYRINTH_MAX_MAP_DEPTH, LABYRINTH_MAX_MAP_DEPTH, maps);
    default:
      has_stack = false;
      return call(2, 1, maps);
  }
}
