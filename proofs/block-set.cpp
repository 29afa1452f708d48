// A set of blocks finds again what was put in: the word that a block is in and its bit there are that block's
// alone, and of two that take it out one is told that it did.
//
// Geometry: a chunk of order 10, blocks of orders 0 to 10. The set is empty when the block is put in; a
// second block, any other, shows that no two share a bit.
#include "block_set.hpp"
#include "labyrinth/proof.hpp"

using namespace labyrinth;

namespace {

constexpr std::uint32_t kWords = (1u << 10) / kFramesPerWord + 1;
std::uint64_t storage[kWords];

}  // namespace

extern "C" void proof() {
  const Geometry geometry(0, std::uint64_t{1} << 10, Order{10});
  BlockSet set(geometry, reinterpret_cast<std::byte*>(storage));
  const Order order{static_cast<std::uint32_t>(labyrinth_any("order", 4))};
  const auto frame = static_cast<Offset>(labyrinth_any("frame", 10));
  labyrinth_assume(order.value <= 10 && frame % (1u << order.value) == 0);
  const Order other_order{static_cast<std::uint32_t>(labyrinth_any("other order", 4))};
  const auto other = static_cast<Offset>(labyrinth_any("other frame", 10));
  labyrinth_assume(other_order.value <= 10 && other % (1u << other_order.value) == 0);
  labyrinth_assume(other != frame || other_order.value != order.value);

  set.insert(frame, order);
  const std::uint32_t place = set.place_of(frame, order);
  labyrinth_prove(place < kWords, "X4: the block's word is one of the set's");
  const Word bits = set.look(place);
  labyrinth_prove(bits != 0 && (bits & (bits - 1)) == 0, "X4: a block is one bit");
  const BlockSet::Place found = set.at(place, bits);
  labyrinth_prove(found.frame == frame && found.order.value == order.value, "X4: the bit tells its block");
  labyrinth_prove(!set.erase(other, other_order), "X3: another block is not in the set");
  labyrinth_prove(set.erase(frame, order), "X4: the block is still there");
  labyrinth_prove(!set.erase(frame, order), "X3: and taken out once");
  if (order.value > kWordOrder.value) labyrinth_cover("across words");
  if (order.value <= kWordOrder.value) labyrinth_cover("in a word");
}
