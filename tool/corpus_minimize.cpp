// labyrinth corpus minimize: the fewest inputs that cover as much as all.
//
// What is covered is what libFuzzer counts: each edge of the target, by how often it was taken, in its eight
// classes; and its extra counters, where a harness has them. libFuzzer's own -merge=1 keeps inputs in order
// of size as long as each adds something, and reads only the binary form; this covers the set greedily, and
// both forms.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <queue>

#include "corpus_apart.hpp"
#include "corpus_files.hpp"
#include "corpus_options.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "labyrinth/machine/coverage.hpp"
#include "report.hpp"

// The linker's names for the section in which libFuzzer looks for counters (FuzzerExtraCounters.cpp).
extern "C" {
extern std::uint8_t first_extra_counter[] __asm__("__start___libfuzzer_extra_counters") __attribute__((weak));
extern std::uint8_t end_of_extra_counters[] __asm__("__stop___libfuzzer_extra_counters")
    __attribute__((weak));
}

namespace labyrinth::tool {
namespace {

/// libFuzzer's CounterToFeature.
[[nodiscard]] std::uint32_t class_of(std::uint8_t count) {
  return count >= 128 ? 7 : count >= 32 ? 6 : count >= 16 ? 5 : count >= 8 ? 4 : count >= 4 ? 3 : count - 1U;
}

void add_counters(std::span<const std::uint8_t> counters, std::uint32_t& first,
                  std::vector<std::uint32_t>& covered) {
  for (std::uint32_t i = 0; i < counters.size(); ++i) {
    if (counters[i] != 0) covered.push_back((first + i) * 8 + class_of(counters[i]));
  }
  first += static_cast<std::uint32_t>(counters.size());
}

[[nodiscard]] std::span<std::uint8_t> extra_counters() {
  if (first_extra_counter == nullptr) return {};
  return {first_extra_counter, end_of_extra_counters};
}

/// What a run covers; null: it fails.
[[nodiscard]] nlohmann::json covered_by(machine::Machine& machine, const machine::Trace& trace) {
  // As a fuzzer does before each execution.
  for (const std::span<std::uint8_t> range : machine::coverage()) std::ranges::fill(range, std::uint8_t{0});
  std::ranges::fill(extra_counters(), std::uint8_t{0});
  machine::Replay strategy(trace);
  if (machine.run(trace, strategy).kind == machine::Outcome::Kind::kViolation) return nullptr;
  std::vector<std::uint32_t> covered;
  std::uint32_t first = 0;
  for (const std::span<std::uint8_t> range : machine::coverage()) add_counters(range, first, covered);
  add_counters(extra_counters(), first, covered);
  return covered;
}

using Cover = std::vector<std::uint32_t>;

/// Greedy: always the input that adds most; of equals the smaller one. At most ln(n) times as many as there
/// have to be (Chvatal, 1979).
[[nodiscard]] std::vector<std::size_t> choose(const std::vector<CorpusInput>& inputs,
                                              const std::vector<Cover>& covers, std::size_t& features) {
  std::uint32_t most = 0;
  for (const Cover& cover : covers) {
    for (const std::uint32_t feature : cover) most = std::max(most, feature + 1);
  }
  std::vector<bool> have(most, false);
  const auto adds = [&](std::size_t i) {
    return static_cast<std::size_t>(
        std::ranges::count_if(covers[i], [&](std::uint32_t f) { return !have[f]; }));
  };
  struct Offer {
    std::size_t adds, input;
  };
  const auto worse_offer = [&](const Offer& a, const Offer& b) {
    if (a.adds != b.adds) return a.adds < b.adds;
    const std::size_t left = inputs[a.input].bytes.size(), right = inputs[b.input].bytes.size();
    return left != right ? left > right : a.input > b.input;
  };
  std::priority_queue<Offer, std::vector<Offer>, decltype(worse_offer)> offers(worse_offer);
  for (std::size_t i = 0; i < inputs.size(); ++i) offers.push({covers[i].size(), i});
  std::vector<std::size_t> chosen;
  while (!offers.empty()) {
    const Offer best = offers.top();
    offers.pop();
    // What an input adds only falls, so an offer that still holds is the best there is.
    if (const std::size_t now = adds(best.input); now != best.adds) {
      if (now != 0) offers.push({now, best.input});
      continue;
    }
    if (best.adds == 0) break;
    for (const std::uint32_t feature : covers[best.input]) have[feature] = true;
    chosen.push_back(best.input);
  }
  features = static_cast<std::size_t>(std::ranges::count(have, true));
  return chosen;
}

}  // namespace

int corpus_minimize(const CorpusOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  machine::Machine machine;
  machine.use(target->table());
  catch_interrupt();
  std::vector<std::string> unreadable, failing;
  const std::vector<CorpusInput> inputs = read_inputs(options.paths, Wanted::kAll, unreadable);
  std::vector<Cover> covers(inputs.size());
  StatusLine status;
  work_apart(
      inputs.size(), kSecondsEach, [&](std::size_t i) { return covered_by(machine, inputs[i].file.trace); },
      [&](std::size_t i, const Apart& apart) {
        if (status.due()) status.show(fmt::format("minimize: {} of {} replayed", i + 1, inputs.size()));
        if (apart.result.is_null()) {
          failing.push_back(inputs[i].path);
        } else {
          covers[i] = apart.result.get<Cover>();
        }
        return !interrupted();
      });
  if (interrupted()) {
    fmt::print(stderr, "labyrinth: stopped before all was replayed; nothing was written\n");
    return kInconclusive;
  }
  std::size_t features = 0, bytes = 0, all_bytes = 0;
  const std::vector<std::size_t> chosen = choose(inputs, covers, features);
  for (const CorpusInput& input : inputs) all_bytes += input.bytes.size();
  for (const std::size_t i : chosen) {
    bytes += inputs[i].bytes.size();
    if (put(options.output, std::filesystem::path(inputs[i].path).filename(), inputs[i].bytes).empty())
      return kInconclusive;
  }
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"inputs", inputs.size()},
                                      {"kept", chosen.size()},
                                      {"features", features},
                                      {"bytes", {{"before", all_bytes}, {"after", bytes}}},
                                      {"failing", failing},
                                      {"unreadable", unreadable},
                                      {"output", options.output}}
                           .dump(2));
  } else {
    for (const std::string& path : failing)
      fmt::print("{}: fails, and is left out; see labyrinth corpus triage\n", path);
    fmt::print("summary: {} of {} inputs, {} of {} bytes, {} features; in {}\n", chosen.size(), inputs.size(),
               bytes, all_bytes, features, options.output);
  }
  if (!failing.empty()) return kViolation;
  return unreadable.empty() ? kClean : kUnreadable;
}

}  // namespace labyrinth::tool
