// What every front end of the fuzzers needs: a harness by its name, and findings that are kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "differential.hpp"
#include "harness.hpp"

namespace labyrinth::tool {

struct FuzzOptions {
  std::string harness = "interleaved";  ///< One of harness_names().
  std::string target;                   ///< "" is the reference allocator.
  std::string against;     ///< The other target of `differential`; "" is the reference allocator.
  bool sanitized = false;  ///< Of targets without hooks, those with sanitizers.
  std::string findings = "findings";
  std::string engine = "fuzz";  ///< Who found it, for the findings' comments,
  std::string seed;             ///< and with what seed; "" if with none.
  bool json = false;
  bool verbose = false;
};

[[nodiscard]] const std::vector<std::string>& harness_names();

/// A sanitizer is about to report and to end the process: the trace that runs is saved.
void keep_sanitizers_report();

/// The harness and the targets that it runs on. A violation is saved as a trace and told on stdout; then the
/// process aborts, so that a fuzzer keeps the input, too.
class FuzzSetup {
 public:
  /// Null if there is no such harness or a target cannot be loaded; that has been told.
  [[nodiscard]] static std::unique_ptr<FuzzSetup> make(const FuzzOptions& options);

  [[nodiscard]] fuzz::Harness& harness() noexcept { return *harness_; }
  /// The first is the one under test, the last the one it is held against, if the harness does that.
  [[nodiscard]] const std::vector<machine::Target>& targets() const noexcept { return targets_; }

  /// From here on findings are saved by another process, and this one aborts at once: afl-fuzz kills what
  /// takes longer than a few executions, and counts it as slow and not as a crash. Of one signature a few are
  /// kept.
  void keep_aside() noexcept { aside_ = true; }

 private:
  [[nodiscard]] bool load(const std::string& path, bool wants_plain);
  void note(const fuzz::Difference& difference) const;
  void keep_report() const;
  friend void keep_sanitizers_report();
  explicit FuzzSetup(const FuzzOptions& options) : options_(options) {}
  [[noreturn]] void keep(const fuzz::Find& find) const;
  void tell(const fuzz::Find& find, const std::string& name) const;

  FuzzOptions options_;
  bool aside_ = false;
  std::vector<machine::Target> targets_;
  std::unique_ptr<fuzz::Harness> harness_;
};

}  // namespace labyrinth::tool
