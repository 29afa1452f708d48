// The mutations of traces as a library for AFL++: AFL_CUSTOM_MUTATOR_LIBRARY=liblabyrinth_afl_mutator.so.
//
// One in two mutations is afl-fuzz's own, of bytes, as with libFuzzer. Without a machine: edits that look at
// a run are what labyrinth_afl makes up for with --near. The names are AFL++'s (docs/custom_mutators.md
// there).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "mutate.hpp"

namespace {

struct Mutator {
  std::uint64_t chance = 0;
  std::array<std::uint8_t, labyrinth::machine::kMaxEncodedSize> bytes{};
};

}  // namespace

extern "C" {

// NOLINTBEGIN(readability-identifier-naming)
[[gnu::visibility("default")]] void* afl_custom_init(void* /*afl*/, unsigned seed) {
  auto* const mutator = new Mutator;
  mutator->chance = seed;
  return mutator;
}

[[gnu::visibility("default")]] void afl_custom_deinit(void* data) { delete static_cast<Mutator*>(data); }

/// `other`: another entry of the queue, to splice with; null if there is none. Returns the size of what *out
/// then points to, at most max_size.
[[gnu::visibility("default")]] std::size_t afl_custom_fuzz(void* data, std::uint8_t* input, std::size_t size,
                                                           std::uint8_t** out, std::uint8_t* other,
                                                           std::size_t other_size, std::size_t max_size) {
  auto& mutator = *static_cast<Mutator*>(data);
  const std::size_t room = std::min(max_size, mutator.bytes.size());
  const std::span<std::uint8_t> to(mutator.bytes.data(), room);
  size = std::min(size, room);
  const std::uint64_t seed = labyrinth::machine::next_random(mutator.chance);
  std::size_t made = 0;
  if (other != nullptr && seed % 8 == 0) {
    made = labyrinth::fuzz::cross({input, size}, {other, other_size}, to, seed);
  } else {
    std::memcpy(to.data(), input, size);
    made = labyrinth::fuzz::mutate(to, size, nullptr, seed);
  }
  if (made == 0) {  // No room for what was drawn: the input as it is.
    std::memcpy(to.data(), input, size);
    made = size;
  }
  *out = mutator.bytes.data();
  return made;
}
// NOLINTEND(readability-identifier-naming)

}  // extern "C"
