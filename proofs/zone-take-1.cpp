// Requests of order 1 to a zone: proofs/zone_take.hpp says what is proved.
#include "64_frames.hpp"
#include "highatomic.cpp"
#include "ownership_contracts.hpp"
#include "zone_take.hpp"

extern "C" void proof() { labyrinth::proof::prove_take<1>(); }
