// In any ownership word, the block that a claim of an order chooses is aligned, lies in the word, and is
// free; claiming it takes its frames and no others; and if there is none, no such block is free.
//
// Geometry: one word of 32 frames, orders 0 to 4. Assumes nothing of the word: any of 2^64 values.
#include "labyrinth/proof.hpp"
#include "ownership_word.hpp"

using namespace labyrinth;

extern "C" void proof() {
  const Word word = labyrinth_any("word", 64);
  const Order order{static_cast<std::uint32_t>(labyrinth_any("order", 3))};
  labyrinth_assume(order <= kLargestInWord);
  const Word used = used_frames(word);
  const Word free = free_blocks(word, order);
  const std::uint32_t size = 1u << order.value;
  if (free == 0) {
    labyrinth_cover("refused");
    // One witness stands for all blocks of the order.
    const auto start = static_cast<std::uint32_t>(labyrinth_any("witness", 5));
    labyrinth_assume(start % size == 0);
    bool taken = false;
    for (std::uint32_t s = 0; s < kFramesPerWord; ++s) {
      const bool inside = start <= s && s < start + size;
      taken = taken || (inside && (used & node_bit(Order{0}, s)) != 0);
    }
    labyrinth_prove(taken, "E2: no block of the order is free in a word that has none");
    return;
  }
  const std::uint32_t start = node_start(order, free & (~free + 1));
  labyrinth_cover("claimed");
  labyrinth_prove(start + size <= kFramesPerWord, "X2: the block lies in the word");
  labyrinth_prove(start % size == 0, "X2: the block is aligned to its order");
  Word mine = 0;
  for (std::uint32_t s = 0; s < kFramesPerWord; ++s) {
    if (start <= s && s < start + size) mine |= node_bit(Order{0}, s);
  }
  labyrinth_prove((used & mine) == 0, "X1: the block's frames belong to nobody");
  labyrinth_prove(used_frames(word | node_bit(order, start)) == (used | mine),
                  "X1: its claim takes its frames and no others");
}
