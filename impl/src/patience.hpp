// The budget that turns lock-free retries into a wait-free call: how many races one call may lose (N3).
#pragma once

#include <cstdint>

namespace labyrinth {

// Lost races after which a call answers kContended; each one means that another context took a conflicting
// step during the call, so a call that nobody disturbs never spends any of it (E3).
inline constexpr std::uint32_t kPatience = 16;
// Descents that an order-0 call makes before it answers kContended.
inline constexpr std::uint32_t kRounds = 4;
static_assert(kRounds < kPatience);

class Patience {
 public:
  constexpr void lose_race() noexcept { --left_; }
  [[nodiscard]] constexpr bool is_gone() const noexcept { return left_ == 0; }
  [[nodiscard]] constexpr std::uint32_t left() const noexcept { return left_; }

 private:
  std::uint32_t left_ = kPatience;
};

}  // namespace labyrinth
