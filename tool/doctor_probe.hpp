// What is measured of a target in a process of its own, stage by stage.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "corpus_files.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

/// Stages are numbered, so that work_apart() can go on behind one that killed the process; the target is
/// loaded where the first of them runs.
///
///     stage      result
///     0          {name, build, plain, hooks, edges}, or {error}
///     1          {accesses, hardirq, nmi}: of a small program's two calls, how many accesses each could
///     interrupt 2 + i      seed i: {verdict, kind, clause, steps, edges}: the record of its run, the edges
///     it reached 2 + n + i  seed i of n, after all the others: {steps}
class TargetProbe {
 public:
  TargetProbe(std::string path, const std::vector<CorpusInput>& seeds)
      : path_(std::move(path)), seeds_(seeds) {}

  [[nodiscard]] std::size_t stages() const { return 2 + 2 * seeds_.size(); }
  [[nodiscard]] nlohmann::json run(std::size_t stage);

 private:
  [[nodiscard]] bool load();
  [[nodiscard]] nlohmann::json identity();
  [[nodiscard]] nlohmann::json interrupts();
  [[nodiscard]] nlohmann::json replay(const CorpusInput& seed);

  std::string path_;
  const std::vector<CorpusInput>& seeds_;
  std::string error_;
  std::optional<machine::Target> target_;
  std::vector<std::span<std::uint8_t>> edges_;  ///< Counters of its own.
  machine::Machine machine_;
};

}  // namespace labyrinth::tool
