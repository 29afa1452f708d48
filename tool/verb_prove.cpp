// labyrinth prove: which proofs, and how it ends.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "cbmc.hpp"
#include "exit_codes.hpp"
#include "proof_report.hpp"
#include "proof_session.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// In the order of the manifest; nothing, after saying why, if a name is none's.
[[nodiscard]] std::optional<std::vector<const Proof*>> choose(const ProveOptions& options,
                                                              const std::vector<Proof>& proofs) {
  std::vector<bool> used(options.names.size());
  const ProofSize size = options.size.value_or(options.lists ? ProofSize::kNightly : ProofSize::kStandard);
  std::vector<const Proof*> chosen;
  for (const Proof& proof : proofs) {
    const bool notices =
        std::find(proof.mutants.begin(), proof.mutants.end(), options.mutant) != proof.mutants.end();
    bool named = options.names.empty() && (options.mutant.empty() ? proof.size <= size : notices);
    for (std::size_t i = 0; i < options.names.size(); ++i) {
      if (fnmatch(options.names[i].c_str(), proof.name.c_str(), 0) != 0) continue;
      named = true;
      used[i] = true;
    }
    if (named && !options.mutant.empty() && !notices) {
      fmt::print(stderr, "labyrinth: prove: {} is not lowered over the mutant `{}`: it names {}\n",
                 proof.name, options.mutant, fmt::join(proof.mutants, ", "));
      return std::nullopt;
    }
    if (named) chosen.push_back(&proof);
  }
  const auto unused = std::find(used.begin(), used.end(), false);
  if (chosen.empty() && !options.mutant.empty()) {
    fmt::print(stderr,
               "labyrinth: prove: no proof names the mutant `{}`; labyrinth prove --list says which do\n",
               options.mutant);
    return std::nullopt;
  }
  if (unused == used.end()) return chosen;
  fmt::print(stderr, "labyrinth: prove: there is no proof `{}`; labyrinth prove --list lists them\n",
             options.names[static_cast<std::size_t>(unused - used.begin())]);
  return std::nullopt;
}

[[nodiscard]] int exit_code(const ProofResult& result) {
  return result.verdict == Verdict::kProved     ? kClean
         : result.verdict == Verdict::kViolated ? kViolation
                                                : kInconclusive;
}

[[nodiscard]] CheckResult for_machines(const ProofResult& result) {
  const std::string& signature = result.trace.signature;
  CheckResult check{.name = result.proof->name, .code = exit_code(result), .key = signature};
  check.clause = signature.substr(0, signature.find('-'));
  if (check.code != kClean)
    check.text =
        fmt::format("{}\n{}\n{}", name(result.verdict), fmt::join(result.reasons, "\n"), result.trace.report);
  if (result.trace.state == ProofTrace::State::kFound) check.file = result.trace.path;
  check.seconds = result.main.seconds + result.cover.seconds;
  for (const RunResult& mutant : result.mutants) check.seconds += mutant.seconds;
  return check;
}

}  // namespace

int verb_prove(const ProveOptions& given) {
  ProveOptions options = given;
  if (options.proofs.empty()) options.proofs = default_proofs();
  const auto manifest = read_manifest((std::filesystem::path(options.proofs) / "proofs.toml").string());
  if (!manifest) return kUnreadable;
  const auto chosen = choose(options, *manifest);
  if (!chosen) return kBadUsage;
  if (options.lists) {
    print_list(options, *chosen);
    return kClean;
  }
  if (chosen->empty()) {
    fmt::print(stderr, "labyrinth: prove: no proof is that small; --size nightly has all of them\n");
    return kInconclusive;
  }
  const auto cbmc = find_cbmc();
  if (!cbmc) return kBadUsage;
  if (cbmc->cadical.empty() &&
      std::any_of(chosen->begin(), chosen->end(), [](const Proof* proof) { return proof->cadical; })) {
    fmt::print(stderr,
               "labyrinth: prove: there is no cadical in PATH, which these proofs need: run ci/setup\n");
    return kBadUsage;
  }
  catch_interrupt();
  ProofSession session(options, *cbmc, options.jobs != 0 ? options.jobs : cores());
  const std::vector<ProofResult> results = session.run(*chosen);
  print_proofs(options, *cbmc, results, session.seconds());
  int code = interrupted() ? kInconclusive : kClean;
  Results all("prove", options.proofs);
  for (const ProofResult& result : results) {
    code = worse(code, exit_code(result));
    all.add(for_machines(result));
  }
  return all.write(options.results, code) ? code : worse(code, kInconclusive);
}

}  // namespace labyrinth::tool
