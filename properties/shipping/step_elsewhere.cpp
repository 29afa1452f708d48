// labyrinth_step where there is no trap flag, or where a sanitizer owns the signals: says that it is skipped.
#include <cstdio>

#include "exit_codes.hpp"

int main() {
  std::puts(
      "labyrinth_step: skipped: it steps through x86-64 code as it ships, and this build has none "
      "(docs/stepping.md)");
  return labyrinth::tool::kInconclusive;
}
