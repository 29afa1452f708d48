// Findings by name, and how an audit ends.
#include "audit_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit_close.hpp"
#include "exit_codes.hpp"
#include "finding.hpp"

namespace labyrinth::tool {
namespace {

/// So many traces of one name may turn out to be wrong on both sides before no more are looked at.
constexpr unsigned kMostLooks = 5;

[[nodiscard]] AuditFinding::Kind kind_of(const Candidate& candidate) {
  if (candidate.kind != Candidate::Kind::kWrong) return AuditFinding::Kind::kNoticeable;
  return candidate.side == Which::kNew ? AuditFinding::Kind::kWorse : AuditFinding::Kind::kBetter;
}

/// For a file's name.
[[nodiscard]] std::string short_name(const Candidate& candidate) {
  if (candidate.kind == Candidate::Kind::kWrong)
    return fmt::format("audit-{}-{}", candidate.side == Which::kNew ? "new" : "old", candidate.key);
  return "audit-answers";
}

}  // namespace

nlohmann::json to_json(const Candidate& candidate) {
  machine::TraceFile file{};
  file.trace = candidate.trace;
  file.names = machine::default_names(file.trace);
  return {{"kind", candidate.kind},
          {"side", candidate.side},
          {"trace", machine::print_trace(file)},
          {"key", candidate.key},
          {"origin", candidate.origin}};
}

Candidate candidate_from(const nlohmann::json& json) {
  Candidate candidate;
  candidate.kind = json.at("kind").get<Candidate::Kind>();
  candidate.side = json.at("side").get<Which>();
  const auto read = machine::parse_trace(json.at("trace").get<std::string>());
  if (const auto* const file = std::get_if<machine::TraceFile>(&read)) candidate.trace = file->trace;
  candidate.key = json.at("key");
  candidate.origin = json.at("origin");
  return candidate;
}

std::string name_of(const Candidate& candidate) {
  switch (candidate.kind) {
    case Candidate::Kind::kWrong:
      return fmt::format("{} {}", name(candidate.side), candidate.key);
    case Candidate::Kind::kParting:
      return "answers " + candidate.key;
    case Candidate::Kind::kPossible:
      break;
  }
  return fmt::format("only {} can answer {}", name(candidate.side), candidate.key);
}

AuditFinding* AuditSession::known(const std::string& name) {
  const auto at = places_.find(name);
  return at == places_.end() ? nullptr : &findings_[at->second];
}

void AuditSession::save(AuditFinding& finding, const Candidate& candidate) const {
  const auto read = machine::parse_trace(finding.trace);
  machine::TraceFile file = std::get<machine::TraceFile>(read);
  file.comment =
      fmt::format("{}\nOLD {} build {}: {}\nNEW {} build {}: {}\nengine audit, seed {}, {}\n{}\n",
                  name_of(candidate), pair_.target(Which::kOld).path(), pair_.target(Which::kOld).build(),
                  finding.shown[0].words, pair_.target(Which::kNew).path(), pair_.target(Which::kNew).build(),
                  finding.shown[1].words, options_.seed, date_text(std::time(nullptr)), candidate.origin);
  finding.trace = bare_text(file);
  finding.file = tool::save(options_.findings, short_name(candidate), file).value_or("");
}

void AuditSession::found(const Candidate& candidate) {
  const std::string name = name_of(candidate);
  if (AuditFinding* const there = known(name); there != nullptr) {
    there->found.push_back(candidate.origin);
    return;
  }
  if (looks_[name] >= kMostLooks) return;
  status_.show("audit: looking closer at " + name);
  const Closer closer = look_closer(pair_, candidate, options_);
  if (!closer.there && !interrupted()) {
    undecided(fmt::format("{}: {} was not seen again when its trace was replayed", candidate.origin, name),
              candidate.side == Which::kNew);
    ++looks_[name];
    return;
  }
  if (closer.both) {
    ++looks_[name];
    wrong_on_both(candidate.origin, {Shown{Shown::Kind::kBroken, candidate.key, ""},
                                     Shown{Shown::Kind::kBroken, candidate.key, ""}});
    return;
  }
  AuditFinding finding{.kind = kind_of(candidate),
                       .what = candidate.kind == Candidate::Kind::kWrong ? candidate.key : name,
                       .found = {candidate.origin},
                       .trace = machine::print_trace(closer.file),
                       .file = {},
                       .shown = closer.seen.shown,
                       .certainty = closer.certainty,
                       .rows = closer.seen.rows};
  if (!closer.there) finding.certainty = "the audit was interrupted before this was looked at more closely";
  save(finding, candidate);
  places_[name] = findings_.size();
  findings_.push_back(std::move(finding));
}

void AuditSession::wrong_on_both(const std::string& origin, const std::array<Shown, 2>& shown) {
  const std::string what = shown[0].signature == shown[1].signature
                               ? shown[0].signature
                               : fmt::format("{} on OLD, {} on NEW", shown[0].signature, shown[1].signature);
  if (AuditFinding* const there = known("both " + what); there != nullptr) {
    there->found.push_back(origin);
    return;
  }
  places_["both " + what] = findings_.size();
  findings_.push_back({.kind = AuditFinding::Kind::kBoth,
                       .what = what,
                       .found = {origin},
                       .trace = {},
                       .file = {},
                       .shown = shown,
                       .certainty = {},
                       .rows = {}});
  // What the first violation of a run hides nobody can say.
  if (shown[0].signature != shown[1].signature)
    undecided(
        fmt::format("{}: whether what NEW breaks was right on OLD, which breaks first ({})", origin, what),
        true);
}

void AuditSession::undecided(const std::string& what, bool needed) {
  if (std::ranges::find(undecided_, what) == undecided_.end()) undecided_.push_back(what);
  needs_more_ = needs_more_ || needed;
}

int AuditSession::code() const noexcept {
  const bool worse =
      std::ranges::any_of(findings_, [](const auto& it) { return it.kind == AuditFinding::Kind::kWorse; });
  return worse ? kViolation : needs_more_ || interrupted() ? kInconclusive : kClean;
}

}  // namespace labyrinth::tool
