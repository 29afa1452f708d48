// The engines, as a person would call them on one mutant.
#include <fmt/format.h>

#include "input.hpp"
#include "mutants.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using Command = std::optional<std::vector<std::string>>;

/// This program, with what every verb takes.
[[nodiscard]] std::vector<std::string> verb(const char* name, const MutantHunt& hunt) {
  return {own_program(), name, "--target", hunt.mutant.target, "--findings", hunt.scratch / "findings"};
}

[[nodiscard]] std::vector<std::string> with(std::vector<std::string> words,
                                            const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

[[nodiscard]] Command replay(const MutantHunt& hunt) {
  return std::vector<std::string>{own_program(), "replay", "--target", hunt.mutant.target, hunt.mutant.trace};
}

[[nodiscard]] Command explore(const MutantHunt& hunt) {
  return with(verb("explore", hunt), {"--seconds", fmt::format("{}", hunt.seconds), hunt.mutant.trace});
}

/// No end but that of its time.
constexpr const char* kForever = "1000000000000";

[[nodiscard]] Command run(const MutantHunt& hunt) {
  return with(verb("run", hunt), {"--seed", std::to_string(hunt.seed), "--count", kForever, "--memory",
                                  hunt.mutant.weak ? "rc11" : "sc"});
}

[[nodiscard]] Command schedules(const MutantHunt& hunt) {
  return with(verb("run", hunt),
              {"--seed", std::to_string(hunt.seed), "--count", kForever, hunt.mutant.trace});
}

[[nodiscard]] const char* harness(const MutantHunt& hunt) {
  return hunt.mutant.weak ? "weak" : "interleaved";
}

/// A program of its own, which not every build has.
[[nodiscard]] Command properties(const MutantHunt& hunt) {
  const fs::path program = hunt.places.build / "properties" / "labyrinth_properties";
  if (!fs::exists(program)) return std::nullopt;
  return std::vector<std::string>{
      program,      "--until-broken",          "--target", hunt.mutant.target,
      "--findings", hunt.scratch / "findings", "--seed",   std::to_string(hunt.seed)};
}

[[nodiscard]] Command fuzz(const MutantHunt& hunt) {
  return with(verb("fuzz", hunt), {"--harness", harness(hunt), fmt::format("-seed={}", hunt.seed),
                                   fmt::format("-max_total_time={:.0f}", hunt.seconds)});
}

[[nodiscard]] Command campaign(const MutantHunt& hunt) {
  return std::vector<std::string>{own_program(),  "fuzz",
                                  "start",        hunt.scratch / "campaign",
                                  "--target",     hunt.mutant.target,
                                  "--harness",    harness(hunt),
                                  "--seed",       std::to_string(hunt.seed),
                                  "--time",       fmt::format("{:.0f}s", hunt.seconds),
                                  "--signatures", "1",
                                  "--seeds",      hunt.places.sources / "corpus" / "seeds"};
}

/// The library as it would ship with the mutant in it: built for some (docs/shipping.md, docs/stepping.md).
[[nodiscard]] Command stress(const MutantHunt& hunt, const char* interrupts) {
  const fs::path program = hunt.places.build / "properties" / "shipping" / ("stress-" + hunt.mutant.name);
  if (!fs::exists(program)) return std::nullopt;
  return std::vector<std::string>{program,
                                  "--threads",
                                  "4",
                                  "--interrupts",
                                  interrupts,
                                  "--seed",
                                  std::to_string(hunt.seed),
                                  "--seconds",
                                  fmt::format("{}", hunt.seconds)};
}

[[nodiscard]] Command threads(const MutantHunt& hunt) { return stress(hunt, "0"); }
[[nodiscard]] Command signals(const MutantHunt& hunt) { return stress(hunt, "20000"); }

[[nodiscard]] Command step(const MutantHunt& hunt) {
  const fs::path shipped = hunt.places.build / "targets" / "stepped" / (hunt.mutant.name + ".so");
  if (!fs::exists(shipped)) return std::nullopt;
  return std::vector<std::string>{hunt.places.build / "properties" / "labyrinth_step",
                                  "--shipped",
                                  shipped,
                                  "--target",
                                  hunt.mutant.target,
                                  "--findings",
                                  hunt.scratch / "findings"};
}

}  // namespace

const std::vector<MutantEngine>& mutant_engines() {
  static const std::vector<MutantEngine> engines{
      {"replay", "the trace kept for it", false, false, replay},
      {"explore", "every schedule of that trace's program", false, true, explore},
      {"schedules", "random schedules of that program", true, false, schedules},
      {"run", "random programs under random schedules", true, false, run},
      {"properties", "all properties in turn, on generated cases", true, false, properties},
      {"fuzz", "libFuzzer, from nothing", true, true, fuzz},
      {"campaign", "libFuzzer and AFL++ together, from the seeds", true, true, campaign},
      {"threads", "real threads on the library as it ships, where it was built with the mutant", true, true,
       threads},
      {"signals", "the same, with real signals in the middle of calls", true, true, signals},
      {"step", "interrupts at every instruction of that library", false, false, step},
  };
  return engines;
}

}  // namespace labyrinth::tool
