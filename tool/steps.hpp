// The largest number of steps that calls have taken, by kind and order, beside what is declared for them.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

/// Of calls that were answered, and for which something is declared or could be: bulks, exact allocations and
/// calls that slept are left out.
class StepTable {
 public:
  void count(const machine::Machine& machine, const machine::Trace& trace, const machine::Outcome& outcome);
  /// One call, by itself.
  void count(const machine::Call& call, const machine::Trace& trace, std::uint32_t steps,
             std::uint32_t declared);
  void join(const StepTable& other);
  /// All rows, to keep and to set again.
  [[nodiscard]] nlohmann::json rows() const { return {json(alloc_), json(free_)}; }
  void set_rows(const nlohmann::json& rows);
  /// "steps/declared by order: alloc 0:5/7; free 0:4/5"
  [[nodiscard]] std::string text() const;
  [[nodiscard]] nlohmann::json alloc_json() const { return json(alloc_); }
  [[nodiscard]] nlohmann::json free_json() const { return json(free_); }

 private:
  /// `declared` is that of the call that took the most; 0: none that a run could exceed.
  struct Most {
    std::uint32_t most = 0, declared = 0;
  };
  using Rows = std::array<Most, model::kMaxOrder.value + 1>;
  /// Null: calls that are not counted.
  [[nodiscard]] Most* row_of(const machine::Call& call, const machine::Trace& trace) noexcept;
  [[nodiscard]] static nlohmann::json json(const Rows& rows);

  Rows alloc_{}, free_{};
};

}  // namespace labyrinth::tool
