// Tables in text.
#include "proof_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "input.hpp"
#include "proof_json.hpp"
#include "proof_session.hpp"
#include "proof_trace.hpp"

namespace labyrinth::tool {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Columns as wide as they have to be; the last one is left as it is.
[[nodiscard]] std::string table(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

/// Seconds that were needed once, with a mark if that was not now.
[[nodiscard]] std::string time_of(double seconds, bool ran, bool cached) {
  return ran ? fmt::format("{:.{}f}{}", seconds, seconds < 10 ? 2 : 0, cached ? "*" : "") : "-";
}

[[nodiscard]] std::string time_of(const RunResult& run) {
  return time_of(run.seconds, run.state != RunState::kNotRun, run.cached);
}

[[nodiscard]] std::string times(const ProofResult& result) {
  double seconds = 0;
  bool ran = false, cached = true;
  for (const RunResult& run : result.mutants) {
    seconds += run.seconds;
    ran = ran || run.state != RunState::kNotRun;
    cached = cached && (run.cached || run.state == RunState::kNotRun);
  }
  return fmt::format("{}/{}/{}", time_of(result.main), time_of(result.cover), time_of(seconds, ran, cached));
}

[[nodiscard]] std::string memory(const ProofResult& result) {
  std::uint64_t most = std::max(result.main.bytes, result.cover.bytes);
  for (const RunResult& run : result.mutants) most = std::max(most, run.bytes);
  return most == 0 ? "-" : fmt::format("{} MiB", most >> 20U);
}

[[nodiscard]] std::string violation(const ProveOptions& options, const Cbmc& cbmc,
                                    const ProofResult& result) {
  const Property& property = *broken(result.main);
  std::string text = fmt::format(
      "{} is VIOLATED: {}\n  at    {}\n  {} of CBMC: {}\n", result.proof->name, property.description,
      place(property), flaw_of(property) == Flaw::kObligation ? "obligation" : "check", property.id);
  const auto others = std::count_if(result.main.properties.begin(), result.main.properties.end(),
                                    [](const Property& one) { return one.status == "FAILURE"; }) -
                      1;
  if (others > 0) text += fmt::format("  and {} others fail, which --json lists\n", others);
  const RunResult& example = result.counterexample;
  if (example.state != RunState::kViolated) {
    text += fmt::format("  The inputs are not known: the run for them: {}{}{}\n", name(example.state),
                        example.reason.empty() ? "" : ": ", example.reason);
  } else if (example.inputs.empty()) {
    text += "  It takes no inputs.\n";
  } else {
    text += "  with\n";
    for (const Input& input : example.inputs)
      text +=
          fmt::format("    {} = {}\n", input.name,
                      input.hex.empty() ? input.decimal : fmt::format("{} ({})", input.hex, input.decimal));
  }
  return text + fmt::format("\n  {}\n  {}\n{}", prove_command(options, result),
                            cbmc_command(options, cbmc, result), trace_text(result.trace));
}

[[nodiscard]] std::string summary(const std::vector<ProofResult>& results, double seconds) {
  std::map<Verdict, std::size_t> counts;
  for (const ProofResult& result : results) ++counts[result.verdict];
  std::string text = fmt::format("summary: {} of {} proved", counts[Verdict::kProved], results.size());
  for (const auto& [verdict, count] : counts) {
    if (verdict != Verdict::kProved) text += fmt::format(", {} {}", count, name(verdict));
  }
  return text + fmt::format(", {:.1f} s{}\n", seconds, interrupted() ? ", interrupted" : "");
}

}  // namespace

void print_list(const ProveOptions& options, const std::vector<const Proof*>& proofs) {
  if (options.json) return print_json(list_json(proofs));
  Rows rows{{"name", "size", "solver", "unwind", "seconds", "clauses", "geometry"}};
  for (const Proof* const proof : proofs) {
    rows.push_back({proof->name, name(proof->size), proof->cadical ? "cadical" : "built-in",
                    std::to_string(proof->unwind), fmt::format("{}", proof->seconds),
                    fmt::format("{}", fmt::join(proof->clauses, " ")), proof->geometry});
  }
  fmt::print("{}\n", table(rows));
  for (const Proof* const proof : proofs) {
    fmt::print("{}: {}\n  reaches {}\n  fails with {}\n", proof->name, proof->statement,
               fmt::join(proof->cover, ", "), fmt::join(proof->mutants, ", "));
  }
}

void print_proofs(const ProveOptions& options, const Cbmc& cbmc, const std::vector<ProofResult>& results,
                  double seconds) {
  if (options.json) return print_json(proofs_json(options, cbmc, results, seconds));
  Rows rows{{"name", "verdict", "proof/cover/mutants s", "memory", "clauses"}};
  for (const ProofResult& result : results) {
    rows.push_back({result.proof->name, name(result.verdict), times(result), memory(result),
                    fmt::format("{}", fmt::join(result.proof->clauses, " "))});
  }
  const std::string text = table(rows);
  fmt::print("{}", text);
  if (text.find('*') != std::string::npos)
    fmt::print("* kept from an earlier run, which took that long; --no-cache runs it again\n");
  for (const ProofResult& result : results) {
    if (result.verdict == Verdict::kProved) continue;
    if (result.verdict == Verdict::kViolated) {
      fmt::print("\n{}", violation(options, cbmc, result));
      continue;
    }
    fmt::print("\n{} is not proved ({}):\n", result.proof->name, name(result.verdict));
    for (const std::string& reason : result.reasons) fmt::print("  {}\n", reason);
  }
  fmt::print("{}{}", results.empty() ? "" : "\n", summary(results, seconds));
}

}  // namespace labyrinth::tool
