// The complaints of a program that is one process.
#include "complaints.hpp"

namespace labyrinth::shipping {

Complaints& complaints() {
  static constinit Complaints all;
  return all;
}

}  // namespace labyrinth::shipping
