// What the hooks of a proof change is seen behind each atomic access, be it as relaxed as it may. (In a file
// of its own: hooks are a whole program's.)
#include <atomic>
#include <cstdint>

#include "labyrinth/proof.hpp"

namespace {

std::atomic<std::uint32_t> word;
std::uint32_t accesses;
std::uint64_t last_written;

}  // namespace

extern "C" void labyrinth_before_atomic(void*, std::uint32_t) { ++accesses; }
extern "C" void labyrinth_after_write(void*, std::uint64_t, std::uint64_t after) { last_written = after; }

extern "C" {

void counted_at_exchange_defined() {
  accesses = 0;
  static_cast<void>(word.fetch_or(1, std::memory_order_relaxed));
  if (accesses != 1) labyrinth_prove(false, "the access is counted");
}

void counted_at_compare_exchange_defined() {
  accesses = 0;
  std::uint32_t seen = 0;
  static_cast<void>(word.compare_exchange_strong(seen, 2, std::memory_order_relaxed));
  if (accesses != 1) labyrinth_prove(false, "the access is counted");
}

void counted_at_load_defined() {
  accesses = 0;
  static_cast<void>(word.load(std::memory_order_relaxed));
  if (accesses != 1) labyrinth_prove(false, "the access is counted");
}

void counted_at_store_defined() {
  accesses = 0;
  word.store(3, std::memory_order_relaxed);
  if (accesses != 1) labyrinth_prove(false, "the access is counted");
}

void known_after_the_write_defined() {
  last_written = 9;
  static_cast<void>(word.exchange(7, std::memory_order_relaxed));
  if (last_written != 7) labyrinth_prove(false, "what was written is known");
}

// And so is what was known before: a value is not carried across from the other side either.
void carried_over_an_exchange() {
  accesses = 0;
  static_cast<void>(word.fetch_or(1, std::memory_order_relaxed));
  if (accesses != 0) labyrinth_prove(false, "carried");  // UNDEFINED carried_over_an_exchange: carried
}
}
