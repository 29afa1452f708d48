// Requests for a single frame to a zone: proofs/zone_take.hpp says what is proved. The hint is a frame of the
// first word alone; with both in one proof the solver does not end.
#include "64_frames.hpp"
#include "highatomic.cpp"
#include "ownership_contracts.hpp"
#include "zone_take.hpp"

using namespace labyrinth;

extern "C" void proof() {
  const Frames keep{static_cast<std::int64_t>(labyrinth_any("highest floor", 33))};
  Zone zone(proof::zone_setup(keep), reinterpret_cast<std::byte*>(&proof::memory), 0);
  proof::share(zone);
  proof::take<0, 0>(zone);
}
