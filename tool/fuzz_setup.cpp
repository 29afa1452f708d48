// Harnesses by name, and what becomes of what they find.
#include "fuzz_setup.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "differential.hpp"
#include "finding.hpp"
#include "found_list.hpp"
#include "input.hpp"
#include "interleaved.hpp"
#include "report.hpp"
#include "sequential.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

/// Whose harness runs: a sanitizer's callbacks carry no context.
const FuzzSetup* in_use = nullptr;

/// Where labyrinth_add_target() puts what it builds of the same sources without hooks; of such a one, itself.
[[nodiscard]] std::string plain_of(const std::string& hooked, const char* folder) {
  const std::filesystem::path path(hooked);
  const std::filesystem::path beside = std::filesystem::absolute(path).parent_path();
  return beside.filename() == folder ? hooked : (beside / folder / path.filename()).string();
}

/// Findings of one signature that are kept aside.
constexpr std::ptrdiff_t kEnough = 8;

/// Findings of that signature which are there already.
[[nodiscard]] std::ptrdiff_t saved(const std::string& directory, const std::string& signature) {
  std::error_code error;
  const std::filesystem::directory_iterator files(directory, error);
  return std::count_if(begin(files), end(files), [&](const auto& file) {
    return file.path().filename().string().starts_with(signature + "-");
  });
}

using Targets = std::vector<machine::Target>;

/// A harness by its name.
struct Kind {
  const char* name;
  bool runs_plain;   ///< Targets without hooks: it has no schedules.
  bool has_another;  ///< It holds its target against another one.
  std::unique_ptr<fuzz::Harness> (*make)(const Targets&, const fuzz::OnViolation&, const fuzz::OnDifference&);
};

constexpr std::array<Kind, 4> kKinds{{
    {"interleaved", false, false,
     [](const Targets& targets, const fuzz::OnViolation& keep, const fuzz::OnDifference&)
         -> std::unique_ptr<fuzz::Harness> { return std::make_unique<fuzz::Interleaved>(targets[0], keep); }},
    {"weak", false, false,
     [](const Targets& targets, const fuzz::OnViolation& keep,
        const fuzz::OnDifference&) -> std::unique_ptr<fuzz::Harness> {
       return std::make_unique<fuzz::Interleaved>(targets[0], keep, machine::MemoryModel::kRc11);
     }},
    {"sequential", true, false,
     [](const Targets& targets, const fuzz::OnViolation& keep, const fuzz::OnDifference&)
         -> std::unique_ptr<fuzz::Harness> { return std::make_unique<fuzz::Sequential>(targets[0], keep); }},
    {"differential", true, true,
     [](const Targets& targets, const fuzz::OnViolation& keep,
        const fuzz::OnDifference& note) -> std::unique_ptr<fuzz::Harness> {
       return std::make_unique<fuzz::Differential>(targets[0], targets[1], keep, note);
     }},
}};

