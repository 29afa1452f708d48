// Counting and printing largest steps.
#include "steps.hpp"

#include <fmt/format.h>

namespace labyrinth::tool {

void StepTable::count(const machine::Machine& machine, const machine::Trace& trace,
                      const machine::Outcome& outcome) {
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const machine::CallResult& result = outcome.results[i];
    if (result.state != machine::CallResult::State::kAnswered || result.slept) continue;
    if (Most* const row = row_of(trace.call_storage[i], trace); row != nullptr && result.accesses > row->most)
      *row = {result.accesses, machine.declared_steps(trace, i)};
  }
}

void StepTable::count(const machine::Call& call, const machine::Trace& trace, std::uint32_t steps,
                      std::uint32_t declared) {
  if (Most* const row = row_of(call, trace); row != nullptr && steps > row->most) *row = {steps, declared};
}

StepTable::Most* StepTable::row_of(const machine::Call& call, const machine::Trace& trace) noexcept {
  const bool allocates = call.op == machine::Op::kAlloc;
  if (!allocates && call.op != machine::Op::kFree) return nullptr;
  std::uint8_t order = call.order;
  if (!allocates && order == machine::kOrderOfHandle && call.handle != machine::kNoHandle) {
    const machine::Op got = trace.call_storage[call.handle].op;
    if (got != machine::Op::kAlloc && got != machine::Op::kLive) return nullptr;
    order = trace.call_storage[call.handle].order;
  }
  if (order > model::kMaxOrder.value) return nullptr;
  return &(allocates ? alloc_ : free_)[order];
}

void StepTable::join(const StepTable& other) {
  for (std::size_t order = 0; order < alloc_.size(); ++order) {
    if (other.alloc_[order].most > alloc_[order].most) alloc_[order] = other.alloc_[order];
    if (other.free_[order].most > free_[order].most) free_[order] = other.free_[order];
  }
}

std::string StepTable::text() const {
  const auto row = [](const Rows& rows) {
    std::string text;
    for (std::size_t order = 0; order < rows.size(); ++order) {
      if (rows[order].most == 0) continue;
      const std::uint32_t declared = rows[order].declared;
      text +=
          fmt::format(" {}:{}/{}", order, rows[order].most, declared == 0 ? "-" : fmt::to_string(declared));
    }
    return text;
  };
  return fmt::format("steps/declared by order: alloc{}; free{}", row(alloc_), row(free_));
}

void StepTable::set_rows(const nlohmann::json& rows) {
  const auto set = [](const nlohmann::json& from, Rows& to) {
    for (const nlohmann::json& row : from) {
      const nlohmann::json& declared = row.at("declared");
      to.at(row.at("order").get<std::size_t>()) = {row.at("most").get<std::uint32_t>(),
                                                   declared.is_null() ? 0 : declared.get<std::uint32_t>()};
    }
  };
  set(rows.at(0), alloc_);
  set(rows.at(1), free_);
}

nlohmann::json StepTable::json(const Rows& rows) {
  nlohmann::json result = nlohmann::json::array();
  for (std::size_t order = 0; order < rows.size(); ++order) {
    if (rows[order].most == 0) continue;
    nlohmann::json declared;  // null where none was held to
    if (rows[order].declared != 0) declared = rows[order].declared;
    result.push_back({{"order", order}, {"most", rows[order].most}, {"declared", declared}});
  }
  return result;
}

}  // namespace labyrinth::tool
