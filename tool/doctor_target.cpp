// What is wrong with a target's build, from what its probe measured.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "corpus_apart.hpp"
#include "doctor.hpp"
#include "doctor_probe.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Of fewer, a fuzzer learns next to nothing; the smallest allocator here has 30.
constexpr std::size_t kFewEdges = 10;

/// "" if both runs did the same; else the first step that differs.
[[nodiscard]] std::string difference(const json& left, const json& right) {
  const auto& one = left.at("steps");
  const auto& other = right.at("steps");
  for (std::size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
    const std::string a = i < one.size() ? one[i].get<std::string>() : "(the run ended)";
    const std::string b = i < other.size() ? other[i].get<std::string>() : "(the run ended)";
    if (a != b) return fmt::format("step {}: `{}`, and then `{}`", i + 1, a, b);
  }
  return "";
}

class Examination {
 public:
  Examination(std::string path, const DoctorOptions& options, const std::vector<CorpusInput>& seeds)
      : path_(std::move(path)), options_(options), seeds_(seeds), probe_(path_, seeds) {}

  [[nodiscard]] std::vector<Check> run() {
    results_.resize(probe_.stages());
    work_apart(
        probe_.stages(), options_.seconds, [&](std::size_t stage) { return probe_.run(stage); },
        [&](std::size_t stage, const Apart& apart) {
          results_[stage] = apart;
          return stage != 0 || (apart.death.empty() && !apart.result.contains("error"));
        });
    if (!judge_load()) return checks_;
    judge_hooks();
    judge_interrupts();
    judge_edges();
    judge_seeds();
    judge_state();
    judge_reproducible();
    judge_sibling("plain", "the harnesses sequential and differential run it");
    judge_sibling("sanitized", "sequential_sanitized_fuzzer runs it: memory errors and undefined behaviour");
    return checks_;
  }

 private:
  void add(const char* name, Check::State state, std::string says, std::string mend = "") {
    checks_.push_back({name, state, std::move(says), std::move(mend)});
  }
  /// Of stage 0.
  [[nodiscard]] const json& self() const { return results_[0].result; }
  [[nodiscard]] bool is_plain() const { return self()["plain"].get<bool>(); }
  [[nodiscard]] const Apart& first(std::size_t seed) const { return results_[2 + seed]; }
  [[nodiscard]] const Apart& second(std::size_t seed) const { return results_[2 + seeds_.size() + seed]; }
  [[nodiscard]] bool ran(std::size_t seed) const {
    return first(seed).death.empty() && !first(seed).result.is_null();
  }

  [[nodiscard]] bool judge_load() {
    const Apart& apart = results_[0];
    if (!apart.death.empty()) {
      add("loads", Check::State::kBroken,
          fmt::format("the process ended while it was loaded: {}", apart.death),
          "constructors of globals run then: what they need must be there");
    } else if (apart.result.contains("error")) {
      add("loads", Check::State::kBroken, apart.result["error"],
          "docs/your-allocator.md shows a target from scratch");
    } else if (apart.result.is_null()) {
      add("loads", Check::State::kUnclear, "interrupted");
    } else {
      add("loads", Check::State::kOk,
          fmt::format("{}, build {}", self()["name"].get<std::string>(), self()["build"].get<std::string>()));
      return true;
    }
    return false;
  }

