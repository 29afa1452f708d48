// labyrinth corpus stats: what is in a corpus, and what is not.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "corpus_apart.hpp"
#include "corpus_features.hpp"
#include "corpus_options.hpp"
#include "corpus_rules.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

struct Stats {
  std::size_t text = 0, binary = 0, bytes = 0, calls = 0, departures = 0, most_calls = 0, died = 0;
  std::vector<std::string> unreadable{};
  Features features{};
  std::map<std::string, std::size_t> requirements{};                    ///< Files that name it.
  std::map<std::string, std::map<std::string, std::size_t>> answers{};  ///< By kind of call and status.
};

/// "alloc", "free": what is counted apart.
[[nodiscard]] std::string kind_of(const machine::TraceFile& file, std::size_t call) {
  std::string text = machine::call_text(file.trace, file.names, call);
  if (const auto equals = text.find(" = "); equals != std::string::npos) text = text.substr(equals + 3);
  return text.substr(0, text.find(' '));
}

/// How each call was answered: [kind, status] pairs.
[[nodiscard]] nlohmann::json answers_of(machine::Machine& machine, const machine::TraceFile& file) {
  machine::Replay strategy(file.trace);
  const machine::Outcome& outcome = machine.run(file.trace, strategy);
  nlohmann::json answers = nlohmann::json::array();
  for (std::uint8_t call = file.trace.live_count(); call < file.trace.call_count; ++call) {
    if (outcome.results[call].state == machine::CallResult::State::kAnswered)
      answers.push_back({kind_of(file, call), status_name(outcome.results[call].status)});
  }
  return answers;
}

void count(Stats& stats, const CorpusInput& input) {
  ++(input.binary ? stats.binary : stats.text);
  stats.bytes += input.bytes.size();
  stats.calls += input.file.trace.call_count;
  stats.departures += input.file.trace.departure_count;
  stats.most_calls = std::max<std::size_t>(stats.most_calls, input.file.trace.call_count);
  join(stats.features, features_of(input.file.trace));
  for (const std::string& name : requirements_in(input.file.comment)) ++stats.requirements[name];
}

[[nodiscard]] nlohmann::json to_json(const Stats& stats) {
  nlohmann::json features;
  for (const auto& [group, names] : all_features()) {
    const auto had = stats.features.find(group);
    features[group] = {
        {"covered", had == stats.features.end() ? nlohmann::json::array() : nlohmann::json(had->second)}};
  }
  nlohmann::json requirements;
  for (const std::string& name : all_requirements()) {
    const auto files = stats.requirements.find(name);
    requirements[name] = files == stats.requirements.end() ? 0 : files->second;
  }
  return {{"text", stats.text},
          {"binary", stats.binary},
          {"bytes", stats.bytes},
          {"calls", stats.calls},
          {"departures", stats.departures},
          {"features", features},
          {"lacking", lacking(all_features(), stats.features)},
          {"requirements", requirements},
          {"answers", stats.answers},
          {"died", stats.died},
          {"unreadable", stats.unreadable}};
}

void print(const Stats& stats) {
  const std::size_t files = stats.text + stats.binary;
  fmt::print("files: {} text, {} binary, {} bytes; {} calls, {} at most, {} departures\n", stats.text,
             stats.binary, stats.bytes, stats.calls, stats.most_calls, stats.departures);
  for (const auto& [group, names] : all_features()) {
    const auto had = stats.features.find(group);
    std::string missing;
    std::size_t covered = 0;
    for (const std::string& name : names) {
      const bool there = had != stats.features.end() && had->second.contains(name);
      covered += there ? 1 : 0;
      if (!there) missing += fmt::format("{}{}", missing.empty() ? "; without: " : ", ", name);
    }
    fmt::print("{}: {} of {}{}\n", group, covered, names.size(), missing);
  }
  for (const auto& [kind, statuses] : stats.answers) {
    std::string line;
    for (const auto& [status, number] : statuses) line += fmt::format(" {} {}", status, number);
    fmt::print("answers to {}:{}\n", kind, line);
  }
  std::string line;
  for (const std::string& name : all_requirements()) {
    const auto found = stats.requirements.find(name);
    line += fmt::format(" {} {}", name, found == stats.requirements.end() ? 0 : found->second);
  }
  fmt::print("files by requirement:{}\n", line);
  fmt::print("summary: {} files, {} features that none has, {} unreadable, {} that kill the process\n", files,
             lacking(all_features(), stats.features).size(), stats.unreadable.size(), stats.died);
}

}  // namespace

int corpus_stats(const CorpusOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  machine::Machine machine;
  machine.use(target->table());
  catch_interrupt();
  Stats stats;
  const std::vector<CorpusInput> inputs = read_inputs(options.paths, Wanted::kAll, stats.unreadable);
  for (const CorpusInput& input : inputs) count(stats, input);
  StatusLine status;
  work_apart(
      inputs.size(), kSecondsEach, [&](std::size_t i) { return answers_of(machine, inputs[i].file); },
      [&](std::size_t i, const Apart& apart) {
        if (status.due()) status.show(fmt::format("stats: {} of {} replayed", i + 1, inputs.size()));
        stats.died += apart.death.empty() ? 0 : 1;
        for (const auto& answer : apart.result) ++stats.answers[answer[0]][answer[1]];
        return !interrupted();
      });
  options.json ? fmt::print("{}\n", to_json(stats).dump(2)) : print(stats);
  if (interrupted()) return kInconclusive;
  return stats.unreadable.empty() ? kClean : kUnreadable;
}

}  // namespace labyrinth::tool
