// The reference mapper as part of a target: mapping.h behind labyrinth/machine/target.h.
#pragma once

#include "labyrinth/machine/target.h"

namespace reference_mapper {

extern const labyrinth_target_mapper kTable;

}  // namespace reference_mapper
