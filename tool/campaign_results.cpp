// Of each signature what its trace says of itself.
#include "campaign_results.hpp"

#include <fmt/format.h>

#include "exit_codes.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// The first by name, so that the same campaign says the same each time; "" if there is none.
[[nodiscard]] fs::path trace_of(const CampaignFiles& files, const std::string& signature) {
  fs::path first;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(files.findings(), ignored)) {
    if (signature_of_trace(entry.path().filename()) != signature) continue;
    if (first.empty() || entry.path() < first) first = entry.path();
  }
  return first;
}

[[nodiscard]] std::string comment_of(const fs::path& trace) {
  const auto text = read_bytes(trace);
  if (!text) return "";
  const auto parsed = machine::parse_trace(*text);
  const auto* const file = std::get_if<machine::TraceFile>(&parsed);
  return file == nullptr ? "" : file->comment;
}

}  // namespace

Results campaign_results(const CampaignFiles& files, const CampaignStatus& status) {
  Results results("fuzz", status.target);
  if (status.crashes.empty()) {
    const bool killed = status.state == "killed";
    results.add({.name = files.root.string(),
                 .code = killed ? kInconclusive : kClean,
                 .text = killed ? "the campaign was killed; " + status.reason : "",
                 .seconds = status.now.active});
  }
  for (const auto& [signature, group] : status.crashes) {
    const fs::path trace = trace_of(files, signature);
    const std::string input = group.input.empty() ? "" : (files.root / group.input).string();
    const std::string comment = comment_of(trace);
    results.add({.name = signature,
                 .code = is_verdict(signature) ? kViolation : kInconclusive,
                 .clause = clause_of(signature),
                 .key = signature,
                 .text = fmt::format("{}{}{} crashes, {} traces in {}", comment.empty() ? signature : comment,
                                     comment.ends_with('\n') ? "" : "\n", group.count, group.traces,
                                     files.root.string()),
                 .file = trace.empty() ? input : trace.string()});
  }
  return results;
}

}  // namespace labyrinth::tool
