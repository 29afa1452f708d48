// Requests of order 5 to a zone: proofs/zone_take.hpp says what is proved. Nothing of impl/ is left out.
#include "64_frames.hpp"
#include "highatomic.cpp"
#include "ownership.cpp"
#include "zone_take.hpp"

extern "C" void proof() { labyrinth::proof::prove_take<5>(); }
