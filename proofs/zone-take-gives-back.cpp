// By who passes over what is set apart, and has it given back before being refused:
// proofs/zone_take_apart.hpp says what is proved.
#include "zone_take_apart.hpp"

extern "C" void proof() { labyrinth::proof::prove_take_for({.gives_back = true}); }
