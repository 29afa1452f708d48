// Frees of blocks of order 7, of four words, in a zone: proofs/zone_release.hpp says what is proved.
#include "128_frames.hpp"
#include "zone_release.hpp"

extern "C" void proof() { labyrinth::proof::prove_release<7>(); }