  void judge_hooks() {
    const auto hooks = self()["hooks"].get<unsigned>();
    std::uint64_t accesses = 0;
    for (std::size_t i = 0; i < seeds_.size(); ++i)
      if (ran(i)) accesses += first(i).result["accesses"].get<std::uint64_t>();
    if (is_plain()) {
      const fs::path folder = fs::absolute(path_).parent_path();
      const fs::path hooked = folder.parent_path() / fs::path(path_).filename();
      std::error_code ignored;
      if (folder.filename() == "plain" && fs::exists(hooked, ignored)) {
        add("hooks", Check::State::kBroken, "this is the one that is built without them",
            fmt::format("name the one with hooks: --target {}", hooked.string()));
      } else {
        add("hooks", Check::State::kWarning, "it has none (PLAIN): contexts change only between its calls",
            "compile its sources with labyrinth_add_target(), if you have them");
      }
    } else if (hooks == 0) {
      add("hooks", Check::State::kBroken,
          "its accesses do not call out: nothing happens between two of them, ever",
          "build it with labyrinth_add_target(), which compiles with -fsanitize=thread and links without; "
          "and no -fno-sanitize=thread in its OPTIONS");
    } else if (accesses == 0 && !seeds_.empty()) {
      add("hooks", Check::State::kWarning, "they are in, but no atomic access was seen in any seed",
          "are the allocator's own SOURCES compiled with them, and not only its ADAPTER? One with locks "
          "alone "
          "has none");
    } else {
      add("hooks", Check::State::kOk,
          fmt::format("{} kinds, {} atomic accesses in the seeds", hooks, accesses));
    }
  }

  void judge_interrupts() {
    const Apart& apart = results_[1];
    if (!apart.death.empty()) {
      add("interrupts", Check::State::kBroken,
          fmt::format("the process ended in a small program: {}", apart.death),
          "run it under a debugger: gdb --args labyrinth explore --calls 1 --target " + tool::quoted(path_));
      return;
    }
    if (apart.result.is_null()) {
      add("interrupts", Check::State::kUnclear, "interrupted");
      return;
    }
    if (apart.result.contains("refused")) {
      add("interrupts", Check::State::kUnclear,
          "the target does not accept a machine of 8 frames and two CPUs",
          "let create() and state_size() take small machines: engines are quicker on them");
      return;
    }
    const auto accesses = apart.result["accesses"].get<unsigned>();
    const auto cpu = apart.result["cpu"].get<unsigned>();
    const auto hardirq = apart.result["hardirq"].get<unsigned>(), nmi = apart.result["nmi"].get<unsigned>();
    const bool can_nmi = apart.result["can_nmi"].get<bool>();
    const std::string says = fmt::format(
        "of {} accesses of an alloc and a free, {} let another CPU come between, {} a hardirq, {}", accesses,
        cpu, hardirq, can_nmi ? fmt::format("{} an NMI", nmi) : "and NMIs make no calls (CAN_NMI)");
    if (is_plain()) {
      add("interrupts", Check::State::kWarning, "none inside of calls: it has no hooks");
    } else if (cpu + hardirq + nmi == 0 || (can_nmi && nmi == 0)) {
      add("interrupts", Check::State::kBroken, says,
          "they come between hooks, at atomic accesses: see `hooks`");
    } else {
      add("interrupts", Check::State::kOk, says);  // One that masks interrupts has no hardirqs, rightly.
    }
  }

  void judge_edges() {
    const auto edges = self()["edges"].get<std::size_t>();
    std::set<std::size_t> reached;
    for (std::size_t i = 0; i < seeds_.size(); ++i)
      if (ran(i)) reached.merge(first(i).result["edges"].get<std::set<std::size_t>>());
    const std::string mend =
        "build it with labyrinth_add_target(), and no -fno-sanitize-coverage in its OPTIONS";
    if (edges == 0 && !is_plain()) {
      add("edges", Check::State::kBroken, "none is counted: fuzzers cannot see where they get", mend);
    } else if (edges < kFewEdges) {
      add("edges", Check::State::kWarning, fmt::format("only {} are counted: fuzzers see little", edges),
          mend);
    } else {
      add("edges", Check::State::kOk,
          fmt::format("{} are counted, of which the seeds reach {}", edges, reached.size()));
    }
  }

