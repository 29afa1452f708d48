// Where a search goes on behind the last thing of a range, from a hint on: at its beginning.
#pragma once

#include <cstdint>

#include "layout.hpp"

namespace labyrinth {

// Goes round a range once, beginning at `start` if that lies in it.
class Round {
 public:
  constexpr Round(Range range, std::uint32_t start) noexcept
      : range_(range),
        at_(range.begin <= start && start < range.end ? start : range.begin),
        left_(range.size()) {}

  [[nodiscard]] constexpr bool is_over() const noexcept { return left_ == 0; }
  [[nodiscard]] constexpr std::uint32_t at() const noexcept { return at_; }
  constexpr void advance() noexcept {
    --left_;
    at_ = at_ + 1 == range_.end ? range_.begin : at_ + 1;
  }

 private:
  Range range_;
  std::uint32_t at_;
  std::uint32_t left_;
};

}  // namespace labyrinth
