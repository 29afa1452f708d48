// Harnesses by name, and what becomes of what they find.
#include "fuzz_setup.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "finding.hpp"
#include "input.hpp"
#include "interleaved.hpp"
#include "report.hpp"

namespace labyrinth::tool {
namespace {

/// Findings of one signature that are kept aside.
constexpr std::ptrdiff_t kEnough = 8;

/// Findings of that signature which are there already.
[[nodiscard]] std::ptrdiff_t saved(const std::string& directory, const std::string& signature) {
  std::error_code error;
  const std::filesystem::directory_iterator files(directory, error);
  return std::count_if(begin(files), end(files), [&](const auto& file) {
    return file.path().filename().string().starts_with(signature + "-");
  });
}

}  // namespace

const std::vector<std::string>& harness_names() {
  static const std::vector<std::string> names{"interleaved"};
  return names;
}

std::unique_ptr<FuzzSetup> FuzzSetup::make(const FuzzOptions& options) {
  const auto& names = harness_names();
  if (std::find(names.begin(), names.end(), options.harness) == names.end()) {
    fmt::print(stderr, "labyrinth: there is no harness `{}`; there are {}\n", options.harness,
               fmt::join(names, ", "));
    return nullptr;
  }
  std::unique_ptr<FuzzSetup> setup(new FuzzSetup(options));
  setup->targets_.reserve(2);  // Harnesses keep references.
  auto target = load_target(options.target);
  if (!target) return nullptr;
  setup->targets_.push_back(*std::move(target));
  const auto keep = [raw = setup.get()](const fuzz::Find& find) { raw->keep(find); };
  setup->harness_ = std::make_unique<fuzz::Interleaved>(setup->targets_.front(), keep);
  return setup;
}

void FuzzSetup::tell(const fuzz::Find& find, const std::string& name) const {
  machine::TraceFile file = with_schedule(find.trace, find.outcome);
  machine::Machine machine;
  machine.use(find.target.table());
  if (!describe(machine, find.target, {options_.engine, options_.seed}, file)) return;
  const std::string path = save(options_.findings, name, file).value_or("(not saved)");
  if (options_.json) {
    fmt::print("{}\n",
               nlohmann::json{{"signature", name}, {"file", path}, {"build", find.target.build()}}.dump());
  } else {
    fmt::print("\n{}{}{}\n", find.note, *find.note == '\0' ? "" : "\n",
               report(machine, find.target, file, path, options_.verbose));
  }
}

void FuzzSetup::keep(const fuzz::Find& find) const {
  const std::string name = signature(find.trace, find.outcome.violation);
  if (!aside_) {
    tell(find, name);
  } else if (saved(options_.findings, name) < kEnough && fork() == 0) {
    setsid();
    tell(find, name);
    std::fflush(stdout);
    _exit(0);
  }
  std::fflush(stdout);
  std::abort();
}

}  // namespace labyrinth::tool
