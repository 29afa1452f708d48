// The inputs of a corpus: text traces, and the fuzzers' binary ones, from files and from directories as
// libFuzzer and AFL++ leave them.
#pragma once

#include <ctime>
#include <string>
#include <variant>
#include <vector>

#include "finding.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {

struct CorpusInput {
  std::string path;
  std::string bytes;
  machine::TraceFile file{};
  bool binary = false;
  /// The engine and its seed, and when: a text trace says so in its comment, else the name and the time of
  /// the file do.
  Origin origin{};
};

/// An input; or what is wrong, as "FILE:LINE:COLUMN: MESSAGE" or "FILE: MESSAGE".
[[nodiscard]] std::variant<CorpusInput, std::string> read_input(const std::string& path);

enum class Wanted {
  kAll,      ///< Every file of a corpus.
  kCrashes,  ///< What fuzzers keep of failures, and text traces.
};

/// The files meant: those named, and of directories, at any depth, all that are not hidden. Of an AFL++
/// output directory only its queue, or its crashes and hangs. Sorted, each once. Paths that are not there
/// remain, for read_input() to say so.
[[nodiscard]] std::vector<std::string> list_inputs(const std::vector<std::string>& paths, Wanted wanted);

/// Equal for traces that differ in the names of their calls alone.
[[nodiscard]] std::string bare_key(const machine::Trace& trace);

/// Eight hexadecimal digits.
[[nodiscard]] std::string short_hash(const std::string& text);

/// Reads those that can be read; of the others the errors are printed and the paths put into `unreadable`.
[[nodiscard]] std::vector<CorpusInput> read_inputs(const std::vector<std::string>& paths, Wanted wanted,
                                                   std::vector<std::string>& unreadable);

/// Puts the bytes into a directory, which is made, under that name; beside another file of that name under
/// one with a hash behind it. What is there already is left as it is. Returns the path; or "" after saying
/// why.
[[nodiscard]] std::string put(const std::string& directory, const std::string& name,
                              const std::string& bytes);

}  // namespace labyrinth::tool
