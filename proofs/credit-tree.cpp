// Credits below a zone's root, whatever others do before each access. Those of a block are taken from the
// parent first and returned to the child first, so that a call never holds more at a node than at the node
// above it (I2 of impl/src/credits.hpp). A descent holds one credit of the chunk that it names, whose take
// left 0 or more, or has given back all that it took.
//
// Rely: others make of a counter anything within 2^20 of 0. Guarantee, after each write: I2, and that no
// counter is given more than this call took from it (its share of I1). A witness, any chunk, may be left a
// credit by all others: then a descent fails only if it lost all the races that it may. Geometry: paths are
// those of a tree of two levels (65 chunks), to its first chunk, and to the last one of each node; needs up
// to 32 frames. A descent is through one level, of three chunks, from any hint. Assumes: the caller holds at
// the root what it takes below it (root-credits), and at each node on the way what it returns.
#include "credits.cpp"
#include "labyrinth/proof.hpp"

using namespace labyrinth;

namespace {

constexpr std::int32_t kMost = 1 << 20;
constexpr std::uint32_t kFew = 3;             // chunks, all below the root
constexpr std::uint32_t kMany = kFanOut + 1;  // chunks of a tree of two levels, with two nodes

// As Layout says: level 0 first.
struct alignas(kCacheLine) Line {
  std::int32_t count;
};
static_assert(sizeof(Line) == sizeof(CreditNode));
constinit Line nodes[kMany + 2] = {};

// What this context holds, by level: leaf and top. Of one level there are only leaves.
constinit std::int32_t at_leaf = 0;
constinit std::int32_t at_top = 0;
constinit std::int32_t at_root = 0;
constinit std::uint32_t leaf = 0;  // where
constinit const void* leaf_of_path = nullptr;
constinit const void* top_of_path = nullptr;  // of a tree of two levels
constinit std::int32_t left_by_take = 0;
constinit bool is_shared = false;
constinit std::uint32_t accesses = 0;
constinit ChunkIndex kept = kFew;  // the witness, if any

void is_held_by_level() {
  labyrinth_prove(at_leaf >= 0 && at_top >= 0, "E1: no counter is given more than was taken from it (I1)");
  const std::int32_t above = top_of_path == nullptr ? at_root : at_top;
  labyrinth_prove(at_leaf <= above && above <= at_root,
                  "E1: no more is held at a node than at the one above it (I2)");
}

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t) {
  if (!is_shared) return;
  ++accesses;
  const auto next = static_cast<std::int32_t>(labyrinth_any("others make of the counter", 32));
  labyrinth_assume(-kMost <= next && next <= kMost);
  for (std::uint32_t chunk = 0; chunk < kFew; ++chunk) {
    if (address == &nodes[chunk]) labyrinth_assume(kept != chunk || next >= 1);
  }
  *static_cast<std::int32_t*>(address) = next;
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  if (!is_shared) return;
  const auto taken = static_cast<std::int32_t>(static_cast<std::uint32_t>(before - after));
  if (taken > 0) left_by_take = static_cast<std::int32_t>(static_cast<std::uint32_t>(after));
  if (top_of_path != nullptr) {
    labyrinth_prove(address == leaf_of_path || address == top_of_path, "E1: no other node is written");
    if (address == leaf_of_path) at_leaf += taken;
    if (address == top_of_path) at_top += taken;
    return is_held_by_level();
  }
  bool known = false;
  for (std::uint32_t chunk = 0; chunk < kFew; ++chunk) {
    if (address != &nodes[chunk]) continue;
    known = true;
    labyrinth_prove(at_leaf == 0 || leaf == chunk, "E1: frames are held at one node of a level");
    leaf = chunk;
  }
  labyrinth_prove(known, "X1: nothing but counters is written");
  at_leaf += taken;
  is_held_by_level();
}

namespace {

template <ChunkIndex kHint>
[[gnu::noinline]] void descend() {
  constexpr Geometry kGeometry(0, kFew * kFramesPerWord, kWordOrder);
  static_assert(kGeometry.levels() == 1);
  Credits credits(kGeometry, reinterpret_cast<std::byte*>(nodes));
  kept = static_cast<ChunkIndex>(labyrinth_any("chunk that keeps a credit", 2));
  at_root = 1;
  is_shared = true;
  Patience patience;
  ChunkIndex chunk = kFew;
  const bool found = credits.descend(kHint, patience, chunk);
  const std::uint32_t lost = kPatience - patience.left();
  labyrinth_prove(accesses <= kFew + 1 + 2 * lost, "N3: in no more steps than declared");
  if (found) {
    labyrinth_cover("descended");
    labyrinth_prove(chunk < kFew && chunk == leaf && at_leaf == 1, "X2: the credit is of the chunk it names");
    labyrinth_prove(left_by_take >= 0, "E2: the chunk has a frame for it (I1)");
    return;
  }
  labyrinth_cover("found nothing");
  labyrinth_prove(at_leaf == 0, "X4: a descent that fails changes nothing in the end");
  labyrinth_prove(kept == kFew || patience.is_gone(), "E3: a chunk that keeps its credit is found");
}

template <ChunkIndex kChunk>
[[gnu::noinline]] void pass_along() {
  constexpr Geometry kGeometry(0, kMany * kFramesPerWord, kWordOrder);
  static_assert(kGeometry.levels() == 2);
  Credits credits(kGeometry, reinterpret_cast<std::byte*>(nodes));
  const auto need = static_cast<std::int32_t>(labyrinth_any("need", 5)) + 1;
  leaf_of_path = &nodes[kChunk];
  top_of_path = &nodes[kMany + kChunk / kFanOut];
  at_root = need;
  is_shared = true;
  if (labyrinth_any("takes", 1) != 0) {
    credits.debit_path(kChunk, Frames{need});
    labyrinth_cover("debited");
    labyrinth_prove(at_top == need && at_leaf == need, "E1: each node on the way is debited");
  } else {
    at_top = at_leaf = need;
    credits.credit_path(kChunk, Frames{need});
    labyrinth_cover("credited");
    labyrinth_prove(at_top == 0 && at_leaf == 0, "X4: each node on the way has its credits back");
  }
  labyrinth_prove(accesses == kGeometry.levels(), "N3: in as many steps as there are levels");
}

}  // namespace

extern "C" void proof() {
  switch (labyrinth_any("case", 3)) {
    case 0:
      return descend<0>();
    case 1:
      return descend<1>();
    case 2:
      return descend<2>();
    case 3:
      return pass_along<0>();
    case 4:
      return pass_along<kFanOut - 1>();
    case 5:
      return pass_along<kFanOut>();
    default:
      return;
  }
}
