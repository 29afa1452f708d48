// How every verb ends (design, section 8). Where several apply, the first of 10, 66, 11, 0 wins: a file that
// cannot be read does not hide a violation.
#pragma once

namespace labyrinth::tool {

inline constexpr int kClean = 0;
inline constexpr int kViolation = 10;
inline constexpr int kInconclusive = 11;
inline constexpr int kBadUsage = 64;
inline constexpr int kUnreadable = 66;

[[nodiscard]] constexpr int worse(int left, int right) noexcept {
  const auto rank = [](int code) {
    return code == kViolation ? 3 : code == kUnreadable ? 2 : code == kInconclusive ? 1 : 0;
  };
  return rank(left) >= rank(right) ? left : right;
}

}  // namespace labyrinth::tool
