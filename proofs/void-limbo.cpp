// A drain of limbo: each block is taken out by one, unmapped before it is released, released or put back, and
// limbo's count is never less than the blocks in it.
//
// Rely-guarantee, so for any number of contexts, in a context that may sleep; rely, geometry and assumptions:
// void.hpp.
#include "void.hpp"

using namespace labyrinth;

extern "C" void proof() {
  unmaps = true;
  IsolatedZone zone(kSetup, kUnmaps, reinterpret_cast<std::byte*>(storage));
  any_words();
  labyrinth_assume(sleeps);  // Memory::drain() asks; so do those who go on to limbo (route).
  const std::uint64_t most = labyrinth_any("most", 64);
  const std::uint64_t drained = zone.drain(most);
  labyrinth_prove(drained <= most && drained == releases && credits == releases,
                  "X4: as many blocks are released as it says");
  labyrinth_prove(taken == releases + put_back && !in_hands,
                  "X4: what is taken out is released, or put back");
  if (releases != 0) labyrinth_cover("drained");
  if (put_back != 0) labyrinth_cover("put back");
}
