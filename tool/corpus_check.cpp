// labyrinth corpus check: the corpus keeps its rules.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "corpus_apart.hpp"
#include "corpus_features.hpp"
#include "corpus_options.hpp"
#include "corpus_rules.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "results.hpp"
#include "triage.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

class CorpusCheck {
 public:
  CorpusCheck(const CorpusOptions& options, const machine::Target& target)
      : options_(options), target_(target) {
    machine_.use(target.table());
    const fs::path mutants = fs::weakly_canonical(options.corpus).parent_path() / "proofs" / "mutants";
    if (fs::exists(mutants)) mutants_ = mutants;
  }

  [[nodiscard]] int run() {
    catch_interrupt();
    for (const char* const folder : {"seeds", "regressions"}) read(fs::path(options_.corpus) / folder);
    if (inputs_.empty()) {
      fmt::print(stderr,
                 "labyrinth: {} has no traces in seeds/ or regressions/; --corpus names another place\n",
                 options_.corpus);
      return kUnreadable;
    }
    replay();
    replay_neighbours();
    look_for_features();
    print();
    if (interrupted()) code_ = worse(code_, kInconclusive);
    return for_machines().write(options_.results, code_) ? code_ : worse(code_, kInconclusive);
  }

 private:
  struct Complaint {
    std::string path, what;
    int code;
  };

  void read(const fs::path& folder) {
    const bool regression = folder.filename() == "regressions";
    if (!fs::exists(folder)) return;
    for (const std::string& path : list_inputs({folder}, Wanted::kAll)) {
      auto read = read_input(path);
      if (const auto* const error = std::get_if<std::string>(&read)) {
        complain("", *error, kUnreadable);  // It begins with the path.
        continue;
      }
      CorpusInput& input = std::get<CorpusInput>(read);
      if (options_.fixes) fix(input);
      for (const std::string& broken : rules_broken(input, regression, mutants_))
        complain(path, broken, kInconclusive);
      const auto [there, is_new] = keys_.emplace(bare_key(input.file.trace), path);
      if (!is_new) complain(path, "is the same trace as " + there->second, kInconclusive);
      if (!regression) {
        join(features_, features_of(input.file.trace));
        requirements_.merge(requirements_in(input.file.comment));
      }
      inputs_.push_back(std::move(input));
    }
  }

  void fix(CorpusInput& input) {
    const std::string text = machine::print_trace(input.file);
    if (input.binary || text == input.bytes) return;
    if (write_whole(input.path, text) != 0) return complain(input.path, "cannot be written", kUnreadable);
    input.bytes = text;
    ++fixed_;
  }

  void replay() {
    look_at(machine_, target_, inputs_, kSecondsEach, [&](std::size_t i, const Look& look) {
      const std::string& path = inputs_[i].path;
      const bool failed = look.kind == Look::Kind::kViolation || look.kind == Look::Kind::kDied;
      if (look.kind != Look::Kind::kClean)
        complain(path,
                 fmt::format("is not clean here: {}; {}", look.verdict, command("replay", target_, path)),
                 failed ? kViolation : kInconclusive);
      else if (!look.unmatched.empty())
        complain(path, "schedule not carried out: " + look.unmatched, kInconclusive);
      return !interrupted();
    });
  }

