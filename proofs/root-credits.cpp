// A zone's credits are taken only if the floor is still left at the step that takes them, whatever others do
// before each access; a refusal changes nothing in the end, and comes only where frames were short.
//
// Rely: others change the counter to anything between -2^40 and 2^40. Guarantee: this context takes what it
// needs, or gives back what it took. Geometry: the root of any zone; needs up to 2^20 frames, floors up to
// 2^33 (a mark and a lowmem reserve of 32 bits each).
#include "credits.cpp"
#include "labyrinth/proof.hpp"

using namespace labyrinth;

namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 40;
std::int64_t least_seen = kMost;  // that any access of this context read
std::int64_t net = 0;             // what this context has made of the counter
std::int64_t after_first = 0;
std::uint32_t writes = 0;
std::uint32_t accesses = 0;

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t) {
  const auto next = static_cast<std::int64_t>(labyrinth_any("others make of the counter", 64));
  labyrinth_assume(next >= -kMost && next <= kMost);
  *static_cast<std::int64_t*>(address) = next;
  if (next < least_seen) least_seen = next;
  ++accesses;
}

extern "C" void labyrinth_after_write(void*, std::uint64_t before, std::uint64_t after) {
  net += static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
  if (writes == 0) after_first = static_cast<std::int64_t>(after);
  ++writes;
}

extern "C" void proof() {
  const Geometry geometry(0, kFramesPerWord, kWordOrder);
  Credits credits(geometry, nullptr);
  const Frames need{static_cast<std::int64_t>(labyrinth_any("need", 20)) + 1};
  const Frames floor{static_cast<std::int64_t>(labyrinth_any("floor", 33))};
  if (credits.take_from_root(need, floor)) {
    labyrinth_cover("taken");
    labyrinth_prove(writes == 1 && net == -need.value, "E1: what is needed is taken, in one step");
    labyrinth_prove(after_first >= floor.value, "E1: that step leaves the floor");
    labyrinth_prove(accesses <= kRootTakeSteps, "N3: in no more steps than declared");
    return;
  }
  labyrinth_cover("refused");
  if (writes != 0) labyrinth_cover("refused after others were quicker");
  labyrinth_prove(net == 0, "X4: a refusal changes nothing in the end");
  labyrinth_prove(least_seen < need.value + floor.value, "E2: it saw too few frames");
  labyrinth_prove(accesses <= kRootTakeSteps + 1, "N3: in no more steps than declared");
}
