// What is interrupted by what: states of the allocator, and in each of them the calls of which every pair is
// tried.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::step {

/// A machine, the calls that bring it into a state, and the calls that are made there.
struct Scene {
  const char* name;
  const char* machine;  ///< Lines of a trace, as in docs/trace-format.md.
  const char* before;   ///< Calls of task 0, one a line.
  /// `$` is the name that the call gets. None of them may sleep.
  std::vector<const char*> calls;
};
[[nodiscard]] std::span<const Scene> scenes();

/// Calls of one scene, each of which interrupts the one before: the first one is made by a task, the others
/// by handlers.
struct Nesting {
  const Scene* scene = nullptr;
  std::vector<std::size_t> calls;    ///< Indices in the scene's calls, two or three.
  std::vector<model::Level> levels;  ///< Of the handlers, one less, rising.
};

/// A call without its name: "alloc atomic order=0", "free x".
[[nodiscard]] std::string kind_of(const Scene& scene, std::size_t call);
/// "free x / nmi: alloc atomic order=0".
[[nodiscard]] std::string name_of(const Nesting& nesting);

/// The program of it, with no schedule: handlers come when the task has ended. `calls`: the calls nested, by
/// their indices in the trace.
struct Program {
  machine::TraceFile file;
  std::vector<std::uint8_t> calls;
};
/// Nothing, and why in `error`, if the scene is no program.
[[nodiscard]] std::optional<Program> program_of(const Nesting& nesting, std::string& error);

}  // namespace labyrinth::step
