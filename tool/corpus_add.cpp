// labyrinth corpus add: a trace into corpus/seeds or corpus/regressions, if it belongs there.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "corpus_options.hpp"
#include "corpus_rules.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "triage.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

class Adding {
 public:
  Adding(const CorpusOptions& options, const machine::Target& target) : options_(options), target_(target) {
    machine_.use(target.table());
    for (const std::string& path : list_inputs({options.corpus}, Wanted::kCrashes)) {
      const auto input = read_input(path);
      if (const auto* const there = std::get_if<CorpusInput>(&input))
        there_.emplace(bare_key(there->file.trace), path);
    }
  }

  /// The exit code for one file.
  [[nodiscard]] int add(const std::string& path) {
    auto read = read_input(path);
    if (const auto* const error = std::get_if<std::string>(&read))
      return refuse(path, *error, "", kUnreadable);
    CorpusInput& input = std::get<CorpusInput>(read);
    if (const std::string found = there(input); !found.empty())
      return refuse(path, "is in the corpus already: " + found, "", kBadUsage);
    Look look = look_at(machine_, target_, input);
    if (look.near) take_near(input, *look.near);
    const bool seed = options_.as == "seed";
    if (const auto [why, code] = seed ? why_no_seed(input, look) : why_no_regression(look); !why.empty())
      return refuse(path, why, look.verdict, code);
    if (!seed && shrink_it(input, look)) {
      look = look_at(machine_, target_, input);
      if (const std::string found = there(input); !found.empty())
        return refuse(path, "is, made small, in the corpus already: " + found, "", kBadUsage);
    }
    input.file.comment = seed ? comment_of_seed(input) : comment_of_regression(input, look);
    // A trace of the corpus is for every build to come.
    input.file.recorded.clear();
    input.file.build.clear();
    const std::string name = name_for(input, look);
    if (!is_file_name(name))
      return refuse(path, fmt::format("`{}` is no name: letters, digits, - and _ are", name), "", kBadUsage);
    const fs::path target = fs::path(options_.corpus) / (seed ? "seeds" : "regressions") / (name + ".trace");
    std::error_code error_of_directory;  // write_new() says what comes of it.
    fs::create_directories(target.parent_path(), error_of_directory);
    if (const int error = write_new(target, machine::print_trace(input.file)); error != 0)
      return refuse(path,
                    fmt::format("cannot be written to {}: {}; choose another --name", target.string(),
                                std::strerror(error)),
                    "", kUnreadable);
    there_.emplace(bare_key(input.file.trace), target);
    if (options_.moves && path != "-") fs::remove(path);
    added_.push_back({{"file", path}, {"added", target}, {"signature", look.signature}});
    if (!options_.json) fmt::print("{}: added as {}\n", path, target.string());
    return kClean;
  }

  void print() const {
    if (options_.json) fmt::print("{}\n", nlohmann::json{{"added", added_}, {"refused", refused_}}.dump(2));
  }

 private:
  /// The path of the same trace; "" if there is none.
  [[nodiscard]] std::string there(const CorpusInput& input) const {
    const auto found = there_.find(bare_key(input.file.trace));
    return found == there_.end() ? "" : found->second;
  }

  /// False: it stays as it is, with the names that its calls have.
  [[nodiscard]] bool shrink_it(CorpusInput& input, const Look& look) {
    if (look.kind != Look::Kind::kViolation || options_.budget == 0) return false;
    const auto parsed = machine::parse_trace(make_small(machine_, target_, input, look, options_.budget));
    const auto* const small = std::get_if<machine::TraceFile>(&parsed);
    if (small == nullptr || machine::same(small->trace, input.file.trace)) return false;
    input.file.trace = small->trace;
    input.file.names = small->names;
    return true;
  }

  using Why = std::pair<std::string, int>;

