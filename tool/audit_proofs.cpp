// The proofs of both revisions, each over the C that was lowered from it, decided by this very command.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "audit_commands.hpp"
#include "audit_parts.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
struct ProofVerdict {
  std::string verdict;
  std::string words;  ///< With its reasons.
};
using Verdicts = std::map<std::string, ProofVerdict>;

/// Verdicts by the proofs' names; nothing: they could not be had.
[[nodiscard]] std::optional<Verdicts> prove(AuditSession& session, const AuditSide& side) {
  // What is not built, over a patch that the code has outgrown for instance, is an error of that proof alone.
  const bool whole = build_more(side, {"proofs"}, session.status(), true);
  if (!whole && (interrupted() || !fs::exists(fs::path(side.build) / "proofs" / "proofs.toml")))
    return std::nullopt;
  const fs::path folder = fs::path(side.build).parent_path();
  const std::string output = folder / "proofs.json";
  // The exit code says what the verdicts say, too.
  static_cast<void>(run_logged(
      {own_program(), "prove", "--proofs", fs::path(side.build) / "proofs", "--target", side.path, "--size",
       session.options().proofs, "--json", "--jobs", "0", "--findings", session.options().findings},
      folder / "log", "audit: the proofs of " + side.said, session.status(), output));
  std::ifstream file(output);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains("proofs")) return std::nullopt;
  Verdicts verdicts;
  for (const nlohmann::json& proof : json.at("proofs")) {
    ProofVerdict& one = verdicts[proof.at("name")];
    one.words = one.verdict = proof.at("verdict");
    for (const nlohmann::json& reason : proof.at("reasons")) one.words += ": " + reason.get<std::string>();
  }
  return verdicts;
}

/// `side`: the new one.
void compare(AuditSession& session, const AuditSide& side, const Verdicts& one, const Verdicts& two) {
  const std::string proved = "proved", violated = "VIOLATED";
  for (const auto& [name, old] : one) {
    const std::string& before = old.verdict;
    const auto at = two.find(name);
    if (at == two.end()) {
      session.measured({"proof " + name, {before, "is not there"}, "no longer proved"});
      if (before == proved) session.undecided(fmt::format("proof {}: is not there on NEW", name), true);
      continue;
    }
    const std::string& after = at->second.verdict;
    if (before == after && before == proved) continue;
    session.measured({"proof " + name,
                      {before, after},
                      after == proved     ? "better"
                      : before == after   ? "the same"
                      : after == violated ? "worse"
                                          : "not decided on NEW"});
    if (after == violated && before == proved)
      session.add({.kind = AuditFinding::Kind::kWorse,
                   .what = "proof " + name,
                   .found = {fmt::format("labyrinth prove --proofs {} --target {} {}",
                                         quoted(fs::path(side.build) / "proofs"), quoted(side.path), name)},
                   .trace = {},
                   .file = {},
                   .shown = {Shown{Shown::Kind::kClean, "", before},
                             Shown{Shown::Kind::kBroken, name, at->second.words}},
                   .certainty = {},
                   .rows = {}});
    else if (after != proved && after != violated)
      session.undecided(fmt::format("proof {}: {} on OLD, {} on NEW", name, before, after), before == proved);
  }
  for (const auto& [name, added] : two)
    if (!one.contains(name)) session.measured({"proof " + name, {"is not there", added.verdict}, "new"});
}

}  // namespace

void prove_both(AuditSession& session, const std::array<AuditSide, 2>& sides) {
  if (session.options().proofs == "none") return;
  if (sides[0].build.empty() || sides[1].build.empty()) {
    session.undecided("proofs: a shared object has none; name revisions of Labyrinth on both sides", true);
    return;
  }
  const auto one = prove(session, sides[0]);
  const auto two = one && !interrupted() ? prove(session, sides[1]) : std::nullopt;
  if (interrupted()) return;  // The verdict says so.
  if (!one || !two) {
    session.undecided(
        fmt::format("proofs: those of {} could not be run; {} says why", one ? sides[1].said : sides[0].said,
                    (fs::path(one ? sides[1].build : sides[0].build).parent_path() / "log").string()),
        true);
    return;
  }
  compare(session, sides[1], *one, *two);
  session.did(fmt::format("proofs, size {}: {} on OLD, {} on NEW", session.options().proofs, one->size(),
                          two->size()));
}

}  // namespace labyrinth::tool
