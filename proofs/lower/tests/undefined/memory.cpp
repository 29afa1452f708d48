// Undefined accesses to memory. The comments are as in arithmetic.cpp.
#include <array>
#include <cstdint>

#include "labyrinth/proof.hpp"

namespace {

int result;
int before = 1;
int words[4] = {1, 2, 3, 4};
int after = 2;
const int kTable[2] = {5, 6};
struct Pair {
  int first;
  int second;
};

void read_element(unsigned at) {
  result = words[at];  // UNDEFINED index_of_an_array: an index is out of bounds
}
void read_field(const Pair* pair) {
  result = pair->second;  // UNDEFINED null_pointer: null or misaligned pointer
}
void read_word(const char* at) {
  result = *reinterpret_cast<const int*>(at);  // UNDEFINED misaligned_pointer: null or misaligned pointer
}
void read_past(const int* from, std::int64_t at) {
  result =
      from[at];  // UNDEFINED past_a_global before_a_global past_a_variable: pointer outside object bounds
}
void write_past(int* from, std::int64_t at) {
  from[at] = 7;  // UNDEFINED write_past_a_variable: pointer outside object bounds
}
void write_through(int* to) {
  *to = 1;  // UNDEFINED write_to_a_constant: a write to a constant
}
int* of_a_call() {
  int local = 3;
  int* const address = &local;
  return address;
}
void copy(char* to, const char* from, std::size_t count) {
  __builtin_memcpy(to, from, count);  // UNDEFINED copy_past_the_end: a copy out of bounds
}
void copy_eight(char* to, const char* from) {
  __builtin_memcpy(to, from, 8);  // UNDEFINED copy_of_a_constant_length: pointer outside object bounds
}
void fill(char* to, std::size_t count) {
  __builtin_memset(to, 1, count);  // UNDEFINED fill_past_the_end: a fill out of bounds
}
void copy_onto(char* to, const char* from) {
  __builtin_memcpy(to, from, 4);  // UNDEFINED copy_onto_itself: a copy onto itself
}
// UNDEFINED index_of_a_std_array in array: an index is out of bounds
void count(std::array<int, 4>& numbers, std::size_t at) {
  // One past the end may be named, and not written.
  numbers[at] = 1;  // UNDEFINED index_of_a_std_array: pointer outside object bounds
}

}  // namespace

extern "C" {
void index_of_an_array() { read_element(static_cast<unsigned>(labyrinth_any("at", 3))); }
void index_of_an_array_defined() { read_element(static_cast<unsigned>(labyrinth_any("at", 2))); }
void index_of_a_std_array() {
  std::array<int, 4> numbers{};
  count(numbers, labyrinth_any("at", 3));
}
void index_of_a_std_array_defined() {
  std::array<int, 4> numbers{};
  count(numbers, labyrinth_any("at", 2));
  labyrinth_prove(numbers[0] + numbers[1] + numbers[2] + numbers[3] == 1, "one is counted");
}
void null_pointer() { read_field(nullptr); }
void null_pointer_defined() {
  const Pair pair{1, 2};
  read_field(&pair);
}
void misaligned_pointer() {
  alignas(4) const char bytes[8] = {};
  read_word(bytes + labyrinth_any("at", 2));
}
void misaligned_pointer_defined() {
  alignas(4) const char bytes[8] = {};
  read_word(bytes + labyrinth_any("at", 1) * 4);
}
void past_a_global() { read_past(words, 4); }
void past_a_global_defined() { read_past(words, 3); }
void before_a_global() { read_past(words, -1); }
void before_a_global_defined() { read_past(words + 1, -1); }
void past_a_variable() {
  const int local[2] = {1, 2};
  read_past(local, 2);
}
void past_a_variable_defined() {
  const int local[2] = {1, 2};
  read_past(local, 1);
}
void past_a_variable_in_place() {
  int local = 5;
  const int* const next = &local + 1;
  result = *next;  // UNDEFINED past_a_variable_in_place: pointer outside object bounds
}
void past_a_variable_in_place_defined() {
  int local = 5;
  const int* const same = &local + 0;
  result = *same;
}
void write_past_a_variable_in_place() {
  Pair pair{1, 2};
  int* const third = &pair.first + 2;
  *third = 3;  // UNDEFINED write_past_a_variable_in_place: pointer outside object bounds
  result = pair.first;
}
void write_past_a_variable_in_place_defined() {
  Pair pair{1, 2};
  int* const second = &pair.first;
  *second = 3;
  result = pair.first;
}
void write_past_a_variable() {
  int local[2] = {1, 2};
  write_past(local, 2);
}
void write_past_a_variable_defined() {
  int local[2] = {1, 2};
  write_past(local, 1);
}
void write_to_a_constant() { write_through(const_cast<int*>(&kTable[1])); }
void write_to_a_constant_defined() {
  result = *&kTable[1];
  write_through(&after);
  write_through(&before);
}
void dead_variable() {
  int* kept = &result;
  {
    int local = 4;
    kept = &local;
    *kept = 5;
  }
  result = *kept;  // UNDEFINED dead_variable: dead object
}
void dead_variable_defined() {
  for (int i = 0; i < 3; ++i) {
    int local = 4;
    int* kept = &local;
    *kept = i;
    labyrinth_prove(local == i, "a variable that lives again is as good as new");
  }
}
void dead_variable_of_a_call() {
  int* const kept = of_a_call();
  result = *kept;  // UNDEFINED dead_variable_of_a_call: dead object
}
void dead_variable_of_a_call_defined() { result = of_a_call() == nullptr; }
void undefined_decision() {
  int local;
  if (labyrinth_any("set", 1) != 0) local = 1;
  if (local == 12345)
    labyrinth_prove(false, "decided by nothing");  // UNDEFINED undefined_decision: decided by nothing
}
void undefined_decision_defined() {
  int local;
  local = 1;
  if (local == 12345) labyrinth_prove(false, "decided by nothing");
}
void copy_past_the_end() {
  char from[4] = {};
  char to[8] = {};
  copy(to, from, labyrinth_any("count", 3));
}
void copy_past_the_end_defined() {
  char from[7] = {};
  char to[8] = {};
  copy(to, from, labyrinth_any("count", 2));
}
void copy_of_a_constant_length() {
  char from[7] = {};
  static char to[8];  // What nobody reads is not copied.
  copy_eight(to, from);
}
void copy_of_a_constant_length_defined() {
  char from[8] = {};
  static char to[8];  // What nobody reads is not copied.
  copy_eight(to, from);
}
void fill_past_the_end() {
  char to[7] = {};
  fill(to, labyrinth_any("count", 3) + 1);
}
void fill_past_the_end_defined() {
  char to[7] = {};
  fill(to, labyrinth_any("count", 2));
}
void copy_onto_itself() {
  char bytes[8] = {};
  copy_onto(bytes, bytes + 3);
}
void copy_onto_itself_defined() {
  char bytes[8] = {};
  copy_onto(bytes, bytes + 4);
}
}