  void judge_seeds() {
    std::size_t clean = 0, refused = 0, unclear = 0;
    for (std::size_t i = 0; i < seeds_.size(); ++i) {
      const std::string replay =
          fmt::format("labyrinth replay --target {} {}", tool::quoted(path_), tool::quoted(seeds_[i].path));
      if (!ran(i)) {
        if (first(i).death.empty()) continue;  // Stopped by Ctrl-C.
        add("seeds", Check::State::kBroken,
            fmt::format("{}: the process ended: {}", seeds_[i].path, first(i).death), replay);
        continue;
      }
      const std::string kind = first(i).result["kind"], verdict = first(i).result["verdict"];
      if (kind == "violation") add("seeds", Check::State::kBroken, seeds_[i].path + ": " + verdict, replay);
      if (kind == "inconclusive") {
        ++unclear;
        add("seeds", Check::State::kUnclear, seeds_[i].path + ": " + verdict, "docs/reading-a-verdict.md");
      }
      clean += kind == "clean" ? 1 : 0;
      refused += kind == "refused" ? 1 : 0;
    }
    const std::string says = fmt::format("{} of {} are clean, {} need what the target does not have", clean,
                                         seeds_.size(), refused);
    if (clean == 0) {
      add("seeds", Check::State::kUnclear, says, "name some of your own: --seeds traces/");
    } else if (clean + refused == seeds_.size()) {
      add("seeds", Check::State::kOk, says);
    } else if (unclear == 0) {
      add("seeds", Check::State::kBroken, says, "labyrinth minimize makes what breaks a clause small");
    }
  }

  /// The same seed, first and after all others, in one process.
  void judge_state() {
    std::size_t compared = 0;
    for (std::size_t i = 0; i < seeds_.size(); ++i) {
      if (!ran(i) || !second(i).death.empty() || second(i).result.is_null()) continue;
      if (first(i).result["kind"] != "refused") ++compared;
      const std::string differs = difference(first(i).result, second(i).result);
      if (differs.empty()) continue;
      add("state", Check::State::kBroken,
          fmt::format("{}: other runs in between changed it, at {}", seeds_[i].path, differs),
          "between runs the machine puts back what the target wrote to its state, its heap and its globals: "
          "what "
          "it keeps in files, in the C library or in other processes stays");
      return;
    }
    if (compared == 0) return;  // The seeds have been told of.
    add("state", Check::State::kOk, "each seed ran the same after all others");
  }

  /// The same seed in another process, which has another number and begins later.
  void judge_reproducible() {
    TargetProbe again(path_, seeds_);
    std::string found;
    std::size_t compared = 0;
    work_apart(
        2 + seeds_.size(), options_.seconds, [&](std::size_t stage) { return again.run(stage); },
        [&](std::size_t stage, const Apart& apart) {
          if (stage < 2 || !ran(stage - 2) || apart.result.is_null()) return true;
          if (apart.result["kind"] != "refused") ++compared;
          const std::string differs = difference(first(stage - 2).result, apart.result);
          if (!differs.empty()) found = fmt::format("{}: {}", seeds_[stage - 2].path, differs);
          return found.empty();
        });
    if (compared == 0) return;
    if (found.empty()) {
      add("reproducible", Check::State::kOk, "each seed ran the same in another process");
    } else {
      add("reproducible", Check::State::kBroken, "another process did otherwise, " + found,
          "the target asks something of the process or the world: a process number, a clock, a file. "
          "CPU number, heap and thread-locals are to come from the machine (labyrinth/machine/machine.h)");
    }
  }

  void judge_sibling(const char* folder, const char* what_for) {
    const fs::path sibling = fs::absolute(path_).parent_path() / folder / fs::path(path_).filename();
    std::error_code ignored;
    if (is_plain()) return;
    if (fs::exists(sibling, ignored)) {
      add(folder, Check::State::kOk, sibling.string());
    } else {
      add(folder, Check::State::kWarning, fmt::format("there is no {}: {}", sibling.string(), what_for),
          fmt::format("cmake --build BUILD --target {}-{}", fs::path(path_).stem().string(), folder));
    }
  }

  std::string path_;
  const DoctorOptions& options_;
  const std::vector<CorpusInput>& seeds_;
  TargetProbe probe_;
  std::vector<Apart> results_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> look_at_target(const std::string& path, const DoctorOptions& options,
                                  std::vector<std::string>& unreadable) {
  std::vector<std::string> places = options.seeds;
  if (places.empty()) places.push_back((program_directory() / "corpus" / "seeds").string());
  const std::vector<CorpusInput> seeds = read_inputs(places, Wanted::kAll, unreadable);
  return Examination(path, options, seeds).run();
}

}  // namespace labyrinth::tool
