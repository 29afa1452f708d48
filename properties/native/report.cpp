// The report of threads and signals, and what all reports have.
#include "report.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "child.hpp"
#include "exit_codes.hpp"
#include "input.hpp"
#include "shared.hpp"
#include "step_code.hpp"
#include "stress_report.hpp"

namespace labyrinth::native {

Created create_or_say(const machine::Target& target, std::uint32_t cpus, std::uint64_t frames) {
  shared().say("the target's create() does not return");
  const Created created = create(target.table(), cpus, frames);
  shared().say("");
  if (created.self == nullptr) {
    shared().say(frames == 0 ? "the target accepts none of the machines that there are, of 64 to 65536 frames"
                             : "the target does not accept that machine: leave out --frames");
  } else {
    const std::string words = words_of(created.geometry);
    words.copy(shared().machine.data(), shared().machine.size() - 1);
  }
  return created;
}

std::string again(const Options& options) {
  const auto& stress = options.stress;
  const std::string common =
      fmt::format("labyrinth_native --target {}{}{}", tool::quoted(options.target),
                  options.frames == 0 ? "" : fmt::format(" --frames {}", options.frames),
                  options.handlers_allocate ? "" : " --handlers free");
  if (options.every_instruction) return common + " --every-instruction";
  return fmt::format("{} --threads {} --interrupts {} --seed {} --seconds 60", common, stress.threads,
                     stress.interrupts, stress.seed);
}

std::vector<NotChecked> not_checked(const Options& options, const machine::Target& target) {
  std::vector<NotChecked> list;
  const labyrinth_target& table = target.table();
  const bool interrupts = options.every_instruction || options.stress.interrupts != 0;
  if ((table.can & LABYRINTH_TARGET_CAN_CHECK_FREES) == 0)
    list.push_back({"X3", "it does not check frees, so it is given no wrong one"});
  if (!shared().examines) list.push_back({"X4", "the machine is too large to be taken up as a whole"});
  list.push_back({"X5",
                  "of what it writes to a block outside of the first and the last cache line of each frame, "
                  "and of reads"});
  list.push_back({"X6", "there is no void, and there are no rooms, objects and mappings"});
  if (!interrupts) list.push_back({"N4", "there are no interrupts"});
  if (interrupts && (table.can & LABYRINTH_TARGET_CAN_NMI) == 0)
    list.push_back({"N4", "of calls from NMIs: it does not permit them"});
  list.push_back({"N3", "and the number of steps: nobody counts them"});
  list.push_back(
      {"E1", "nor whether a refusal was permitted (E2): who held what at that instant nobody knows"});
  list.push_back({"M1", "nor any other but as this processor shows it (M2)"});
  return list;
}

void print_not_checked(const Options& options, const machine::Target& target) {
  for (const NotChecked& one : not_checked(options, target))
    fmt::print("not checked: {} {}\n", one.clause, one.why);
}

labyrinth_level highest_level(const machine::Target& target) {
  return (target.table().can & LABYRINTH_TARGET_CAN_NMI) != 0 ? LABYRINTH_NMI : LABYRINTH_HARDIRQ;
}

void print_head(const machine::Target& target) {
  fmt::print("{}: {}: {}\n", target.table().name, target.table().description,
             shared().machine[0] == '\0' ? "no machine" : shared().machine.data());
}

std::string_view name_of_code(int code) {
  return code == tool::kClean ? "clean" : code == tool::kViolation ? "violation" : "inconclusive";
}

std::string place_of(std::uintptr_t address) {
  Dl_info info{};
  if (address == 0 || dladdr(reinterpret_cast<const void*>(address), &info) == 0)
    return fmt::format("{:#x}", address);
  const auto base = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  const step::Instruction what = step::instruction_at({0, 0, base, info.dli_fname}, address);
  std::string text =
      fmt::format("{:#x} of {}", address - base, std::filesystem::path(info.dli_fname).filename().string());
  if (info.dli_sname != nullptr) text += fmt::format(" ({})", info.dli_sname);
  if (!what.text.empty()) text += ": " + what.text;
  for (std::size_t from = 0; from < what.lines.size();) {
    const std::size_t end = what.lines.find('\n', from);
    if (!what.lines.substr(from, end - from).starts_with("?"))
      text += "\n    " + what.lines.substr(from, end - from);
    from = end + 1;
  }
  return text;
}

namespace {

void tell_threads(const Options& options, const machine::Target& target, int code, bool refused) {
  Shared& all = shared();
  if (options.stress.json) {
    nlohmann::json json = shipping::json_of(again(options), options.stress, all.result);
    json["verdict"] = name_of_code(code);
    json["target"] = {{"name", target.table().name}, {"path", target.path()}, {"build", target.build()}};
    json["machine"] = all.machine.data();
    if (refused) json["limit"] = all.note.data();
    if (all.ended_at != 0) json["ended_at"] = place_of(all.ended_at);
    for (const NotChecked& one : not_checked(options, target))
      json["not_checked"].push_back({{"clause", one.clause}, {"why", one.why}});
    fmt::print("{}\n", json.dump());
    return;
  }
  print_head(target);
  if (refused) {
    fmt::print("summary: inconclusive: {}\n", all.note.data());
    return;
  }
  if (all.ended_at != 0) fmt::print("ended at {}\n", place_of(all.ended_at));
  print_not_checked(options, target);
  shipping::print_report(again(options), options.stress, all.result);
}

}  // namespace

int report_threads(const Options& options, const machine::Target& target, int status) {
  Shared& all = shared();
  // A crash that nobody could tell: the stack had overflowed, or the target ends the process.
  const bool quiet = !all.finished && all.note[0] == '\0' && !all.complaints.any();
  if (quiet) all.complaints.add("N2", "the process ended in the middle of the run: {}", words_of(status));
  const bool refused = !all.finished && !all.complaints.any();
  const int code = refused ? tool::kInconclusive : shipping::verdict(options.stress, all.result);
  tell_threads(options, target, code, refused);
  std::vector<tool::CheckResult> found;
  for (std::size_t i = 0; i < all.complaints.kept(); ++i)
    found.push_back(
        {.name = again(options),
         .code = tool::kViolation,
         .clause = std::string(all.complaints[i].clause),
         .key = fmt::format("{}-native", all.complaints[i].clause),
         .text = fmt::format("{} is broken: {}", all.complaints[i].clause, all.complaints[i].words())});
  return write_results(options, target, code, std::move(found), all.note.data());
}

}  // namespace labyrinth::native