  [[nodiscard]] Why why_no_regression(const Look& look) const {
    switch (look.kind) {
      case Look::Kind::kViolation:
      case Look::Kind::kDied:
        return {};
      case Look::Kind::kClean:
        return {fmt::format("shows no violation on {}: say with --target what it fails on, or --as seed",
                            target_.path()),
                kBadUsage};
      case Look::Kind::kFickle:
        return {
            "does not fail the same way twice; the target is not deterministic (docs/reading-a-verdict.md)",
            kInconclusive};
      case Look::Kind::kInconclusive:
        break;
    }
    return {fmt::format("cannot be decided on {}", target_.path()), kInconclusive};
  }

  [[nodiscard]] Why why_no_seed(const CorpusInput& input, const Look& look) const {
    if (look.kind != Look::Kind::kClean)
      return {
          fmt::format("is not clean on {}: a seed is; a failure is added --as regression", target_.path()),
          kBadUsage};
    if (!look.unmatched.empty())
      return {fmt::format("its schedule cannot be carried out ({}): drop those lines", look.unmatched),
              kBadUsage};
    if (requirements_in(options_.shows.empty() ? input.file.comment : options_.shows).empty())
      return {"says of no requirement that it shows it: --shows 'X3: ...' names one of docs/requirements.md",
              kBadUsage};
    return {};
  }

  /// "mutant-NAME.so" is NAME's.
  [[nodiscard]] std::string mutant() const {
    const std::string stem = fs::path(target_.path()).stem();
    return stem.starts_with("mutant-") ? stem.substr(7) : "";
  }

  [[nodiscard]] std::string name_for(const CorpusInput& input, const Look& look) const {
    if (!options_.name.empty()) return options_.name;
    if (options_.as == "seed") return fs::path(input.path).stem();
    const std::string taken = fs::path(options_.corpus) / "regressions" / (mutant() + ".trace");
    return !mutant().empty() && !fs::exists(taken)
               ? mutant()
               : look.signature + "-" + short_hash(bare_key(input.file.trace));
  }

  [[nodiscard]] std::string comment_of_seed(const CorpusInput& input) const {
    return options_.shows.empty() ? input.file.comment : options_.shows;
  }

  [[nodiscard]] std::string comment_of_regression(const CorpusInput& input, const Look& look) const {
    const std::string where =
        mutant().empty() ? fmt::format("Failed on {} build {}", target_.table().name, target_.build())
                         : fmt::format("Fails on the mutant {}", mutant());
    const std::string clause = look.clause.empty() ? look.signature : look.clause;
    return fmt::format("{} ({}): {}.\nsignature {}, engine {}{}{}, {}\n{}", where, clause,
                       !options_.shows.empty() ? options_.shows
                       : look.shows.empty()    ? look.verdict
                                               : look.shows,
                       look.signature, input.origin.engine, input.origin.seed.empty() ? "" : ", seed ",
                       input.origin.seed, date_text(input.origin.when.value_or(0)), input.origin.how);
  }

  int refuse(const std::string& path, const std::string& why, const std::string& verdict, int code) {
    // Errors of reading begin with the path.
    const std::string line = why.starts_with(path) ? why : fmt::format("{}: {}", path, why);
    fmt::print(stderr, "{}{}\n", line, verdict.empty() ? "" : fmt::format(" (here: {})", verdict));
    refused_.push_back({{"file", path}, {"why", why}});
    return code;
  }

  const CorpusOptions& options_;
  const machine::Target& target_;
  machine::Machine machine_{};
  std::map<std::string, std::string> there_{};  ///< Path by key.
  nlohmann::json added_ = nlohmann::json::array(), refused_ = nlohmann::json::array();
};

}  // namespace

int corpus_add(const CorpusOptions& options) {
  if (!options.name.empty() && options.paths.size() > 1) {
    fmt::print(stderr, "labyrinth: --name is for one file; add {} files one by one\n", options.paths.size());
    return kBadUsage;
  }
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  catch_interrupt();
  Adding adding(options, *target);
  int code = kClean;
  for (const std::string& path : list_inputs(options.paths, Wanted::kCrashes)) {
    const int one = interrupted() ? kInconclusive : adding.add(path);
    code = code == kClean || one == kUnreadable ? one : code;
  }
  adding.print();
  return code;
}

}  // namespace labyrinth::tool
