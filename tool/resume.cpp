// Reading and writing stopped searches: JSON, written beside the file and renamed over it.
#include "resume.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "finding.hpp"

namespace labyrinth::tool {

namespace {

constexpr int kVersion = 4;

}  // namespace

nlohmann::json to_json(const Explored& total) {
  return {{"programs", total.programs},
          {"refused", total.refused},
          {"executions", total.counts.executions},
          {"redundant", total.counts.redundant},
          {"cut", total.counts.cut},
          {"steps", total.counts.steps},
          {"spins", total.counts.spins},
          {"loops", total.counts.loops},
          {"pruned", total.counts.pruned},
          {"deepest", total.counts.deepest},
          {"preemptions", total.counts.preemptions},
          {"traces", total.traces},
          {"why_not_complete", total.cut},
          {"found", total.found},
          {"step_table", total.steps.rows()},
          {"runs_alone", total.runs_alone},
          {"step_table_alone", total.steps_alone.rows()},
          {"histories", total.histories.json()}};
}

Explored explored_from(const nlohmann::json& json) {
  Explored total;
  total.programs = json.at("programs");
  total.refused = json.at("refused");
  total.counts.executions = json.at("executions");
  total.counts.redundant = json.at("redundant");
  total.counts.cut = json.at("cut");
  total.counts.steps = json.at("steps");
  total.counts.spins = json.at("spins");
  total.counts.loops = json.at("loops");
  total.counts.pruned = json.at("pruned");
  total.counts.deepest = json.at("deepest");
  total.counts.preemptions = json.at("preemptions");
  total.traces = json.at("traces");
  total.cut = json.at("why_not_complete");
  total.found = json.at("found").get<std::map<std::string, std::uint64_t>>();
  total.steps.set_rows(json.at("step_table"));
  total.runs_alone = json.at("runs_alone");
  total.steps_alone.set_rows(json.at("step_table_alone"));
  total.histories.restore(json.at("histories"));
  return total;
}

nlohmann::json to_json(const Work& work) {
  return {{"program", work.program}, {"end", work.end},     {"bound", work.bound},
          {"part", work.part},       {"share", work.share}, {"words", work.words}};
}

Work work_from(const nlohmann::json& json) {
  return {.program = json.at("program"),
          .end = json.at("end"),
          .bound = json.at("bound"),
          .part = json.at("part"),
          .share = json.at("share"),
          .words = json.at("words").get<std::vector<std::uint64_t>>()};
}

std::uint64_t executions(const Work& work) {
  constexpr std::size_t kPlace = 1;  // Its place in what Explorer::save() says.
  return work.words.size() > kPlace ? work.words[kPlace] : 0;
}

std::uint64_t executions(const Resume& resume) {
  std::uint64_t sum = resume.total.counts.executions;
  for (const auto& [program, search] : resume.shared) sum += search.known.counts.executions;
  for (const Work& work : resume.work) sum += executions(work);
  return sum;
}

std::optional<Resume> load_resume(const std::string& path, const std::string& search, bool& failed) {
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::nullopt;
  failed = true;
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  try {
    if (json.is_discarded() || json.at("labyrinth_explore") != kVersion) {
      fmt::print(stderr, "labyrinth: {}: is no search that was stopped\n", path);
      return std::nullopt;
    }
    Resume resume;
    resume.search = json.at("search");
    if (resume.search != search) {
      fmt::print(stderr, "labyrinth: {}: is another search:\n  there {}\n  here  {}\n", path, resume.search,
                 search);
      return std::nullopt;
    }
    for (const nlohmann::json& work : json.at("work")) resume.work.push_back(work_from(work));
    for (const nlohmann::json& shared : json.at("shared")) {
      resume.shared[shared.at("program").get<std::uint64_t>()] = {.bound = shared.at("bound"),
                                                                  .known = explored_from(shared.at("known"))};
    }
    resume.total = explored_from(json.at("total"));
    failed = false;
    return resume;
  } catch (const nlohmann::json::exception& error) {
    fmt::print(stderr, "labyrinth: {}: is no search that was stopped: {}\n", path, error.what());
    return std::nullopt;
  }
}

bool save_resume(const std::string& path, const Resume& resume) {
  nlohmann::json work = nlohmann::json::array();
  for (const Work& one : resume.work) work.push_back(to_json(one));
  nlohmann::json shared = nlohmann::json::array();
  for (const auto& [program, search] : resume.shared)
    shared.push_back({{"program", program}, {"bound", search.bound}, {"known", to_json(search.known)}});
  const nlohmann::json json{{"labyrinth_explore", kVersion},
                            {"search", resume.search},
                            {"work", work},
                            {"shared", shared},
                            {"total", to_json(resume.total)}};
  const int error = write_whole(path, json.dump() + "\n");
  if (error == 0) return true;
  fmt::print(stderr, "labyrinth: {}: the search could not be saved: {}\n", path, std::strerror(error));
  return false;
}

}  // namespace labyrinth::tool
