// What people and programs are told of a run, when it is over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"
#include "results.hpp"
#include "scenes.hpp"
#include "step_code.hpp"
#include "target_world.hpp"

namespace labyrinth::native {

/// As create(); what is refused is told in shared().note, what is accepted in shared().machine.
[[nodiscard]] Created create_or_say(const machine::Target& target, std::uint32_t cpus, std::uint64_t frames);

/// Prints what shared() has, and returns the exit code. `status`: how the child ended.
[[nodiscard]] int report_threads(const Options& options, const machine::Target& target, int status);

/// What was loaded before the target: to be called before it is.
void remember_own_objects();
/// The code of all that was loaded since, ready for breakpoints; nothing, and why in `error`.
[[nodiscard]] std::vector<step::Text> code_of_target(std::string& error);
/// As report_threads(), of what was done with these.
[[nodiscard]] int report_pairs(const Options& options, const machine::Target& target,
                               const std::vector<Pair>& pairs, double seconds);

/// What was found goes into the files that are wanted; nothing found: the run, with what limited it. The exit
/// code, which is worse if one of them cannot be written.
[[nodiscard]] int write_results(const Options& options, const machine::Target& target, int code,
                                std::vector<tool::CheckResult> found, const std::string& limit);

/// "textbook-buddy, A buddy allocator…: 96 frames from 5, …".
void print_head(const machine::Target& target);
/// Where an instruction is, for people: "function+0x12 of libmimalloc.so"; its source lines, if there are
/// any, below.
[[nodiscard]] std::string place_of(std::uintptr_t address);
[[nodiscard]] std::string_view name_of_code(int code);

}  // namespace labyrinth::native
