// Undefined arithmetic. Each function has a twin that does the same where it is defined; the comments are
// read by undefined_test.sh: UNDEFINED, the function, and what is found on that line.
#include <cstdint>
#include <limits>

#include "labyrinth/proof.hpp"

namespace {

constexpr int kLeast = std::numeric_limits<int>::min();
constexpr int kLargest = std::numeric_limits<int>::max();

int any_int() { return static_cast<int>(static_cast<std::uint32_t>(labyrinth_any("value", 32))); }
int result;

void add(int a, int b) {
  result = a + b;  // UNDEFINED addition: addition overflows
}
void subtract(int a, int b) {
  result = a - b;  // UNDEFINED subtraction: subtraction overflows
}
void multiply(std::int64_t a, std::int64_t b) {
  result = static_cast<int>(a * b);  // UNDEFINED multiplication: multiplication overflows
}
void negate(int a) {
  result = -a;  // UNDEFINED negation: negation overflows
}
void count_up(int a) {
  ++a;  // UNDEFINED increment: addition overflows
  result = a;
}
void shift_left(std::uint32_t a, std::uint32_t by) {
  result = static_cast<int>(a << by);  // UNDEFINED shift_left_too_far: a shift by too much
}
void shift_right(std::uint64_t a, int by) {
  result = static_cast<int>(a >> by);  // UNDEFINED shift_right_too_far: a shift by too much
}
void divide(int a, int b) {
  result = a / b;  // UNDEFINED division_by_zero: division by zero, or it overflows
}
void divide_least(int a, int b) {
  result = a / b;  // UNDEFINED division_overflow: division by zero, or it overflows
}
void remain(int a, int b) {
  result = a % b;  // UNDEFINED remainder: division by zero, or it overflows
}
void remain_unsigned(unsigned a, unsigned b) {
  result = static_cast<int>(a % b);  // UNDEFINED unsigned_remainder: division by zero
}
void count_trailing(unsigned a) {
  result =
      __builtin_ctz(a);  // UNDEFINED trailing_zeros_of_zero: a builtin is called with what it does not take
}
void count_leading(std::uint64_t a) {
  result =
      __builtin_clzll(a);  // UNDEFINED leading_zeros_of_zero: a builtin is called with what it does not take
}

}  // namespace

extern "C" {
void addition() { add(any_int(), 1); }
void addition_defined() {
  const int a = any_int();
  labyrinth_assume(a < kLargest);
  add(a, 1);
}
void subtraction() { subtract(-2, any_int()); }
void subtraction_defined() {
  const int a = any_int();
  labyrinth_assume(a >= 0);
  subtract(-1, a);
}
void multiplication() { multiply(std::int64_t{1} << 32, std::int64_t{1} << 31); }
void multiplication_defined() { multiply(std::int64_t{1} << 32, -(std::int64_t{1} << 31)); }
void negation() { negate(any_int()); }
void negation_defined() {
  const int a = any_int();
  labyrinth_assume(a != kLeast);
  negate(a);
}
void increment_defined() { count_up(kLargest - 1); }
void increment() { count_up(kLargest); }
void shift_left_too_far() { shift_left(1, static_cast<std::uint32_t>(labyrinth_any("by", 6))); }
void shift_left_too_far_defined() { shift_left(~0u, static_cast<std::uint32_t>(labyrinth_any("by", 5))); }
void shift_right_too_far() { shift_right(1, -1); }
void shift_right_too_far_defined() { shift_right(1, static_cast<int>(labyrinth_any("by", 6))); }
// Since C++20.
void shift_of_negative_defined() {
  const int a = any_int();
  labyrinth_prove(a << 1 == static_cast<int>(static_cast<unsigned>(a) * 2),
                  "a shift into the sign is defined");
}
void division_by_zero() { divide(1, any_int()); }
void division_by_zero_defined() { divide(0, 1); }
void division_overflow() { divide_least(kLeast, -1); }
void division_overflow_defined() { divide_least(kLeast, 1); }
void remainder() { remain(kLeast, -1); }
void remainder_defined() { remain(-7, -1); }
void unsigned_remainder() { remain_unsigned(1, 0); }
void unsigned_remainder_defined() { remain_unsigned(1, 2); }
void trailing_zeros_of_zero() { count_trailing(static_cast<unsigned>(labyrinth_any("of", 3))); }
void trailing_zeros_of_zero_defined() { count_trailing(8); }
void leading_zeros_of_zero() { count_leading(0); }
void leading_zeros_of_zero_defined() { count_leading(8); }
}
