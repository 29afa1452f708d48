// Requests for 33 frames to a zone, the least that take a block of order 6:
// proofs/zone_take.hpp says what is proved. Nothing of impl/ is left out. With any number of frames CBMC took
// more than 4 GiB: of the loop over a part's pieces it does not see the end.
#include "64_frames.hpp"
#include "highatomic.cpp"
#include "ownership.cpp"
#include "zone_take.hpp"

extern "C" void proof() { labyrinth::proof::prove_take<6, 33>(); }
