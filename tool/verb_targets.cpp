// labyrinth targets: what can be put under test, and what each declares.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "input.hpp"
#include "labyrinth/machine/machine.hpp"
#include "not_checked.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// The declared steps on a machine of 64 frames, in the order of allocation orders; 0 where nothing is
/// declared.
[[nodiscard]] std::vector<std::uint32_t> sample_steps(machine::Machine& machine, machine::Op op) {
  std::vector<std::uint32_t> steps;
  machine::Trace trace{};
  trace.geometry = machine::one_zone(1, 64);
  trace.context_count = 1;
  trace.context_storage[0] = {model::Level::kTask, 0, 0, 0};
  machine::GoOn strategy;
  if (machine.run(trace, strategy).kind == machine::Outcome::Kind::kRefused) return steps;
  trace.call_count = 1;
  for (std::uint8_t order = 0; order <= 6; ++order) {
    trace.call_storage[0] = {.op = op, .order = order};
    steps.push_back(machine.declared_steps(trace, 0));
  }
  return steps;
}

}  // namespace

int verb_targets(const Common& options, const std::vector<std::string>& more) {
  std::vector<std::string> paths{options.target};
  paths.insert(paths.end(), more.begin(), more.end());
  nlohmann::json rows = nlohmann::json::array();
  int code = kClean;
  for (const std::string& path : paths) {
    const auto target = load_target(path);
    if (!target) {
      code = kUnreadable;
      continue;
    }
    machine::Machine machine;
    machine.use(target->table());
    const std::vector<std::string> uses = target->imports("labyrinth_machine_");
    const auto alloc = sample_steps(machine, machine::Op::kAlloc);
    const auto free = sample_steps(machine, machine::Op::kFree);
    if (options.json) {
      rows.push_back({{"name", target->table().name},
                      {"description", target->table().description},
                      {"path", target->path()},
                      {"build", target->build()},
                      {"alloc_steps", alloc},
                      {"free_steps", free},
                      {"uses", uses},
                      {"not_checked", not_checked_json(*target)}});
    } else {
      fmt::print(
          "{}\n  {}\n  {}\n  build {}\n  declared steps on 64 frames, orders 0..6: alloc {}, free {}\n"
          "  uses of the machine: {}\n{}",
          target->table().name, target->table().description, target->path(), target->build(),
          fmt::join(alloc, " "), fmt::join(free, " "),
          uses.empty() ? "nothing" : fmt::format("{}", fmt::join(uses, ", ")), not_checked_text(*target));
    }
  }
  if (options.json) fmt::print("{}\n", rows.dump(2));
  return code;
}

}  // namespace labyrinth::tool