  void replay_neighbours() {
    const std::uint64_t seed = options_.seed.empty() ? 1 : std::stoull(options_.seed);
    StatusLine status;
    const auto run_all = [&](std::size_t i) {
      nlohmann::json result{{"tried", 0}};
      std::uint64_t tried = 0;
      // Of the trace and not of its place, so that another file beside it changes nothing.
      const std::uint64_t chance =
          seed + std::stoull(short_hash(bare_key(inputs_[i].file.trace)), nullptr, 16);
      for (const machine::Trace& trace : neighbours(inputs_[i].file.trace, options_.neighbours, chance)) {
        machine::Replay strategy(trace);
        const machine::Outcome& outcome = machine_.run(trace, strategy);
        ++tried;
        if (outcome.kind != machine::Outcome::Kind::kViolation) continue;
        machine::TraceFile file = with_schedule(trace, outcome);
        result["signature"] = signature(trace, outcome.violation);
        if (describe(machine_, target_, {"corpus", std::to_string(seed)}, file))
          result["text"] = machine::print_trace(file);
        break;
      }
      result["tried"] = tried;
      return result;
    };
    constexpr double kSecondsForAll = 600;
    work_apart(inputs_.size(), kSecondsForAll, run_all, [&](std::size_t i, const Apart& apart) {
      if (status.due())
        status.show(fmt::format("check: schedules beside {} of {} traces", i + 1, inputs_.size()));
      if (!apart.death.empty()) {
        complain(inputs_[i].path, "a schedule beside its own kills the process: " + apart.death, kViolation);
        return !interrupted();
      }
      tried_ += apart.result["tried"].get<std::uint64_t>();
      if (apart.result.contains("text")) {
        const auto file = machine::parse_trace(apart.result["text"].get<std::string>());
        const std::string name = apart.result["signature"];
        const auto saved = save(options_.findings, name, std::get<machine::TraceFile>(file));
        complain(inputs_[i].path,
                 fmt::format("a schedule beside its own breaks {}: {}", name, saved.value_or("(not saved)")),
                 kViolation);
      }
      return !interrupted();
    });
  }

  void look_for_features() {
    const std::string seeds = fs::path(options_.corpus) / "seeds";
    for (const std::string& name : lacking(all_features(), features_))
      complain(seeds, "no seed has " + name, kInconclusive);
    for (const std::string& name : all_requirements()) {
      if (!requirements_.contains(name))
        complain(seeds, "no seed names the requirement " + name, kInconclusive);
    }
  }

  void complain(const std::string& path, const std::string& what, int code) {
    complaints_.push_back({path, what, code});
    code_ = worse(code_, code);
  }

  [[nodiscard]] Results for_machines() const {
    Results results("corpus check", target_.table().name);
    std::set<std::string> complained_of;
    for (const auto& [path, what, code] : complaints_) {
      results.add({.name = path, .code = code, .text = what, .file = path});
      complained_of.insert(path);
    }
    for (const CorpusInput& input : inputs_)
      if (!complained_of.contains(input.path)) results.add({.name = input.path, .file = input.path});
    return results;
  }

  void print() const {
    if (options_.json) {
      nlohmann::json list = nlohmann::json::array();
      for (const auto& [path, what, code] : complaints_) list.push_back({{"file", path}, {"what", what}});
      fmt::print(
          "{}\n",
          nlohmann::json{
              {"traces", inputs_.size()}, {"neighbours", tried_}, {"fixed", fixed_}, {"complaints", list}}
              .dump(2));
      return;
    }
    for (const auto& [path, what, code] : complaints_)
      fmt::print("{}{}{}\n", path, path.empty() ? "" : ": ", what);
    fmt::print("summary: {} traces, {} schedules beside theirs, {} complaints{}\n", inputs_.size(), tried_,
               complaints_.size(), fixed_ == 0 ? "" : fmt::format(", {} written anew", fixed_));
  }

  const CorpusOptions& options_;
  const machine::Target& target_;
  machine::Machine machine_{};
  std::string mutants_{};
  std::vector<CorpusInput> inputs_{};
  std::map<std::string, std::string> keys_{};  ///< Path by trace.
  Features features_{};
  std::set<std::string> requirements_{};
  std::vector<Complaint> complaints_{};
  std::uint64_t tried_ = 0;
  std::size_t fixed_ = 0;
  int code_ = kClean;
};

}  // namespace

int corpus_check(const CorpusOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  return CorpusCheck(options, *target).run();
}

}  // namespace labyrinth::tool
