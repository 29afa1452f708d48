// Coming into slots, and out of them.
#include "shrinkers.hpp"

namespace labyrinth {

bool Shrinkers::Slot::enter() noexcept {
  // Relaxed: an empty slot is not worth an atomic step; whether it is open is decided below.
  if ((state.load(std::memory_order_relaxed) & kOpen) == 0) return false;
  // Acquire: pairs with the release in add(); the shrinker is what was written there.
  if ((state.fetch_add(1, std::memory_order_acquire) & kOpen) != 0) return true;
  leave();
  return false;
}

// Release: pairs with the acquire in remove(), after which the shrinker may go.
void Shrinkers::Slot::leave() noexcept { state.fetch_sub(1, std::memory_order_release); }

Status Shrinkers::add(const Shrinker& shrinker) noexcept {
  for (Slot& slot : slots_) {
    std::uint32_t empty = 0;
    // Acquire: pairs with the release of who was in the slot last, and of who emptied it.
    if (!slot.state.compare_exchange_strong(empty, kClaimed, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
      continue;
    }
    slot.shrinker = &shrinker;
    // An addition, for contexts that pass may be counted already. Release: pairs with enter().
    slot.state.fetch_add(kOpen - kClaimed, std::memory_order_release);
    return Status::kOk;
  }
  return Status::kExhausted;
}

Status Shrinkers::remove(const Shrinker& shrinker) noexcept {
  Status status = Status::kBadArgument;
  for (Slot& slot : slots_) {
    if (!slot.enter()) continue;
    if (slot.shrinker == &shrinker) {
      std::uint32_t alone = kOpen + 1;
      // Acquire: pairs with leave(); what the calls of the shrinker did is visible to who asked for this.
      // Release: pairs with add(), whose write of the pointer comes after the read above.
      if (slot.state.compare_exchange_strong(alone, 0, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {
        return Status::kOk;
      }
      status = Status::kContended;
    }
    slot.leave();
  }
  return status;
}

std::uint64_t Shrinkers::scan(std::uint64_t frames) noexcept {
  std::uint64_t given = 0;
  for (Slot& slot : slots_) {
    if (given >= frames) break;
    if (!slot.enter()) continue;
    const Shrinker& shrinker = *slot.shrinker;
    const std::uint64_t more = shrinker.scan(shrinker.self, frames - given);
    slot.leave();
    given = more < UINT64_MAX - given ? given + more : UINT64_MAX;
  }
  return given;
}

}  // namespace labyrinth
