// The programs of one call of `labyrinth explore`, by number: those of files, or a share of a shape's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "labyrinth/machine/trace_text.hpp"
#include "small_programs.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

class Programs {
 public:
  /// Nothing, after saying why: a file cannot be read.
  [[nodiscard]] static std::optional<Programs> of(const ExploreOptions& options);

  /// The numbers are first(), first() + every(), ... below end().
  [[nodiscard]] std::uint64_t first() const { return listed() ? 0 : options_->first; }
  [[nodiscard]] std::uint64_t every() const { return listed() ? 1 : options_->every; }
  [[nodiscard]] std::uint64_t end() const { return listed() ? files_.size() : shape_.count(); }
  /// How many there are from one number to another.
  [[nodiscard]] std::uint64_t count(std::uint64_t from, std::uint64_t to) const {
    return from < to ? (to - from - 1) / every() + 1 : 0;
  }
  /// They were named one by one, and are reported one by one.
  [[nodiscard]] bool listed() const { return !files_.empty(); }
  /// False: what has this number makes no sense.
  [[nodiscard]] bool make(std::uint64_t number, machine::Trace& trace) const;
  [[nodiscard]] std::string name(std::uint64_t number) const;

 private:
  explicit Programs(const ExploreOptions& options) : options_(&options), shape_(options.shape) {}
  const ExploreOptions* options_;
  SmallPrograms shape_;
  std::vector<machine::TraceFile> files_;
};

}  // namespace labyrinth::tool
