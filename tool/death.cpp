// Deaths, in words.
#include "death.hpp"

#include <fmt/format.h>

#include "corpus_apart.hpp"
#include "input.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "observe_apart.hpp"

namespace labyrinth::tool {
namespace {

[[nodiscard]] ObservedApart look_again(const machine::TraceFile& file, const machine::Target& target,
                                       double seconds) {
  machine::Machine machine;
  machine.use(target.table());
  return observe_apart([&]() -> machine::Machine& { return machine; }, file, seconds,
                       [](const machine::Machine& ran) {
                         return nlohmann::json(ran.outcome().kind == machine::Outcome::Kind::kClean);
                       });
}

/// What was under way when it ended.
[[nodiscard]] std::string last_call(const machine::TraceFile& file, const Timeline& timeline) {
  if (timeline.steps.empty()) return "before its first step, as its state is created for instance";
  const Step& last = timeline.steps.back();
  if (last.call >= file.trace.call_count || last.kind == Step::Kind::kAnswer) return "behind its last step";
  return fmt::format("`{}` in {}", machine::call_text(file.trace, file.names, last.call),
                     machine::context_name(file.trace, last.context));
}

[[nodiscard]] std::string words_of(const machine::TraceFile& file, const Death& death,
                                   const ObservedApart& again) {
  std::string text = fmt::format("The run {}.\n", words_of_death(death.how));
  if (!death.in_run)
    text +=
        "  It ended between two runs, of which this is the last: one of them has damaged memory that is none "
        "of its own.\n";
  if (again.death == death.how) return text + fmt::format("  by    {}\n", last_call(file, again.timeline));
  if (again.death == "interrupted") return text;  // By Ctrl-C, before the second run could tell more.
  return text + fmt::format(
                    "  Run once more, by itself, it {}: what ran before it may have damaged memory. With "
                    "AddressSanitizer (docs/your-allocator.md) the first wrong access is reported.\n",
                    again.death.empty() ? "came to its end" : words_of_death(again.death));
}

[[nodiscard]] std::string shown(const machine::TraceFile& file, const ObservedApart& again,
                                const std::string& words, const std::string& path,
                                const machine::Target& target, bool verbose) {
  return fmt::format("{}\n{}\n  {}\n", table(file, again.timeline, verbose), words,
                     command("replay", target, path));
}

}  // namespace

std::string words_of_death(const std::string& how) {
  if (how == "timeout") return "does not end";
  if (how.starts_with("exit-")) return "ends the process by itself, with code " + how.substr(5);
  return "kills the process: " + how;
}

std::optional<machine::TraceFile> last_run(const machine::Journal& journal) {
  if (journal.runs.load() == 0 || journal.outcome.departure_count > machine::kMaxDepartures ||
      machine::find_flaw(journal.trace))
    return std::nullopt;
  machine::TraceFile file = with_schedule(journal.trace, journal.outcome);
  if (machine::find_flaw(file.trace)) return std::nullopt;
  return file;
}

ToldDeath tell_of_death(const machine::TraceFile& file, const std::string& path, const Death& death,
                        const machine::Target& target, const Common& options) {
  const ObservedApart again = look_again(file, target, options.timeout);
  return {"died-" + death.how,
          shown(file, again, words_of(file, death, again), path, target, options.verbose), path};
}

ToldDeath tell_of_death(machine::TraceFile file, const Death& given, const machine::Target& target,
                        const Common& options, const Origin& origin, const Keep& keep) {
  Death death = given;
  const ObservedApart again = look_again(file, target, options.timeout);
  if (death.how.empty()) death.how = again.death.empty() ? "unknown" : again.death;
  ToldDeath told{.signature = "died-" + death.how, .text = {}, .file = {}};
  const std::string words = words_of(file, death, again);
  file.comment = fmt::format("{}signature {}, engine {}{}{}, {}\ntarget {} build {}\n", words, told.signature,
                             origin.engine, origin.seed.empty() ? "" : ", seed ", origin.seed,
                             date_text(std::time(nullptr)), target.table().name, target.build());
  told.file = keep(file, told.signature);
  told.text =
      shown(file, again, words, told.file.empty() ? "(not saved)" : told.file, target, options.verbose);
  return told;
}

ToldDeath tell_of_death(const machine::Journal& journal, const Death& death, const machine::Target& target,
                        const Common& options, const Origin& origin) {
  if (const auto last = last_run(journal)) {
    return tell_of_death(*last, death, target, options, origin,
                         [&](const machine::TraceFile& file, const std::string& signature) {
                           return save(options.findings, signature, file).value_or("");
                         });
  }
  const std::string how = death.how.empty() ? "unknown" : death.how;
  return {"died-" + how,
          fmt::format("The target {}, and what ran is not known any more.\n", words_of_death(how)), ""};
}

}  // namespace labyrinth::tool
