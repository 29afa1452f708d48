// Requests of order 7, for blocks of four words, to a zone: proofs/zone_take.hpp says what is proved. Nothing
// of impl/ is left out.
#include "128_frames.hpp"
#include "highatomic.cpp"
#include "ownership.cpp"
#include "zone_take.hpp"

extern "C" void proof() { labyrinth::proof::prove_take<7>(); }
