// Frees of blocks of orders 5 and 6 in a zone: proofs/zone_release.hpp says what is proved.
#include "64_frames.hpp"
#include "zone_release.hpp"

extern "C" void proof() { labyrinth::proof::prove_release<5, 6>(); }