/// Null: there is none.
[[nodiscard]] const Kind* kind_of(const std::string& name) {
  const auto* const found = std::ranges::find(kKinds, name, &Kind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<std::string>& harness_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kKinds.size());
    for (const Kind& kind : kKinds) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

std::unique_ptr<FuzzSetup> FuzzSetup::make(const FuzzOptions& options) {
  const Kind* const kind = kind_of(options.harness);
  if (kind == nullptr) {
    fmt::print(stderr, "labyrinth: there is no harness `{}`; there are {}\n", options.harness,
               fmt::join(harness_names(), ", "));
    return nullptr;
  }
  std::unique_ptr<FuzzSetup> setup(new FuzzSetup(options));
  setup->targets_.reserve(2);  // Harnesses keep references.
  if (!setup->load(options.target, kind->runs_plain)) return nullptr;
  if (kind->has_another && !setup->load(options.against, kind->runs_plain)) return nullptr;
  setup->harness_ = kind->make(
      setup->targets_, [raw = setup.get()](const fuzz::Find& find) { raw->keep(find); },
      [raw = setup.get()](const fuzz::Difference& difference) { raw->note(difference); });
  in_use = setup.get();
  return setup;
}

/// The target of that path, or the plain one that was built with it.
bool FuzzSetup::load(const std::string& path, bool wants_plain) {
  const std::string hooked = target_path(path);
  const char* const kind = options_.sanitized ? "sanitized" : "plain";
  const std::string chosen = wants_plain ? plain_of(hooked, kind) : hooked;
  if (wants_plain && !std::filesystem::exists(chosen)) {
    fmt::print(
        stderr,
        "labyrinth: there is no {}: the harness {} runs targets without hooks. Build {}, or name one\n",
        chosen, options_.harness, std::filesystem::path(hooked).stem().string() + "-" + kind);
    return false;
  }
  auto target = load_target(chosen);
  if (!target) return false;
  if (target->is_plain() != wants_plain) {
    fmt::print(stderr, "labyrinth: the harness {} runs targets {} hooks, and {} is one {}\n",
               options_.harness, wants_plain ? "without" : "with", chosen, wants_plain ? "with" : "without");
    return false;
  }
  targets_.push_back(*std::move(target));
  return true;
}

void FuzzSetup::tell(const fuzz::Find& find, const std::string& name) const {
  machine::TraceFile file = with_schedule(find.trace, find.outcome);
  machine::Machine machine;
  machine.use(find.target.table());
  if (!describe(machine, find.target, {options_.engine, options_.seed}, file)) return;
  const auto saved = save(options_.findings, name, file);
  const std::string path = saved.value_or("(not saved)");
  const std::string text = fmt::format("{}{}{}", find.note, *find.note == '\0' ? "" : "\n",
                                       report(machine, find.target, file, path, options_.verbose));
  if (options_.json) {
    fmt::print("{}\n",
               nlohmann::json{{"signature", name}, {"file", path}, {"build", find.target.build()}}.dump());
  } else {
    fmt::print("\n{}\n", text);
  }
  tell_found({{"signature", name},
              {"clause", model::name(find.outcome.violation.clause)},
              {"file", saved.value_or("")},
              {"text", summary(find.outcome) + "\n" + text}});
}

/// Saved as any finding, under what differs, and told once.
void FuzzSetup::note(const fuzz::Difference& difference) const {
  machine::TraceFile file{};
  file.trace = difference.trace;
  file.names = machine::default_names(file.trace);
  const std::string call = machine::call_text(file.trace, file.names, difference.call);
  const auto answer = [](const machine::CallResult& result) {
    if (result.state != machine::CallResult::State::kAnswered) return std::string("no answer");
    return fmt::format("{}, {}{}", status_name(result.status), result.pfn,
                       result.wake ? ", and wakes background reclaim" : "");
  };
  file.comment = fmt::format("answers differ: {}\n  {}: {}\n  {}: {}\n", call, targets_[0].path(),
                             answer(difference.one), targets_[1].path(), answer(difference.other));
  const auto saved = save(options_.findings, "difference", file);
  fmt::print("labyrinth: {}  in {}\n", file.comment, saved.value_or("(not saved)"));
  std::fflush(stdout);
  tell_found({{"signature", "difference"},
              {"file", saved.value_or("")},
              {"text", file.comment},
              {"permitted", true}});
}

/// The model has nothing to say of it, so no clause is named; the report itself is on stderr.
void FuzzSetup::keep_report() const {
  machine::TraceFile file{};
  file.trace = harness_->trace();
  file.names = machine::default_names(file.trace);
  file.comment =
      fmt::format("AddressSanitizer or UBSan reports an error in one of these calls\ntarget {} build {}\n",
                  targets_[0].table().name, targets_[0].build());
  const auto saved = save(options_.findings, "sanitizer", file);
  fmt::print(stderr, "labyrinth: a sanitizer reports an error while the trace {} runs\n",
             saved.value_or("(not saved)"));
  tell_found({{"signature", "sanitizer"}, {"file", saved.value_or("")}, {"text", file.comment}});
}

void keep_sanitizers_report() {
  if (in_use != nullptr) std::exchange(in_use, nullptr)->keep_report();
}

void FuzzSetup::keep(const fuzz::Find& find) const {
  const std::string name = signature(find.trace, find.outcome.violation);
  if (!aside_) {
    tell(find, name);
  } else if (saved(options_.findings, name) < kEnough && fork() == 0) {
    setsid();
    tell(find, name);
    std::fflush(stdout);
    _exit(0);
  }
  std::fflush(stdout);
  std::abort();
}

}  // namespace labyrinth::tool

// Called by the run-times of AddressSanitizer and UBSan where they are linked in, before they report.
extern "C" void __asan_on_error() { labyrinth::tool::keep_sanitizers_report(); }
extern "C" void __ubsan_on_report() { labyrinth::tool::keep_sanitizers_report(); }
