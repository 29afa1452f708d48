// What a verb has found, for machines that collect results: SARIF 2.1.0 and JUnit XML.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace labyrinth::tool {

/// Files to write results to; "": not wanted.
struct ResultFiles {
  std::string sarif;
  std::string junit;
};

/// One thing that was looked at: a trace, a program, a proof.
struct CheckResult {
  std::string name;      ///< What it is called: a path, a program's name, a proof's.
  int code = 0;          ///< Of exit_codes.hpp.
  std::string clause{};  ///< The requirement that is broken; "" if none is.
  std::string key{};     ///< What findings are grouped by; see signature().
  std::string text{};    ///< What a person is told of it; of what is clean: a note, which fails nothing.
  std::string file{};    ///< Where the trace lies; "": there is none.
  double seconds = 0;
};

/// The requirement that a signature begins with, "X1" of "X1-alloc-task"; "" if it is of something else.
[[nodiscard]] std::string clause_of(const std::string& signature);

class Results {
 public:
  /// `verb`: "replay". `target`: the name and build of what was looked at.
  Results(std::string verb, std::string target) : verb_(std::move(verb)), target_(std::move(target)) {}
  void add(CheckResult result) { results_.push_back(std::move(result)); }
  /// Writes the files that are wanted, whole or not at all; false, with a message, if one cannot be written.
  [[nodiscard]] bool write(const ResultFiles& files, int exit_code) const;

  /// Those of a search that is one thing to look at: how often each signature was found.
  void add_search(const std::string& name, int exit_code, const std::map<std::string, std::uint64_t>& found,
                  double seconds);

  [[nodiscard]] std::string sarif(int exit_code) const;
  [[nodiscard]] std::string junit() const;

 private:
  std::string verb_;
  std::string target_;
  std::vector<CheckResult> results_;
};

}  // namespace labyrinth::tool
