// What labyrinth_native is asked to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crew.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::native {

struct Options {
  std::string target;
  shipping::StressOptions stress;
  bool every_instruction = false;
  bool handlers_allocate = true;
  std::uint64_t frames = 0;  ///< Of the machine; 0: the smallest that the target accepts.
  std::string call;          ///< Of every instruction: only interrupted calls with this in them,
  std::string handler;       ///< and only such handlers.
};

/// Threads, and signals if asked for. The exit code.
[[nodiscard]] int run_threads(const Options& options, const machine::Target& target);
/// A handler at every instruction of each call. The exit code.
[[nodiscard]] int run_every_instruction(const Options& options, const machine::Target& target);

/// The command that does the same again.
[[nodiscard]] std::string again(const Options& options);
/// "not checked: X4 …", a line each, of what this program does not check of the target; or the same as pairs.
struct NotChecked {
  const char* clause;
  std::string why;
};
[[nodiscard]] std::vector<NotChecked> not_checked(const Options& options, const machine::Target& target);
void print_not_checked(const Options& options, const machine::Target& target);

/// Handlers' level: what nothing holds back only where the target permits it.
[[nodiscard]] labyrinth_level highest_level(const machine::Target& target);

}  // namespace labyrinth::native
