// labyrinth mutants: the table of who finds what.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "input.hpp"
#include "mutant_hunt.hpp"
#include "mutants_options.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using Kind = MutantResult::Kind;
using MutantResults = std::vector<MutantResult>;

/// The median of the times until it was found, in which whatever did not find it took for ever; nothing: that
/// is the median.
[[nodiscard]] std::optional<double> median(const MutantResults& results) {
  std::vector<double> found;
  for (const MutantResult& result : results)
    if (result.kind == Kind::kFound) found.push_back(result.seconds);
  std::ranges::sort(found);
  const std::size_t middle = (results.size() - 1) / 2;
  if (middle >= found.size()) return std::nullopt;
  return found[middle];
}

[[nodiscard]] bool any(const MutantResults& results, Kind kind) {
  return std::ranges::any_of(results, [kind](const MutantResult& result) { return result.kind == kind; });
}

[[nodiscard]] std::string cell(const MutantResults& results) {
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

[[nodiscard]] nlohmann::json to_json(const MutantResults& results) {
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

/// Each mutant by each engine, and what has come of them so far.
class Hunts {
 public:
  Hunts(const MutantsOptions& options, const MutantPlaces& places)
      : options_(options),
        places_(places),
        scratch_(fs::temp_directory_path() / fmt::format("labyrinth-mutants-{}", getpid())) {
    for (const MutantEngine& engine : mutant_engines()) {
      const bool asked = std::ranges::find(options.engines, engine.name) != options.engines.end();
      if (options.engines.empty() || asked) columns_.push_back({&engine, {}});
    }
  }
  ~Hunts() {
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
  }
  Hunts(const Hunts&) = delete;
  Hunts& operator=(const Hunts&) = delete;

  void print_heads() const {
    if (!options_.json) print("mutant", "breaks", [](const Column& column) { return column.engine->name; });
  }

  void hunt(const Mutant& mutant) {
    std::map<std::string, MutantResults> row;
    bool found = false;
    for (Column& column : columns_) {
      MutantResults results = hunt(*column.engine, mutant);
      found = found || any(results, Kind::kFound);
      if (!any(results, Kind::kNoPart)) column.all.insert(column.all.end(), results.begin(), results.end());
      row[column.engine->name] = std::move(results);
    }
    if (found) ++killed_;
    if (!found && !interrupted()) survivors_.push_back(mutant.name);
    for (const auto& [engine, results] : row) add_result(mutant.name, engine, results);
    if (!found && !interrupted())
      results_.add({.name = mutant.name,
                    .code = kInconclusive,
                    .key = "survived-" + mutant.name,
                    .text = fmt::format("survived every engine that was asked; it breaks {}", mutant.breaks),
                    .file = (places_.sources / "proofs" / "mutants" / (mutant.name + ".patch")).string()});
    if (!options_.json)
      print(mutant.name, mutant.breaks, [&](const Column& column) { return cell(row[column.engine->name]); });
    nlohmann::json engines;
    for (const auto& [name, results] : row) engines[name] = to_json(results);
    rows_.push_back({{"mutant", mutant.name}, {"breaks", mutant.breaks}, {"engines", std::move(engines)}});
  }

  [[nodiscard]] int finish() const {
    if (options_.json) {
      fmt::print("{}\n", nlohmann::json{{"mutants", rows_},
                                        {"killed", killed_},
                                        {"survived", survivors_},
                                        {"failures", failures_},
                                        {"finished", !interrupted()}}
                             .dump(2));
    } else {
      print("median of all", "", [](const Column& column) { return cell(column.all); });
      for (const std::string& failure : failures_) fmt::print(stderr, "labyrinth: {}\n", failure);
      for (const std::string& name : survivors_) fmt::print("survived: {}\n", name);
      fmt::print("mutants: {} killed, {} survived{}; processor seconds, - not within {} s\n", killed_,
                 survivors_.size(), interrupted() ? ", interrupted" : "", options_.seconds);
    }
    const int code = survivors_.empty() && failures_.empty() && !interrupted() ? kClean : kInconclusive;
    return results_.write(options_.results, code) ? code : worse(code, kInconclusive);
  }

 private:
  struct Column {
    const MutantEngine* engine;
    MutantResults all;
  };

  /// With one seed after the other, where they make a difference.
  [[nodiscard]] MutantResults hunt(const MutantEngine& engine, const Mutant& mutant) {
    MutantResults results;
    const std::uint32_t seeds = engine.by_chance ? options_.seeds : 1;
    for (std::uint32_t k = 0; k < seeds && !interrupted(); ++k) {
      if (status_.due()) status_.show(fmt::format("mutants: {} by {}", mutant.name, engine.name));
      results.push_back(hunt_mutant(
          engine, {mutant, places_, scratch_ / engine.name, options_.seed + k, options_.seconds}));
      const MutantResult& result = results.back();
      if (result.kind == Kind::kFailed)
        failures_.push_back(fmt::format("{} on {}: {}", engine.name, mutant.name, result.said));
      if (result.kind == Kind::kNoPart) break;
    }
    return results;
  }

  /// An engine on a mutant. That it finds nothing, where another one does, is told and fails nothing.
  void add_result(const std::string& mutant, const std::string& engine, const MutantResults& results) {
    if (results.empty() || any(results, Kind::kNoPart)) return;
    CheckResult one{.name = mutant + " by " + engine, .key = mutant + "-" + engine};
    for (const MutantResult& result : results) one.seconds += result.seconds;
    if (any(results, Kind::kFailed) || any(results, Kind::kStopped)) {
      one.code = kInconclusive;
      one.text = any(results, Kind::kStopped) ? "stopped by Ctrl-C" : results.back().said;
    } else if (!any(results, Kind::kFound)) {
      one.text = fmt::format("not found within {} s", options_.seconds);
    }
    results_.add(std::move(one));
  }

  /// A line of the table; empty columns are kept, so that it can be read down.
  template <class Cell>
  void print(const std::string& first, const std::string& second, const Cell& cell_of) const {
    std::string text = fmt::format("{:<34} {:<12}", first, second);
    for (const Column& column : columns_) text += fmt::format(" {:>12}", cell_of(column));
    text.erase(text.find_last_not_of(' ') + 1);
    fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  const MutantsOptions& options_;
  const MutantPlaces& places_;
  fs::path scratch_;
  std::vector<Column> columns_;
  nlohmann::json rows_ = nlohmann::json::array();
  std::vector<std::string> survivors_, failures_;
  std::size_t killed_ = 0;
  Results results_{"mutants", "the mutants"};
  StatusLine status_;
};

}  // namespace

int verb_mutants(const MutantsOptions& options) {
  MutantPlaces places{options.sources, options.build};
  if (options.build.empty()) places.build = program_directory();
  const auto mutants = find_mutants(places, options.names);
  if (!mutants) return kUnreadable;
  catch_interrupt();
  Hunts hunts(options, places);
  hunts.print_heads();
  for (const Mutant& mutant : *mutants) {
    if (!interrupted()) hunts.hunt(mutant);
  }
  return hunts.finish();
}

}  // namespace labyrinth::tool
