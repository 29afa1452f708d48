// Frees of blocks within a word, of orders 0 to 4, in a zone: proofs/zone_release.hpp says what is proved.
#include "64_frames.hpp"
#include "zone_release.hpp"

extern "C" void proof() { labyrinth::proof::prove_release<0, 1, 2, 3, 4>(); }
