// A request for two frames, one by one, to a zone as a whole, whatever others do before each of its
// accesses: it gets so many different frames that nobody had, their credits taken at once where the floor was
// left; or it has changed nothing in the end, and says why not as E2 and E3 permit.
//
// Rely-guarantee (proofs/shared_zone.hpp), so for any number of contexts. Geometry: 64 frames, one chunk, a
// hint in the first word; floors to 2^33. A search for a frame is one step (proofs/frame_search.hpp), and so
// is a claim.
#include "64_frames.hpp"
#include "credits.cpp"
#include "frame_search.hpp"
#include "highatomic.cpp"
#include "ownership_contracts.hpp"
#include "pageblocks.cpp"
#include "prepaid.cpp"
#include "search.cpp"
#include "zone.cpp"

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  labyrinth::proof::others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  labyrinth::proof::i_wrote(address, before, after);
}

namespace labyrinth {

[[gnu::noinline]] Found Search::frame(WordIndex hint) noexcept {
  using namespace proof;
  labyrinth_prove(hint < kWords, "X2: the hint is a word of the zone");
  labyrinth_prove(in_hand >= 1 && granted, "E1: who searches has a credit for what it finds");
  FrameSearch search{is_any_free(), false, {Status::kContended}, 0};
  search.steps = static_cast<std::uint32_t>(labyrinth_any("steps of the search", 5));
  others_make_of_word(0);
  others_make_of_word(1);
  search.disturbed = disturbed;
  if (labyrinth_any("a frame is found", 1) != 0) {
    const auto frame = static_cast<Offset>(labyrinth_any("frame that is found", 6));
    const Word before = frame < kFramesPerWord ? memory.words[0] : memory.words[1];
    const Word bit = node_bit(Order{0}, frame % kFramesPerWord);
    labyrinth_assume((before & kPrepaid) == 0 && (used_frames(before) & bit) == 0);
    search.found = {Status::kOk, frame, false, before | bit};
  }
  labyrinth_assume(is_agreed(search));
  accesses += search.steps;
  if (search.found.status != Status::kOk) return search.found;
  if (search.found.frame < kFramesPerWord) {
    write_word(0, search.found.word);
  } else {
    write_word(1, search.found.word);
  }
  return search.found;
}

namespace proof {
namespace {

// With three frames, too, CBMC took more than 4 GiB.
inline constexpr std::uint32_t kCount = 2;
std::uint64_t pfns[kCount];

/// Of the words that are not prepaid.
[[nodiscard]] Frames free_frames() noexcept {
  std::uint32_t sum = 0;
  if ((memory.words[0] & kPrepaid) == 0) sum += free_count(memory.words[0]);
  if ((memory.words[1] & kPrepaid) == 0) sum += free_count(memory.words[1]);
  return Frames{sum};
}

void is_as_answered() noexcept {
  labyrinth_cover("taken");
  Word bits[kWords] = {0, 0};
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const std::uint64_t frame = pfns[i] - kFirstPfn;
    labyrinth_prove(frame < kZoneFrames, "X2: each frame is in the zone");
    const Word bit = node_bit(Order{0}, static_cast<std::uint32_t>(frame % kFramesPerWord));
    labyrinth_prove(((frame < kFramesPerWord ? bits[0] : bits[1]) & bit) == 0,
                    "X1: no frame is given out twice");
    if (frame < kFramesPerWord) {
      bits[0] |= bit;
    } else {
      bits[1] |= bit;
    }
  }
  labyrinth_prove(mine[0] == bits[0] && mine[1] == bits[1] && live == 0 && in_hand == 0,
                  "X1: the frames are what was claimed, and no more");
  labyrinth_prove(granted, "E1: the floor was left");
}

void is_refused(Status status) noexcept {
  labyrinth_prove(keeps_nothing(), "X4: a refusal changes nothing in the end");
  if (status == Status::kExhausted) {
    labyrinth_cover("exhausted");
    labyrinth_prove(found_short, "E2: too few frames were seen, with nothing prepaid in the slot");
  } else {
    labyrinth_cover("contended");
    labyrinth_prove(status == Status::kContended && disturbed, "E3: others moved during the call");
  }
}

[[gnu::noinline]] void take(Zone& zone) noexcept {
  order = Order{0};
  one_by_one = true;
  need = Frames{kCount};
  floor = Frames{static_cast<std::int64_t>(labyrinth_any("floor", 33))};
  // I1, for as many as are wanted.
  const auto credits = *reinterpret_cast<const std::int64_t*>(&root->count);
  labyrinth_assume(credits <= free_frames().value || free_frames() >= need);

  const Status status = zone.take_bulk(kCount, floor, Caller{}, pfns);

  labyrinth_prove(accesses <= bulk_steps(kShape, kCount), "N3: in no more steps than declared");
  if (status == Status::kOk) return is_as_answered();
  is_refused(status);
}

}  // namespace
}  // namespace proof
}  // namespace labyrinth

extern "C" void proof() {
  using namespace labyrinth;
  using namespace labyrinth::proof;
  const Frames keep{static_cast<std::int64_t>(labyrinth_any("highest floor", 33))};
  Zone zone(zone_setup(keep), reinterpret_cast<std::byte*>(&memory), 0);
  share(zone);

  take(zone);
}
