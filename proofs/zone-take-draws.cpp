// By who draws on what is set apart, and sets more apart: proofs/zone_take_apart.hpp says what is proved.
#include "zone_take_apart.hpp"

extern "C" void proof() { labyrinth::proof::prove_take_for({.draws = true, .sets_apart = true}); }
