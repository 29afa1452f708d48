// Numbers to JSON and back, and to lines for people.
#include "campaign_statistics.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "exit_codes.hpp"
#include "input.hpp"
#include "not_checked.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[nodiscard]] std::string coverage_text(const CampaignStatistics& now) {
  std::string text;
  if (now.edges != 0) text = fmt::format("{} edges, {} features, ", now.edges, now.features);
  if (now.afl_edges != 0) text += fmt::format("{} edges (AFL++), ", now.afl_edges);
  return text;
}

[[nodiscard]] json to_json(const std::string& signature, const CrashGroup& group) {
  return {{"signature", signature}, {"violation", is_violation(signature)}, {"count", group.count},
          {"traces", group.traces}, {"first_seen", group.first_seen},       {"last_seen", group.last_seen},
          {"input", group.input}};
}

}  // namespace

json to_json(const CampaignStatistics& s) {
  return {{"time", s.time},
          {"active", s.active},
          {"executions", s.executions},
          {"rate", s.rate},
          {"edges", s.edges},
          {"features", s.features},
          {"afl_edges", s.afl_edges},
          {"corpus", s.corpus},
          {"crashes", s.crashes},
          {"signatures", s.signatures},
          {"starts", s.starts},
          {"running", s.running},
          {"last_find", s.last_find}};
}

CampaignStatistics campaign_statistics(const json& said) {
  CampaignStatistics s;
  s.time = said.value("time", s.time);
  s.active = said.value("active", s.active);
  s.executions = said.value("executions", s.executions);
  s.rate = said.value("rate", s.rate);
  s.edges = said.value("edges", s.edges);
  s.features = said.value("features", s.features);
  s.afl_edges = said.value("afl_edges", s.afl_edges);
  s.corpus = said.value("corpus", s.corpus);
  s.crashes = said.value("crashes", s.crashes);
  s.signatures = said.value("signatures", s.signatures);
  s.starts = said.value("starts", s.starts);
  s.running = said.value("running", s.running);
  s.last_find = said.value("last_find", s.last_find);
  return s;
}

std::vector<CampaignStatistics> read_statistics(const fs::path& file) {
  std::vector<CampaignStatistics> all;
  std::ifstream lines(file, std::ios::binary);
  std::string line;
  while (std::getline(lines, line)) {
    const json said = json::parse(line, nullptr, false);
    if (said.is_object()) all.push_back(campaign_statistics(said));
  }
  return all;
}

json to_json(const CampaignFiles& files, const CampaignStatus& status) {
  json workers = json::array(), crashes = json::array();
  for (const CampaignWorkerStatus& worker : status.workers) {
    workers.push_back({{"name", worker.name},
                       {"state", worker.state},
                       {"process", worker.process},
                       {"executions", worker.executions},
                       {"starts", worker.starts},
                       {"edges", worker.edges},
                       {"features", worker.features},
                       {"corpus", worker.units},
                       {"stability", worker.stability}});
  }
  for (const auto& [signature, group] : status.crashes) crashes.push_back(to_json(signature, group));
  json all = to_json(status.now);
  all["directory"] = files.root.string();
  all["target"] = status.target;
  all["not_checked"] = status.not_checked;
  all["state"] = status.state;
  all["reason"] = status.reason;
  all["process"] = status.process;
  all["since_find"] = status.now.active - status.now.last_find;
  all["budget"] = {{"seconds", status.seconds}, {"executions", status.executions}};
  all["workers"] = workers;
  all["crashes_by_signature"] = crashes;
  return all;
}

