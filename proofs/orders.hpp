// A proof by cases: the orders of a word, each a constant, since the loops over orders then have constant
// bounds.
#pragma once

#include "labyrinth/proof.hpp"

namespace labyrinth::proof {

/// Calls `visit.operator()<K>()` for any order K from 0 to 4.
template <class Visit>
void with_any_order(Visit visit) noexcept {
  switch (labyrinth_any("order", 3)) {
    case 0:
      return visit.template operator()<0>();
    case 1:
      return visit.template operator()<1>();
    case 2:
      return visit.template operator()<2>();
    case 3:
      return visit.template operator()<3>();
    case 4:
      return visit.template operator()<4>();
    default:
      return;
  }
}

}  // namespace labyrinth::proof
