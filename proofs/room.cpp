// A room, whatever others do before each access: a frame is taken in one step, inside the room, and was
// nobody's; or nothing is changed, and then for a reason; a free gives back exactly the frame that it names,
// in the room that it lies in.
//
// Rely-guarantee, so for any number of CPUs and any nesting of interrupts: others change the word as they
// like, but clear neither a frame of this context nor the bits beyond the room's frames. Geometry: three
// rooms of 1 to 64 frames each, one behind another. Assumes: of take_at_once, take and release one call, of a
// frame inside (labyrinth::Memory checks that).
#include "labyrinth/proof.hpp"
#include "memory.hpp"

using namespace labyrinth;

namespace {

constexpr std::uint32_t kRooms = 3;

alignas(Room) std::byte storage[kRooms * sizeof(Room)];
std::uint64_t* word = nullptr;  // the one that the call is about
std::uint64_t fence = 0;        // bits beyond the room's frames
std::uint64_t mine = 0;
std::uint64_t written_over = 0;
std::uint64_t written = 0;
std::uint32_t writes = 0;
std::uint32_t accesses = 0;
std::uint32_t moves = 0;     // of others, between this call's accesses
bool has_been_full = false;  // when an access of this call looked

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t) {
  labyrinth_prove(address == word, "E4: no other room is touched");
  const std::uint64_t next = labyrinth_any("others make of the room", 64);
  labyrinth_assume((next & (fence | mine)) == (fence | mine));
  if (accesses != 0 && next != *word) ++moves;
  *word = next;
  if (~next == 0) has_been_full = true;
  ++accesses;
}

extern "C" void labyrinth_after_write(void*, std::uint64_t before, std::uint64_t after) {
  labyrinth_prove((after & fence) == fence, "X2: what is beyond the room's frames stays taken");
  written_over = before;
  written = after;
  ++writes;
}

namespace {

void taken(Room::Taken result) {
  if (result.status == Status::kOk) {
    const std::uint64_t bit = std::uint64_t{1} << result.frame;
    labyrinth_prove((bit & fence) == 0, "X2: the frame is one of the room's");
    labyrinth_prove(writes == 1, "X1: it is taken in one step");
    labyrinth_prove((written_over & bit) == 0, "X1: it was nobody's");
    labyrinth_prove(written == (written_over | bit), "X1: and no other frame changes hands");
    return;
  }
  labyrinth_prove(writes == 0, "X4: nothing is changed by a refusal");
}

void take_at_once(Room& room) {
  const Room::Taken result = room.take_at_once();
  labyrinth_prove(accesses <= 2, "N3: in no more steps than declared");
  taken(result);
  if (result.status == Status::kOk) return labyrinth_cover("taken at once");
  labyrinth_cover("not at once");
  labyrinth_prove(has_been_full || moves != 0,
                  "E3: it fails for a reason: no frame, or a race that was lost");
}

void take(Room& room) {
  const Room::Taken result = room.take();
  labyrinth_prove(accesses <= 1 + kPatience && accesses + 2 <= kRoomSteps,
                  "N3: in no more steps than declared");
  taken(result);
  if (result.status == Status::kOk) {
    if (moves != 0) labyrinth_cover("taken after a lost race");
  } else if (result.status == Status::kExhausted) {
    labyrinth_cover("exhausted");
    labyrinth_prove(has_been_full, "E2: a single look showed that no frame was free");
  } else {
    labyrinth_cover("contended");
    labyrinth_prove(result.status == Status::kContended && moves >= kPatience,
                    "E3: contended is answered only if others took a step for each race that was lost");
  }
}

void release(const Memory::Rooms& rooms, std::uint32_t room, std::uint32_t frame) {
  const std::uint64_t bit = std::uint64_t{1} << frame;
  const bool is_owner = labyrinth_any("the caller owns it", 1) != 0;
  if (is_owner) {
    mine = bit;
    *word |= bit;
  }
  const auto distance = static_cast<std::uint32_t>(rooms.pfn(room, frame).value - rooms.first_pfn);
  labyrinth_prove(distance < kRooms * rooms.frames, "X2: a frame of a room lies in its zone of rooms");
  const bool is_freed = rooms.release(distance);
  labyrinth_prove(accesses == 1 && writes == 1, "N3: a free is one step");
  labyrinth_prove(written == (written_over & ~bit), "X3: nothing but the frame that is named changes");
  labyrinth_prove(is_freed == ((written_over & bit) != 0), "X3: it is freed if, and only if, it was taken");
  labyrinth_prove(is_freed || !is_owner, "X3: the free of a live frame succeeds");
  if (is_freed) return labyrinth_cover("freed");
  labyrinth_cover("refused");
}

}  // namespace

extern "C" void proof() {
  const auto frames = static_cast<std::uint32_t>(labyrinth_any("frames", 7));
  labyrinth_assume(frames >= 1 && frames <= 64);
  auto* const first = ::new (storage) Room(frames);
  for (std::uint32_t i = 1; i < kRooms; ++i) ::new (storage + i * sizeof(Room)) Room(frames);
  Memory::Rooms rooms{.first_pfn = labyrinth_any("first pfn", 52),
                      .all_frames = std::uint64_t{kRooms} * frames,
                      .frames = frames,
                      .count = kRooms,
                      .rooms = first};
  if (std::has_single_bit(frames)) rooms.shift = static_cast<std::uint32_t>(std::countr_zero(frames));
  const auto room = static_cast<std::uint32_t>(labyrinth_any("room", 2));
  const auto frame = static_cast<std::uint32_t>(labyrinth_any("frame", 6));
  labyrinth_assume(room < kRooms && frame < frames);

  word = reinterpret_cast<std::uint64_t*>(storage + room * sizeof(Room));
  labyrinth_prove(frames == 64 ? *word == 0 : *word == ~((std::uint64_t{1} << frames) - 1),
                  "X4: a new room has all of its frames and no others");
  fence = *word;
  *word = labyrinth_any("word", 64);
  labyrinth_assume((*word & fence) == fence);
  switch (labyrinth_any("call", 2)) {
    case 0:
      return take_at_once(rooms.at(room));
    case 1:
      return take(rooms.at(room));
    default:
      return release(rooms, room, frame);
  }
}
