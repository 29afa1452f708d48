// Writing results for machines.
#include "results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "labyrinth/model/clause.hpp"
#include "markup.hpp"
#include "whole_file.hpp"

namespace labyrinth::tool {
namespace {

using nlohmann::json;

/// SARIF 2.1.0, section 3.49: every rule that results can name.
[[nodiscard]] json rules() {
  json list = json::array();
  for (int i = 1; i <= static_cast<int>(model::kLastClause); ++i) {
    const auto clause = static_cast<model::Clause>(i);
    list.push_back({{"id", model::name(clause)}, {"shortDescription", {{"text", model::sentence(clause)}}}});
  }
  return list;
}

[[nodiscard]] const char* level_of(int code) {
  return code == kViolation ? "error" : code == kClean ? "note" : "warning";
}

/// A relative path is one; others name the file where it lies. Section 3.4.3: of a URI, so percent-encoded.
[[nodiscard]] std::string uri_of(const std::string& path) {
  std::string uri = path.starts_with("/") ? "file://" : "";
  for (const char letter : path) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || std::strchr("/-._~", letter) != nullptr;
    uri += plain ? std::string(1, letter) : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return uri;
}

/// XML 1.0 knows no control characters but these three, not even escaped.
[[nodiscard]] std::string xml(std::string text) {
  for (char& letter : text) {
    const bool known =
        static_cast<unsigned char>(letter) >= ' ' || letter == '\n' || letter == '\t' || letter == '\r';
    if (!known) letter = '?';
  }
  return escaped(text);
}

[[nodiscard]] std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

[[nodiscard]] bool write_or_say_why(const std::string& path, const std::string& text) {
  const int error = write_whole(path, text);
  if (error != 0)
    fmt::print(stderr, "labyrinth: results could not be written to {}: {}\n", path, std::strerror(error));
  return error == 0;
}

}  // namespace

std::string clause_of(const std::string& signature) {
  std::string first = signature.substr(0, signature.find('-'));
  for (int i = 1; i <= static_cast<int>(model::kLastClause); ++i)
    if (first == model::name(static_cast<model::Clause>(i))) return first;
  return "";
}

void Results::add_search(const std::string& name, int exit_code,
                         const std::map<std::string, std::uint64_t>& found, double seconds) {
  for (const auto& [signature, times] : found)
    add({.name = name,
         .code = kViolation,
         .clause = clause_of(signature),
         .key = signature,
         .text = fmt::format("{}, {} times", signature, times)});
  if (found.empty()) add({.name = name, .code = exit_code, .seconds = seconds});
}

std::string Results::sarif(int exit_code) const {
  json results = json::array();
  for (const CheckResult& one : results_) {
    if (one.code == kClean && one.text.empty()) continue;
    json result{{"level", level_of(one.code)},
                {"message", {{"text", one.name + ": " + (one.text.empty() ? "not decided" : one.text)}}}};
    if (!one.clause.empty()) result["ruleId"] = one.clause;
    if (!one.key.empty()) result["partialFingerprints"] = {{"signature/v1", one.key}};
    const std::string& place = one.file.empty() ? one.name : one.file;
    result["locations"] = {{{"physicalLocation", {{"artifactLocation", {{"uri", uri_of(place)}}}}}}};
    results.push_back(std::move(result));
  }
  const json driver{{"name", "labyrinth"}, {"rules", rules()}};
  const json invocation{{"executionSuccessful", exit_code == kClean || exit_code == kViolation},
                        {"exitCode", exit_code}};
  const json run{{"tool", {{"driver", driver}}},
                 {"automationDetails", {{"id", verb_ + "/" + target_}}},
                 {"invocations", {invocation}},
                 {"results", std::move(results)}};
  return json{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
              {"version", "2.1.0"},
              {"runs", {run}}}
             .dump(2, ' ', false, json::error_handler_t::replace) +
         '\n';
}

std::string Results::junit() const {
  const auto count = [&](auto condition) { return std::ranges::count_if(results_, condition); };
  const auto failed = count([](const CheckResult& one) { return one.code == kViolation; });
  const auto errors =
      count([](const CheckResult& one) { return one.code != kClean && one.code != kViolation; });
  const auto notes = count([](const CheckResult& one) { return one.code == kClean && !one.text.empty(); });
  double seconds = 0;
  for (const CheckResult& one : results_) seconds += one.seconds;
  const std::string sums = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"",
                                       results_.size(), failed, errors, seconds);
  // That some are skipped is a suite's to say, in the schema that most readers hold to.
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"labyrinth\" {0}>\n"
      "<testsuite name=\"labyrinth {1} {2}\" {0} skipped=\"{3}\">\n",
      sums, xml(verb_), xml(target_), notes);
  for (const CheckResult& one : results_) {
    text += fmt::format("<testcase classname=\"labyrinth.{}\" name=\"{}\" time=\"{:.3f}\"", xml(verb_),
                        xml(one.name), one.seconds);
    if (one.code == kClean) {
      text += one.text.empty() ? "/>\n"
                               : fmt::format(">\n<skipped message=\"{}\">{}</skipped>\n</testcase>\n",
                                             xml(first_line(one.text)), xml(one.text));
      continue;
    }
    const char* const element = one.code == kViolation ? "failure" : "error";
    text += fmt::format(">\n<{0} type=\"{1}\" message=\"{2}\">{3}\n{4}</{0}>\n</testcase>\n", element,
                        xml(one.clause.empty() ? "inconclusive" : one.clause), xml(first_line(one.text)),
                        xml(one.text), xml(one.file));
  }
  return text + "</testsuite>\n</testsuites>\n";
}

bool Results::write(const ResultFiles& files, int exit_code) const {
  bool good = true;
  if (!files.sarif.empty()) good = write_or_say_why(files.sarif, sarif(exit_code)) && good;
  if (!files.junit.empty()) good = write_or_say_why(files.junit, junit()) && good;
  return good;
}

}  // namespace labyrinth::tool
