// Tries one property on many cases; what fails is printed, shrunk and saved, in this order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "property.hpp"

namespace labyrinth::properties {

struct RunOptions {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> only;   ///< This case of the stream and no other.
  std::uint64_t cases = 0;             ///< 0: as many as the property says ...
  std::uint64_t times = 1;             ///< ... so many times.
  std::uint64_t round = 0;             ///< Behind the cases of so many rounds.
  std::string findings = "findings";   ///< Directory.
  std::uint64_t shrink_runs = 20'000;  ///< Candidates that the shrinker may try.
  bool quiet = false;                  ///< Prints nothing but errors and progress.
};

struct Result {
  std::uint64_t cases = 0;         ///< That were tried.
  std::uint64_t inconclusive = 0;  ///< Of these.
  double seconds = 0;              ///< Of a core that they took, without shrinking.
  bool interrupted = false;
  std::string broken;  ///< "X1", "identity"; empty: nothing is.
  bool own = false;    ///< By the property's own statement, too, or by it alone.
  std::string file;    ///< Where the failure was saved, if it was.
};

[[nodiscard]] Result run_property(const Property& property, machine::Machine& machine,
                                  const machine::Target& target, const RunOptions& options);

/// The same on one given case.
[[nodiscard]] Result run_on(const Property& property, machine::Machine& machine,
                            const machine::Target& target, const machine::TraceFile& file,
                            const RunOptions& options);

}  // namespace labyrinth::properties
