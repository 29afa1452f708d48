// JSON, and commands to paste.
#include "proof_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "input.hpp"
#include "proof_session.hpp"

namespace labyrinth::tool {
namespace {

using nlohmann::json;

[[nodiscard]] json run_json(const RunResult& run) {
  json object{{"state", name(run.state)}};
  if (run.state == RunState::kNotRun) return object;
  object["seconds"] = run.seconds;
  object["bytes"] = run.bytes;
  object["cached"] = run.cached;
  object["properties"] = run.properties.size();
  if (!run.reason.empty()) object["reason"] = run.reason;
  return object;
}

[[nodiscard]] json property_json(const Property& property) {
  return {{"id", property.id},
          {"description", property.description},
          {"file", property.file},
          {"line", property.line}};
}

[[nodiscard]] json violation_json(const ProveOptions& options, const Cbmc& cbmc, const ProofResult& result) {
  json object = property_json(*broken(result.main));
  for (const Property& property : result.main.properties) {
    if (property.status == "FAILURE") object["failing"].push_back(property_json(property));
  }
  object["inputs"] = json::array();
  for (const Input& input : result.counterexample.inputs)
    object["inputs"].push_back({{"name", input.name}, {"value", input.decimal}, {"hex", input.hex}});
  object["counterexample"] = run_json(result.counterexample);
  const ProofTrace& trace = result.trace;
  object["trace"] = {
      {"state", name(trace.state)},     {"reason", trace.reason},   {"file", trace.path},
      {"signature", trace.signature},   {"what", trace.what},       {"programs", trace.programs},
      {"unfinished", trace.unfinished}, {"refused", trace.refused}, {"executions", trace.executions}};
  object["commands"] = {prove_command(options, result), cbmc_command(options, cbmc, result)};
  return object;
}

[[nodiscard]] json manifest_json(const Proof& proof) {
  return {{"name", proof.name},         {"statement", proof.statement},
          {"geometry", proof.geometry}, {"unwind", proof.unwind},
          {"seconds", proof.seconds},   {"solver", proof.cadical ? "cadical" : "built-in"},
          {"size", name(proof.size)},   {"clauses", proof.clauses},
          {"cover", proof.cover},       {"mutants", proof.mutants},
          {"flags", proof.flags},       {"trace", proof.trace}};
}

[[nodiscard]] json result_json(const ProveOptions& options, const Cbmc& cbmc, const ProofResult& result) {
  json object = manifest_json(*result.proof);
  object["verdict"] = name(result.verdict);
  object["reasons"] = result.reasons;
  object["runs"] = {
      {"proof", run_json(result.main)}, {"cover", run_json(result.cover)}, {"mutants", json::object()}};
  object["runs"]["cover"]["reachable"] = cover_points(result.cover, true);
  for (std::size_t i = 0; i < result.mutants.size(); ++i) {
    json run = run_json(result.mutants[i]);
    if (const Property* const property = broken(result.mutants[i]))
      run["noticed_by"] = property_json(*property);
    object["runs"]["mutants"][result.proof->mutants[i]] = run;
  }
  if (result.verdict == Verdict::kViolated) object["violation"] = violation_json(options, cbmc, result);
  return object;
}

}  // namespace

json list_json(const std::vector<const Proof*>& proofs) {
  json rows = json::array();
  for (const Proof* const proof : proofs) rows.push_back(manifest_json(*proof));
  return {{"proofs", rows}};
}

json proofs_json(const ProveOptions& options, const Cbmc& cbmc, const std::vector<ProofResult>& results,
                 double seconds) {
  json rows = json::array();
  std::size_t proved = 0;
  for (const ProofResult& result : results) {
    rows.push_back(result_json(options, cbmc, result));
    proved += result.verdict == Verdict::kProved ? 1 : 0;
  }
  return {{"cbmc", cbmc.version}, {"cadical", cbmc.cadical},      {"seconds", seconds},
          {"proved", proved},     {"interrupted", interrupted()}, {"proofs", rows}};
}

/// CBMC's words may be of any bytes.
void print_json(const json& object) {
  fmt::print("{}\n", object.dump(2, ' ', false, json::error_handler_t::replace));
}

std::string place(const Property& property) {
  return property.file.empty() ? "(no place in the source is known)" : property.file + ":" + property.line;
}

std::string prove_command(const ProveOptions& options, const ProofResult& result) {
  return fmt::format("labyrinth prove {}{}{}{}{}", result.proof->name,
                     options.mutant.empty() ? "" : " --mutant ", options.mutant,
                     options.proofs == default_proofs() ? "" : " --proofs ",
                     options.proofs == default_proofs() ? "" : quoted(options.proofs));
}

std::string cbmc_command(const ProveOptions& options, const Cbmc& cbmc, const ProofResult& result) {
  std::string text = quoted(cbmc.program);
  for (const std::string& flag :
       cbmc_flags(*result.proof, Question::kCounterexample, broken(result.main)->id))
    text += ' ' + quoted(flag);
  return text + ' ' + quoted(proof_file(options.proofs, *result.proof, options.mutant).string());
}

}  // namespace labyrinth::tool
