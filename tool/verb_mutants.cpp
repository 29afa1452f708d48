// labyrinth mutants: the table of who finds what.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "mutant_hunt.hpp"
#include "mutants_options.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using Kind = MutantResult::Kind;
using Results = std::vector<MutantResult>;

/// The median of the times until it was found, in which whatever did not find it took for ever; nothing: that
/// is the median.
[[nodiscard]] std::optional<double> median(const Results& results) {
  std::vector<double> found;
  for (const MutantResult& result : results)
    if (result.kind == Kind::kFound) found.push_back(result.seconds);
  std::ranges::sort(found);
  const std::size_t middle = (results.size() - 1) / 2;
  if (middle >= found.size()) return std::nullopt;
  return found[middle];
}

[[nodiscard]] bool any(const Results& results, Kind kind) {
  return std::ranges::any_of(results, [kind](const MutantResult& result) { return result.kind == kind; });
}

[[nodiscard]] std::string cell(const Results& results) {
  if (results.empty() || any(results, Kind::kNoPart)) return "";
  if (any(results, Kind::kFailed)) return "failed";
  if (any(results, Kind::kStopped)) return "stopped";
  const auto found = static_cast<std::size_t>(std::ranges::count(results, Kind::kFound, &MutantResult::kind));
  const auto time = median(results);
  const std::string some =
      found == results.size() || results.size() == 1 ? "" : fmt::format(" {}/{}", found, results.size());
  return (time ? fmt::format("{:.2f}", *time) : std::string("-")) + some;
}

[[nodiscard]] const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kFound:
      return "found";
    case Kind::kSurvived:
      return "survived";
    case Kind::kFailed:
      return "failed";
    case Kind::kNoPart:
      return "no part";
    case Kind::kStopped:
      return "stopped";
  }
  return "";
}

[[nodiscard]] nlohmann::json to_json(const Results& results) {
  nlohmann::json list = nlohmann::json::array();
  for (const MutantResult& result : results) {
    nlohmann::json one{{"result", name_of(result.kind)}};
    if (result.kind != Kind::kNoPart) {
      one["seed"] = result.seed;
      one["processor_seconds"] = result.seconds;
      one["seconds"] = result.on_clock;
    }
    if (!result.finding.empty()) one["finding"] = result.finding;
    if (!result.said.empty()) one["error"] = result.said;
    list.push_back(std::move(one));
  }
  return list;
}

/// A line of the table; empty columns are kept, so that it can be read down.
[[nodiscard]] std::string line(const std::string& first, const std::string& second,
                               const std::vector<std::string>& cells) {
  std::string text = fmt::format("{:<34} {:<12}", first, second);
  for (const std::string& one : cells) text += fmt::format(" {:>12}", one);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

}  // namespace

int verb_mutants(const MutantsOptions& options) {
  MutantPlaces places{options.sources, options.build};
  if (options.build.empty()) places.build = fs::canonical("/proc/self/exe").parent_path();
  const auto mutants = find_mutants(places, options.names);
  if (!mutants) return kUnreadable;
  std::vector<const MutantEngine*> engines;
  for (const MutantEngine& engine : mutant_engines()) {
    const bool asked = std::ranges::find(options.engines, engine.name) != options.engines.end();
    if (options.engines.empty() || asked) engines.push_back(&engine);
  }
  const fs::path scratch = fs::temp_directory_path() / fmt::format("labyrinth-mutants-{}", getpid());

  catch_interrupt();
  std::vector<std::string> heads;
  heads.reserve(engines.size());
  for (const MutantEngine* engine : engines) heads.emplace_back(engine->name);
  if (!options.json) fmt::print("{}", line("mutant", "breaks", heads));
  nlohmann::json rows = nlohmann::json::array();
  std::vector<Results> columns(engines.size());
  std::vector<std::string> survivors, failures;
  std::size_t killed = 0;
  StatusLine status;
  for (const Mutant& mutant : *mutants) {
    nlohmann::json row{{"mutant", mutant.name}, {"breaks", mutant.breaks}};
    std::vector<std::string> cells;
    bool found = false;
    for (std::size_t i = 0; i < engines.size() && !interrupted(); ++i) {
      const MutantEngine& engine = *engines[i];
      Results results;
      for (std::uint32_t k = 0; k < (engine.by_chance ? options.seeds : 1) && !interrupted(); ++k) {
        if (status.due()) status.show(fmt::format("mutants: {} by {}", mutant.name, engine.name));
        results.push_back(
            hunt_mutant(engine, {mutant, places, scratch / engine.name, options.seed + k, options.seconds}));
        const MutantResult& result = results.back();
        if (result.kind == Kind::kFailed)
          failures.push_back(fmt::format("{} on {}: {}", engine.name, mutant.name, result.said));
        if (result.kind == Kind::kNoPart) break;
      }
      found = found || any(results, Kind::kFound);
      cells.push_back(cell(results));
      row["engines"][engine.name] = to_json(results);
      if (!any(results, Kind::kNoPart)) columns[i].insert(columns[i].end(), results.begin(), results.end());
    }
    if (found) ++killed;
    if (!found && !interrupted()) survivors.push_back(mutant.name);
    rows.push_back(std::move(row));
    if (!options.json) {
      fmt::print("{}", line(mutant.name, mutant.breaks, cells));
      std::fflush(stdout);
    }
    if (interrupted()) break;
  }
  std::error_code ignored;
  fs::remove_all(scratch, ignored);

  const bool clean = survivors.empty() && failures.empty() && !interrupted();
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"mutants", rows},
                                      {"killed", killed},
                                      {"survived", survivors},
                                      {"failures", failures},
                                      {"finished", !interrupted()}}
                           .dump(2));
    return clean ? kClean : kInconclusive;
  }
  std::vector<std::string> medians;
  medians.reserve(columns.size());
  for (const Results& column : columns) medians.push_back(column.empty() ? "" : cell(column));
  fmt::print("{}", line("median of all", "", medians));
  for (const std::string& failure : failures) fmt::print(stderr, "labyrinth: {}\n", failure);
  for (const std::string& name : survivors) fmt::print("survived: {}\n", name);
  fmt::print("mutants: {} killed, {} survived{}; processor seconds, - not within {} s\n", killed,
             survivors.size(), interrupted() ? ", interrupted" : "", options.seconds);
  return clean ? kClean : kInconclusive;
}

}  // namespace labyrinth::tool