std::optional<CampaignStatus> read_status(const CampaignFiles& files) {
  CampaignStatus status;
  const auto text = read_bytes(files.status());
  const json said = text ? json::parse(*text, nullptr, false) : json();
  if (!said.is_object()) {
    // Killed before it was written; what is appended is older, but there.
    const auto all = read_statistics(files.statistics());
    std::error_code ignored;
    if (all.empty() && !fs::exists(files.config(), ignored)) return std::nullopt;
    if (!all.empty()) status.now = all.back();
    status.state = "killed";
    return status;
  }
  status.now = campaign_statistics(said);
  status.target = said.value("target", "");
  status.not_checked = said.value("not_checked", json::array());
  status.state = said.value("state", "");
  status.reason = said.value("reason", "");
  status.process = said.value("process", std::int64_t{0});
  status.seconds = said["budget"].value("seconds", 0.0);
  status.executions = said["budget"].value("executions", std::uint64_t{0});
  for (const json& worker : said["workers"]) {
    status.workers.push_back({.name = worker.value("name", ""),
                              .state = worker.value("state", ""),
                              .stability = worker.value("stability", ""),
                              .process = worker.value("process", std::int64_t{0}),
                              .executions = worker.value("executions", std::uint64_t{0}),
                              .starts = worker.value("starts", std::uint64_t{0}),
                              .edges = worker.value("edges", std::uint64_t{0}),
                              .features = worker.value("features", std::uint64_t{0}),
                              .units = worker.value("corpus", std::uint64_t{0})});
  }
  for (const json& crash : said["crashes_by_signature"]) {
    CrashGroup& group = status.crashes[crash.value("signature", "")];
    group.count = crash.value("count", std::uint64_t{0});
    group.traces = crash.value("traces", std::uint64_t{0});
    group.first_seen = crash.value("first_seen", std::int64_t{0});
    group.last_seen = crash.value("last_seen", std::int64_t{0});
    group.input = crash.value("input", "");
  }
  return status;
}

std::string status_line(const CampaignStatus& status) {
  const CampaignStatistics& now = status.now;
  std::string text =
      fmt::format("{}: {} executions, {:.0f} a second, {}{} in the corpus, ", duration_text(now.active),
                  now.executions, now.rate, coverage_text(now), now.corpus);
  if (now.crashes != 0) text += fmt::format("{} crashes of {} signatures, ", now.crashes, now.signatures);
  text += fmt::format("last find {} ago", duration_text(now.active - now.last_find));
  if (status.state != "running") text += ", " + status.state;
  return text;
}

std::string status_text(const CampaignFiles& files, const CampaignStatus& status) {
  const CampaignStatistics& now = status.now;
  std::string text = fmt::format("{}: {}{}{}\n", files.root.string(), status.state,
                                 status.reason.empty() ? "" : ": ", status.reason);
  text += fmt::format("time        {}{}, last find {} ago\n", duration_text(now.active),
                      status.seconds > 0 ? " of " + duration_text(status.seconds) : "",
                      duration_text(now.active - now.last_find));
  text += fmt::format("executions  {}{}, {:.0f} a second\n", now.executions,
                      status.executions > 0 ? fmt::format(" of {}", status.executions) : "", now.rate);
  text += fmt::format("coverage    {}{} in the corpus\n", coverage_text(now), now.corpus);
  if (!status.workers.empty())
    text += fmt::format("{:<14}{:<10}{:>12}{:>8}{:>8}{:>10}{:>8}{:>11}\n", "worker", "state", "executions",
                        "starts", "edges", "features", "corpus", "stability");
  for (const CampaignWorkerStatus& worker : status.workers) {
    text += fmt::format("{:<14}{:<10}{:>12}{:>8}{:>8}{:>10}{:>8}{:>11}\n", worker.name, worker.state,
                        worker.executions, worker.starts, worker.edges,
                        worker.features != 0 ? std::to_string(worker.features) : "-", worker.units,
                        worker.stability.empty() ? "-" : worker.stability);
  }
  const std::string not_checked = not_checked_text(status.not_checked);
  if (status.crashes.empty()) return text + "crashes     none\n" + not_checked;
  text += fmt::format("{:<34}{:>8}{:>8}  {:<18}{}\n", "crashes by signature", "count", "traces", "first seen",
                      "first input");
  for (const auto& [signature, group] : status.crashes) {
    text +=
        fmt::format("{:<34}{:>8}{:>8}  {:<18}{}\n", signature, group.count, group.traces,
                    fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(group.first_seen))),
                    group.input.empty() ? "-" : group.input);
  }
  if (std::any_of(status.crashes.begin(), status.crashes.end(),
                  [](const auto& crash) { return crash.second.traces != 0; }))
    text += fmt::format("  labyrinth minimize {}/SIGNATURE-*.trace\n", quoted(files.findings().string()));
  return text + not_checked;
}

int exit_code(const std::map<std::string, CrashGroup>& crashes) {
  int code = kClean;
  for (const auto& [signature, group] : crashes)
    code = worse(code, is_verdict(signature) ? kViolation : kInconclusive);
  return code;
}

}  // namespace labyrinth::tool
