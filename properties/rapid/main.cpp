// labyrinth_properties: every property on any target.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "exit_codes.hpp"
#include "input.hpp"
#include "natural.hpp"
#include "not_checked.hpp"
#include "results_options.hpp"
#include "runner.hpp"
#include "verbs.hpp"

namespace {

using namespace labyrinth;
using properties::Property;

struct Options : properties::RunOptions {
  std::vector<std::string> names;
  std::string target;
  std::string trace;
  bool list = false;
  bool until_broken = false;
  bool json = false;
  tool::ResultFiles results;
};

[[nodiscard]] nlohmann::json json_of(const Property& property) {
  return {{"id", property.id},         {"says", property.says},   {"mutant", property.mutant},
          {"clause", property.clause}, {"cases", property.cases}, {"mutant_cases", property.mutant_cases}};
}

[[nodiscard]] int list(const Options& options) {
  nlohmann::json all = nlohmann::json::array();
  for (const Property& it : properties::all_properties()) {
    all.push_back(json_of(it));
    if (!options.json)
      fmt::print("{:<13} {:<36} {}\n", it.id, it.mutant[0] == '\0' ? "-" : it.mutant, it.says);
  }
  if (options.json) fmt::print("{}\n", all.dump(2));
  return tool::kClean;
}

[[nodiscard]] std::vector<const Property*> wanted(const Options& options, std::string& unknown) {
  std::vector<const Property*> result;
  for (const Property& it : properties::all_properties()) {
    if (options.names.empty() || std::count(options.names.begin(), options.names.end(), it.id) != 0)
      result.push_back(&it);
  }
  for (const std::string& name : options.names) {
    const bool known =
        std::any_of(result.begin(), result.end(), [&](const Property* it) { return name == it->id; });
    if (!known) unknown = name;
  }
  return result;
}

[[nodiscard]] int run(const Options& options) {
  if (options.list) return list(options);
  std::string unknown;
  const auto chosen = wanted(options, unknown);
  if (!unknown.empty()) {
    fmt::print(stderr, "labyrinth_properties: there is no property `{}`; --list shows those that there are\n",
               unknown);
    return tool::kBadUsage;
  }
  const auto target = tool::load_target(options.target);
  if (!target) return tool::kUnreadable;
  std::optional<machine::TraceFile> file;
  if (!options.trace.empty()) {
    file = tool::read_trace(options.trace);
    if (!file) return tool::kUnreadable;
  }
  machine::Machine machine;
  machine.use(target->table());
  tool::catch_interrupt();
  properties::RunOptions how = options;
  how.quiet = options.json;
  nlohmann::json all = nlohmann::json::array();
  tool::Results results("properties", target->table().name);
  int code = tool::kClean;
  std::uint64_t tried = 0;
  std::size_t count = 0;
  std::size_t failed = 0;
  // Round after round of other cases, or one.
  for (std::size_t place = 0; place < chosen.size() || options.until_broken; ++place) {
    const Property* const property = chosen[place % chosen.size()];
    how.round = place / chosen.size();
    const properties::Result result = file ? properties::run_on(*property, machine, *target, *file, how)
                                           : properties::run_property(*property, machine, *target, how);
    const bool broken = !result.broken.empty();
    tried += result.cases;
    ++count;
    failed += broken ? 1 : 0;
    const double rate = result.seconds > 0 ? static_cast<double>(result.cases) / result.seconds : 0;
    // A case that a limit ends decides nothing; a property that most cases of are such says nothing.
    const bool vague = result.interrupted || result.inconclusive * 2 > result.cases;
    code = tool::worse(code, broken ? tool::kViolation : vague ? tool::kInconclusive : tool::kClean);
    const std::string verdict = broken ? "broken" : vague ? "inconclusive" : "holds";
    // Of round after round the first clean one is enough.
    if (broken || vague || place < chosen.size())
      results.add({.name = property->id,
                   .code = broken  ? tool::kViolation
                           : vague ? tool::kInconclusive
                                   : tool::kClean,
                   .clause = tool::clause_of(result.broken),
                   .key = broken ? fmt::format("property-{}-{}", property->id, result.broken) : "",
                   .text = broken ? fmt::format("{}: {} is broken after {} cases", property->says,
                                                result.broken, result.cases)
                           : vague
                               ? fmt::format("{} cases, {} inconclusive{}", result.cases, result.inconclusive,
                                             result.interrupted ? ", interrupted" : "")
                               : "",
                   .file = result.file,
                   .seconds = result.seconds});
    if (options.json) {
      nlohmann::json one = json_of(*property);
      one.update({{"verdict", verdict},
                  {"tried", result.cases},
                  {"inconclusive", result.inconclusive},
                  {"per_second", rate},
                  {"broken", result.broken},
                  {"own", result.own},
                  {"file", result.file}});
      all.push_back(one);
    } else {
      fmt::print(
          "{:<13} {:<12} {:>7} cases, {:.0f} a second and core{}{}\n", property->id, verdict, result.cases,
          rate, result.inconclusive != 0 ? fmt::format(", {} inconclusive", result.inconclusive) : "",
          broken ? fmt::format(": {}{} after {} cases", result.broken,
                               result.own ? ", also as the property itself says it," : "", result.cases)
                 : "");
    }
    if (result.interrupted || (options.until_broken && broken)) break;
  }
  if (!results.write(options.results, code)) code = tool::worse(code, tool::kInconclusive);
  if (!options.json) fmt::print("{}", tool::not_checked_text(*target));
  if (options.json)
    fmt::print("{}\n", nlohmann::json{{"seed", options.seed},
                                      {"target", target->path()},
                                      {"not_checked", tool::not_checked_json(*target)},
                                      {"properties", all}}
                           .dump(2));
  else
    fmt::print("summary: {} properties, {} cases, {} broken{}\n", count, tried, failed,
               count < chosen.size() ? ", interrupted" : "");
  return code;
}

[[nodiscard]] int parse_and_run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Properties of page allocators, on generated programs and schedules.\n"
      "  labyrinth_properties\n"
      "  labyrinth_properties X1 X3 --seed 7 --cases 1000000 --target ./mine.so\n"
      "  labyrinth_properties X1 --seed 7 --case 4711"};
  std::uint64_t only = 0;
  app.add_option("properties", options.names, "Which; none: all (--list names them)");
  app.add_flag("--list", options.list, "What there is, what it says, and the mutant that shows it can fail");
  app.add_option("--target", options.target,
                 "Shared object to put under test (default: the reference allocator)");
  app.add_option("--seed", options.seed, "The same seed tries the same cases")
      ->check(tool::natural)
      ->capture_default_str();
  app.add_option("--cases", options.cases, "Of each property (default: what it says itself)")
      ->check(tool::natural);
  app.add_option("--times", options.times, "So many times the cases that each property says itself")
      ->check(tool::natural)
      ->capture_default_str();
  app.add_flag("--until-broken", options.until_broken,
               "Round after round, with other cases each, until one is broken");
  CLI::Option* const one =
      app.add_option("--case", only, "This case of the seed's and no other")->check(tool::natural);
  app.add_option("--trace", options.trace, "Try the properties on this trace, and on nothing else");
  app.add_option("--findings", options.findings, "Directory that findings are saved in")
      ->capture_default_str();
  app.add_option("--shrink", options.shrink_runs, "Runs that shrinking may take")
      ->check(tool::natural)
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print one JSON object instead of text");
  tool::add_results(app, options.results);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tool::kClean : tool::kBadUsage;
  }
  if (one->count() != 0) options.only = only;
  return run(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "labyrinth_properties: %s\n", error.what());
    return tool::kInconclusive;
  }
}
