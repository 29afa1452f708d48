// Values and control flow that C++ does not have. The comments are as in arithmetic.cpp.
#include <cstdint>

#include "labyrinth/proof.hpp"

namespace {

int result;

void read_bool(const std::uint8_t* byte) {
  const bool* const flag = reinterpret_cast<const bool*>(byte);
  if (*flag) result = 1;  // UNDEFINED bool_of_two: a value that its type does not have
}

enum Colour { kRed, kGreen, kBlue };
void read_enum(const std::uint32_t* word) {
  const Colour* const colour = reinterpret_cast<const Colour*>(word);
  result = *colour;  // UNDEFINED enum_out_of_range: a value that its type does not have
}

int sign(int of) {
  if (of > 0) return 1;
  if (of < 0) return -1;  // UNDEFINED missing_return: a function ends without its result
}

int chosen(unsigned of) {
  switch (of) {
    case 0:
      return 5;
    case 1:
      return 6;
    default:
      __builtin_unreachable();  // UNDEFINED unreachable: reached what must not be
  }
}

[[noreturn]] void never(bool comes_back) {
  while (!comes_back) labyrinth_assume(false);
}

__attribute__((returns_nonnull)) int* some(int* pointer) {
  return pointer;  // UNDEFINED null_result: null for a result that must not be
}
__attribute__((nonnull)) void takes(int* pointer) { *pointer = 1; }

void loop(unsigned rounds) {
  unsigned done = 0;
  while (done != rounds) ++done;  // UNDEFINED endless_loop: unwinding assertion loop
}

unsigned recur(unsigned depth) {
  return depth == 0 ? 0 : 1 + recur(depth - 1);  // UNDEFINED endless_recursion: recursion unwinding assertion
}

using Function = int (*)(unsigned);
int one(unsigned of) { return static_cast<int>(of); }

}  // namespace

extern "C" {
void bool_of_two() {
  const std::uint8_t byte = static_cast<std::uint8_t>(labyrinth_any("byte", 2));
  read_bool(&byte);
}
void bool_of_two_defined() {
  const std::uint8_t byte = static_cast<std::uint8_t>(labyrinth_any("byte", 1));
  read_bool(&byte);
}
void enum_out_of_range() {
  const std::uint32_t word = 4;
  read_enum(&word);
}
void enum_out_of_range_defined() {
  const auto word = static_cast<std::uint32_t>(labyrinth_any("word", 2));
  read_enum(&word);
}
void missing_return() { result = sign(0); }
void missing_return_defined() { result = sign(-7); }
void unreachable() { result = chosen(static_cast<unsigned>(labyrinth_any("of", 2))); }
void unreachable_defined() { result = chosen(static_cast<unsigned>(labyrinth_any("of", 1))); }
void noreturn_that_returns() {
  never(true);  // UNDEFINED noreturn_that_returns: reached what must not be
}
void noreturn_that_returns_defined() { never(false); }
void null_result() { result = some(nullptr) == nullptr; }
void null_result_defined() {
  int here = 0;
  *some(&here) = 1;
}
void null_argument() {
  int here = 0;
  int* const pointer = labyrinth_any("null", 1) != 0 ? nullptr : &here;
  takes(pointer);  // UNDEFINED null_argument: null for an argument that must not be
}
void null_argument_defined() {
  int here = 0;
  takes(&here);
}
void endless_loop() { loop(1u << 20); }
void endless_loop_defined() { loop(3); }
void endless_recursion() { result = static_cast<int>(recur(1u << 20)); }
void endless_recursion_defined() { result = static_cast<int>(recur(3)); }
void null_function() {
  const Function function = labyrinth_any("null", 1) != 0 ? nullptr : &chosen;
  result = function(1);  // UNDEFINED null_function: pointer NULL
}
void null_function_defined() {
  const Function function = labyrinth_any("which", 1) != 0 ? &one : &chosen;
  result = function(1);
}
void false_assumption() {
  const std::uint64_t value = labyrinth_any("value", 2);
  __builtin_assume(value != 3);  // UNDEFINED false_assumption: what was assumed
}
void false_assumption_defined() {
  const std::uint64_t value = labyrinth_any("value", 2);
  __builtin_assume(value < 4);
}
void alignment_assumption() {
  alignas(8) char bytes[16] = {};
  const void* const four = bytes + 4;
  result = *static_cast<const char*>(
      __builtin_assume_aligned(four, 8));  // UNDEFINED alignment_assumption: not aligned
}
void alignment_assumption_defined() {
  alignas(8) char bytes[16] = {};
  result = *static_cast<char*>(__builtin_assume_aligned(bytes + 8, 8));
}
}
