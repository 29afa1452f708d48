// Programs to explore, from files or of a shape.
#include "programs.hpp"

#include <fmt/format.h>

#include "input.hpp"

namespace labyrinth::tool {

std::optional<Programs> Programs::of(const ExploreOptions& options) {
  Programs programs(options);
  for (const std::string& path : options.files) {
    auto file = read_trace(path);
    if (!file) return std::nullopt;
    file->trace.departure_count = 0;  // any schedule is one of those that are explored
    file->trace.memory = options.memory.value_or(file->trace.memory);
    programs.files_.push_back(std::move(*file));
  }
  return programs;
}

bool Programs::make(std::uint64_t number, machine::Trace& trace) const {
  if (!listed()) {
    if (!shape_.make(number, trace)) return false;
    trace.memory = options_->memory.value_or(machine::MemoryModel::kSc);
    return true;
  }
  trace = files_[number].trace;
  return true;
}

std::string Programs::name(std::uint64_t number) const {
  return listed() ? options_->files[number] : fmt::format("program {} of {}", number, shape_.count());
}

}  // namespace labyrinth::tool
