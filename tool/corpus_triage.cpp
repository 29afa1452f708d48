// labyrinth corpus triage: inputs that once failed, by signature.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "corpus_options.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "triage.hpp"

namespace labyrinth::tool {
namespace {

/// Inputs of one signature.
struct Group {
  std::vector<std::size_t> inputs;
  std::size_t best = 0;
  Look look{};
  std::string file;  ///< It was saved in; "" if it was not.
  std::size_t calls = 0, departures = 0;
};

/// The fewer calls and departures the better; the name decides, so that the same files give the same best.
[[nodiscard]] bool better(const Look& left, const std::string& left_path, const Look& right,
                          const std::string& right_path) {
  const std::size_t a = left.calls + left.departures, b = right.calls + right.departures;
  return a != b ? a < b : left_path < right_path;
}

class Triage {
 public:
  Triage(const CorpusOptions& options, const machine::Target& target) : options_(options), target_(target) {
    machine_.use(target.table());
  }

  [[nodiscard]] int run() {
    catch_interrupt();
    read();
    look();
    save_groups();
    options_.json ? print_json() : print();
    int code = unreadable_.empty() ? kClean : kUnreadable;
    if (!not_clear_.empty() || interrupted()) code = worse(code, kInconclusive);
    if (!groups_.empty()) code = kViolation;
    return for_machines().write(options_.results, code) ? code : worse(code, kInconclusive);
  }

 private:
  void read() {
    inputs_ = read_inputs(options_.paths, Wanted::kCrashes, unreadable_);
    for (CorpusInput& input : inputs_) {
      Origin& origin = input.origin;
      if (origin.engine == "unknown" && !options_.engine.empty()) origin.engine = options_.engine;
      if (origin.seed.empty()) origin.seed = options_.seed;
    }
  }

  void look() {
    look_at(machine_, target_, inputs_, options_.seconds, [&](std::size_t i, const Look& look) {
      ++looked_;
      if (look.near) take_near(inputs_[i], *look.near);
      if (status_.due())
        status_.show(
            fmt::format("triage: {} of {} replayed, {} signatures", looked_, inputs_.size(), groups_.size()));
      const std::string& path = inputs_[i].path;
      if (look.kind == Look::Kind::kClean) {
        gone_.push_back(path);
      } else if (look.kind == Look::Kind::kInconclusive || look.kind == Look::Kind::kFickle) {
        not_clear_.emplace_back(path, look.verdict);
      } else {
        Group& group = groups_[look.signature];
        if (group.inputs.empty() || better(look, path, group.look, inputs_[group.best].path)) {
          group.best = i;
          group.look = look;
        }
        group.inputs.push_back(i);
      }
      return !interrupted();
    });
  }

  void save_groups() {
    for (auto& [signature, group] : groups_) {
      if (interrupted()) return;
      status_.show(fmt::format("triage: making {} small, one of {} inputs", signature, group.inputs.size()));
      const std::string text =
          make_small(machine_, target_, inputs_[group.best], group.look, options_.budget);
      const auto parsed = machine::parse_trace(text);
      const auto* const file = std::get_if<machine::TraceFile>(&parsed);
      if (file == nullptr) {
        not_clear_.emplace_back(inputs_[group.best].path, "no trace of it could be made");
        continue;
      }
      group.calls = file->trace.call_count;
      group.departures = file->trace.departure_count;
      group.file = save(options_.findings, signature, *file).value_or("");
      if (group.file.empty()) not_clear_.emplace_back(inputs_[group.best].path, "cannot be saved");
    }
  }

  [[nodiscard]] nlohmann::json paths(const std::vector<std::size_t>& inputs) const {
    nlohmann::json list = nlohmann::json::array();
    for (const std::size_t i : inputs) list.push_back(inputs_[i].path);
    return list;
  }

  void print_json() const {
    nlohmann::json groups = nlohmann::json::array();
    for (const auto& [signature, group] : groups_) {
      groups.push_back({{"signature", signature},
                        {"shows", group.look.shows},
                        {"file", group.file},
                        {"calls", group.calls},
                        {"departures", group.departures},
                        {"best", inputs_[group.best].path},
                        {"inputs", paths(group.inputs)}});
    }
    nlohmann::json not_clear = nlohmann::json::array();
    for (const auto& [path, why] : not_clear_) not_clear.push_back({{"file", path}, {"why", why}});
    fmt::print("{}\n", nlohmann::json{{"target", target_.table().name},
                                      {"build", target_.build()},
                                      {"groups", groups},
                                      {"clean", gone_},
                                      {"not_clear", not_clear},
                                      {"unreadable", unreadable_},
                                      {"not_looked_at", inputs_.size() - looked_}}
                           .dump(2));
  }

  [[nodiscard]] Results for_machines() const {
    Results results("corpus triage", target_.table().name);
    for (const auto& [signature, group] : groups_)
      results.add({.name = signature,
                   .code = kViolation,
                   .clause = group.look.clause,
                   .key = signature,
                   .text = fmt::format(
                       "{}\n{} inputs\n{}", group.look.shows.empty() ? group.look.verdict : group.look.shows,
                       group.inputs.size(), group.file.empty() ? "" : command("replay", target_, group.file)),
                   .file = group.file.empty() ? inputs_[group.best].path : group.file});
    for (const std::string& path : gone_) results.add({.name = path, .file = path});
    for (const auto& [path, why] : not_clear_)
      results.add({.name = path, .code = kInconclusive, .text = why, .file = path});
    for (const std::string& path : unreadable_)
      results.add({.name = path, .code = kUnreadable, .text = "unreadable", .file = path});
    return results;
  }

  void print() const {
    for (const auto& [signature, group] : groups_) {
      fmt::print("{}: {} input{}\n", signature, group.inputs.size(), group.inputs.size() == 1 ? "" : "s");
      if (!group.look.shows.empty()) fmt::print("  {}\n", group.look.shows);
      if (!group.file.empty()) {
        fmt::print("  {} calls, {} departures, from {}\n  {}\n", group.calls, group.departures,
                   inputs_[group.best].path, command("replay", target_, group.file));
      }
    }
    for (const std::string& path : gone_) fmt::print("{}: clean on this build\n", path);
    for (const auto& [path, why] : not_clear_) fmt::print("{}: {}\n", path, why);
    fmt::print("summary: {} inputs, {} signatures, {} clean, {} not clear, {} unreadable{}\n",
               inputs_.size() + unreadable_.size(), groups_.size(), gone_.size(), not_clear_.size(),
               unreadable_.size(),
               looked_ == inputs_.size() ? "" : fmt::format(", {} not looked at", inputs_.size() - looked_));
  }

  const CorpusOptions& options_;
  const machine::Target& target_;
  machine::Machine machine_{};
  StatusLine status_{};
  std::vector<CorpusInput> inputs_{};
  std::size_t looked_ = 0;
  std::map<std::string, Group> groups_{};
  std::vector<std::string> gone_{}, unreadable_{};
  std::vector<std::pair<std::string, std::string>> not_clear_{};  ///< Path and why.
};

}  // namespace

int corpus_triage(const CorpusOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  return Triage(options, *target).run();
}

}  // namespace labyrinth::tool
