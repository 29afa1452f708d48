// What `labyrinth explore` says in the end.
#pragma once

#include "exploration.hpp"
#include "programs.hpp"

namespace labyrinth::tool {

/// `before`: executions of earlier processes that this one went on from.
void print_summary(const ExploreOptions& options, const machine::Target& target, const Explored& total,
                   std::uint64_t before, double seconds);

/// The line of one program that was named; none with --json.
void print_program(const ExploreOptions& options, const std::string& name, const Explored& one);

/// The exit code.
[[nodiscard]] int verdict(const Explored& total);

/// All that a search depends on, in words: another cannot go on from where this one was stopped.
[[nodiscard]] std::string search_of(const ExploreOptions& options, const machine::Target& target);

}  // namespace labyrinth::tool
