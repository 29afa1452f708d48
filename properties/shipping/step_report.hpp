// What a person, or a program, is told of what was stepped through.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results.hpp"
#include "step_search.hpp"
#include "step_trace.hpp"

namespace labyrinth::step {

/// A finding with what became of it; of several runs with one signature the first.
struct Finding {
  Broken broken;
  std::string signature;  ///< Requirement, call and contexts.
  std::string verdict;    ///< The clause in words, and the numbers; or why it cannot be judged.
  std::vector<Instruction>
      instructions;        ///< One for each of `broken.instructions`, and the last one of a crash.
  std::string command;     ///< Shows it again.
  std::uint64_t runs = 0;  ///< That broke the same.
  FoundTrace trace;
};

struct Total {
  std::vector<Row> rows;
  std::vector<Finding> findings;
  std::uint64_t runs = 0;
  double seconds = 0;
  bool stopped = false;        ///< By Ctrl-C.
  std::uint64_t too_long = 0;  ///< Nestings of three calls that were not tried, since two of them are long.
  [[nodiscard]] std::uint64_t points() const;
  [[nodiscard]] int exit_code() const;
};

[[nodiscard]] std::string text_of(const Finding& finding, const Text& text);
/// One line a nesting.
[[nodiscard]] std::string table_of_rows(const std::vector<Row>& rows);
/// One line a scene.
[[nodiscard]] std::string table_of_scenes(const Total& total);
/// The most instructions of each kind of call, over all scenes.
[[nodiscard]] std::string table_of_calls(const std::vector<Row>& rows);
[[nodiscard]] std::string summary(const Total& total);
/// A case for each nesting, and for each finding.
[[nodiscard]] tool::Results results_of(const Total& total, const Text& text, const std::string& target);
[[nodiscard]] std::string json_text(const Total& total, const Text& text);

}  // namespace labyrinth::step
