// labyrinth audit: the old build and the new one of an allocator, side by side.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "audit_explore.hpp"
#include "audit_options.hpp"
#include "audit_parts.hpp"
#include "audit_report.hpp"
#include "exit_codes.hpp"
#include "guard.hpp"
#include "input.hpp"
#include "labyrinth/machine/capabilities.hpp"
#include "report.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// Nothing, after saying why.
[[nodiscard]] std::optional<machine::Target> load(const AuditSide& side, Which which, int& code) {
  const std::string death = death_of_loading(side.path);
  if (!death.empty()) {
    fmt::print(stderr, "labyrinth: audit: loading {}, {}, ends the process: {}\n", name(which), side.path,
               death);
    // What could not be loaded before was not right.
    code = interrupted() ? kInconclusive : which == Which::kNew ? kViolation : kUnreadable;
    return std::nullopt;
  }
  auto target = load_target(side.path);
  code = target ? kClean : kUnreadable;
  return target;
}

/// The traces; nothing, after saying why, if the corpus that was asked for has none.
[[nodiscard]] std::optional<std::vector<CorpusInput>> read_corpus(const AuditOptions& options) {
  const fs::path corpus = options.corpus.empty() ? "corpus" : options.corpus;
  std::vector<CorpusInput> inputs;
  if (options.corpus.empty() && !fs::exists(corpus)) return inputs;
  std::vector<std::string> folders;
  for (const char* const folder : {"seeds", "regressions"})
    if (fs::exists(corpus / folder)) folders.push_back(corpus / folder);
  if (folders.empty()) folders.push_back(corpus);
  std::vector<std::string> unreadable;
  inputs = read_inputs(folders, Wanted::kAll, unreadable);
  if (!unreadable.empty()) return std::nullopt;
  if (inputs.empty()) {
    fmt::print(stderr, "labyrinth: audit: there is no trace in {}; --corpus names another place\n",
               corpus.string());
    return std::nullopt;
  }
  return inputs;
}

/// What is not checked of NEW can be wrong there.
void compare_capabilities(AuditSession& session, const machine::Target& one, const machine::Target& two) {
  const auto lines_of = [](const machine::Target& target) {
    std::vector<std::string> lines;
    for (const machine::NotChecked& it : machine::not_checked(target.table(), target.is_plain()))
      lines.push_back(fmt::format("{} {}", model::name(it.clause), it.why));
    return lines;
  };
  const std::vector<std::string> before = lines_of(one), after = lines_of(two);
  for (const std::string& line : after) {
    const bool always = std::ranges::find(before, line) != before.end();
    session.undecided(fmt::format("not checked{}: {}", always ? "" : " of NEW any more", line), !always);
  }
  for (const std::string& line : before)
    if (std::ranges::find(after, line) == after.end())
      session.undecided("not checked of OLD: " + line, false);
}

/// What became wrong, each by itself, and the audit as a whole.
[[nodiscard]] Results results_of(AuditSession& session, const std::string& headline) {
  const AuditOptions& options = session.options();
  Results results("audit", session.pair().target(Which::kNew).table().name);
  for (const AuditFinding& finding : session.findings()) {
    if (finding.kind != AuditFinding::Kind::kWorse) continue;
    const Shown& shown = finding.shown.at(index(Which::kNew));
    const bool of_a_clause = shown.kind == Shown::Kind::kBroken && !finding.trace.empty();
    results.add({.name = finding.what,
                 .code = kViolation,
                 .clause = of_a_clause ? finding.what.substr(0, finding.what.find('-')) : "",
                 .key = finding.what,
                 .text = fmt::format("NEW {}\nOLD {}\n{}\n", shown.words,
                                     finding.shown.at(index(Which::kOld)).words, finding.certainty),
                 .file = finding.file});
  }
  const int code = session.code() == kViolation ? kClean : session.code();
  results.add({.name = fmt::format("{} against {}", options.new_side, options.old_side),
               .code = code,
               .text = code == kClean ? "" : headline});
  return results;
}

}  // namespace

int verb_audit(const AuditOptions& options) {
  catch_interrupt();
  const auto corpus = read_corpus(options);
  if (!corpus) return kUnreadable;
  std::optional<std::array<AuditSide, 2>> sides;
  {
    StatusLine status;
    sides = find_sides(options, status);
  }
  if (!sides) return interrupted() ? kInconclusive : kUnreadable;
  int code = kClean;
  const auto one = load((*sides)[0], Which::kOld, code);
  if (!one) return code;
  const auto two = load((*sides)[1], Which::kNew, code);
  if (!two) return code;

  AuditPair pair(*one, *two);
  std::string text, page;
  {
    AuditSession session(options, pair);
    compare_capabilities(session, *one, *two);
    if (one->is_plain() != two->is_plain())
      session.undecided("one side has hooks and the other one has not: schedules are not the same", true);
    if (corpus->empty()) session.undecided("there is no corpus here to replay: --corpus names one", false);
    replay_both(session, *corpus);
    if (!interrupted()) explore_both(session, *corpus);
    if (!interrupted()) fuzz_both(session, *corpus);
    if (!interrupted()) measure_both(session, *sides, *corpus);
    if (!interrupted()) prove_both(session, *sides);
    if (interrupted()) session.undecided("what was left when the audit was interrupted", true);
    text =
        options.json
            ? audit_json(session, *sides).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n'
            : audit_text(session, *sides);
    if (!options.html.empty()) page = audit_html(session, *sides);
    code = session.code();
    if (!results_of(session, headline(session)).write(options.results, code))
      code = worse(code, kInconclusive);
  }
  fmt::print("{}", text);
  if (!options.html.empty() && !write_page(options.html, page)) code = worse(code, kInconclusive);
  return code;
}

}  // namespace labyrinth::tool
