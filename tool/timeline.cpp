// Writing down a run.
#include "timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace labyrinth::tool {
namespace {

using machine::AccessKind;
using machine::AccessRecord;

[[nodiscard]] std::string_view kind_name(AccessKind kind) {
  constexpr std::array<std::string_view, 10> kNames{"load",       "store",     "exchange", "fetch_add",
                                                    "fetch_sub",  "fetch_and", "fetch_or", "fetch_xor",
                                                    "fetch_nand", "cas"};
  return kNames[static_cast<std::size_t>(kind)];
}

[[nodiscard]] std::string_view order_name(int order) {
  constexpr std::array<std::string_view, 6> kNames{"relaxed", "consume", "acquire",
                                                   "release", "acq_rel", "seq_cst"};
  return order >= 0 && order < 6 ? kNames[static_cast<std::size_t>(order)] : "?";
}

/// A pointer is said as the place that it leads to, which is the same in every process.
[[nodiscard]] std::string value_text(const AccessRecord& record, std::uint64_t value) {
  if (record.bytes == sizeof(void*)) {
    const std::string at = machine::place(static_cast<std::uintptr_t>(value));
    if (at != "stack") return "&" + at;  // That is what is said of all other numbers.
  }
  return fmt::format("{:#x}", value);
}

[[nodiscard]] std::string change_text(const AccessRecord& record) {
  return value_text(record, record.before) + " -> " + value_text(record, record.after);
}

class Writer final : public machine::Observer {
 public:
  Writer(const machine::TraceFile& file, const machine::Outcome& outcome, const OnStep& told)
      : file_(file), outcome_(outcome), told_(told) {}

  void on_access(const AccessRecord& record) override {
    const machine::Where here = machine::where();
    const std::string what = fmt::format(
        "{} {}: {}{} {} {}", call_name(here.call), here.access, kind_name(record.kind), 8 * record.bytes,
        machine::place(record.address), record.volatile_access ? "volatile" : order_name(record.order));
    std::string values;
    switch (record.kind) {
      case AccessKind::kLoad:
        values = value_text(record, record.before);
        break;
      case AccessKind::kCompareExchange:
        values = record.succeeded ? change_text(record) : "failed at " + value_text(record, record.before);
        break;
      default:
        values = change_text(record);
        break;
    }
    add(Step::Kind::kAccess, here.call, fmt::format("{} {}", what, values));
  }

  void on_departure(std::uint8_t kind, std::uint8_t argument) override {
    const machine::Decision decision{static_cast<machine::Decision::Kind>(kind), argument};
    const machine::Where here = machine::where();
    add(Step::Kind::kDeparture, here.call,
        fmt::format("at {} access {}: {}", call_name(here.call), here.access,
                    machine::decision_name(file_.trace, decision)));
  }

  void on_handler(std::uint8_t context, bool begins) override {
    if (begins) ++depth_[machine::where().cpu];
    add(Step::Kind::kHandler, machine::kNoCall,
        fmt::format("{} {}", machine::context_name(file_.trace, context), begins ? "arrives" : "returns"));
    if (!begins && depth_[machine::where().cpu] > 0) --depth_[machine::where().cpu];
  }

  void on_call(std::uint8_t call) override {
    add(Step::Kind::kCall, call, machine::call_text(file_.trace, file_.names, call));
  }

  void on_answer(std::uint8_t call) override {
    const machine::CallResult& result = outcome_.results[call];
    const machine::Call& asked = file_.trace.call_storage[call];
    const bool allocates = machine::allocates(asked.op);
    if (asked.op >= machine::Op::kMap) {
      add(Step::Kind::kAnswer, call, mapping_answer(call));
      return;
    }
    if (asked.op == machine::Op::kDrain) {
      add(Step::Kind::kAnswer, call,
          fmt::format("{} answers {}, blocks drained: {}", call_name(call), status_name(result.status),
                      result.pfn));
      return;
    }
    if (!allocates && asked.op != machine::Op::kFree && asked.op != machine::Op::kBalance &&
        !machine::of_objects(asked.op)) {
      add(Step::Kind::kAnswer, call, machine::call_text(file_.trace, file_.names, call));
      return;
    }
    const bool block = allocates && result.status == 0;
    const bool object = asked.op == machine::Op::kKmalloc && result.status == 0;
    add(Step::Kind::kAnswer, call,
        fmt::format("{} answers {}{}{}", call_name(call), status_name(result.status),
                    block    ? fmt::format(", frame {}", result.pfn)
                    : object ? fmt::format(", address {}", result.pfn)
                             : "",
                    result.wake ? ", wake reclaim" : ""));
  }

  void on_given(std::uint8_t call, std::uint64_t pfn) override { timeline.bulks[call].push_back(pfn); }

  void on_mapping(std::uint64_t pfn, std::uint64_t frames, bool mapped) override {
    add(Step::Kind::kMapping, machine::where().call,
        fmt::format("{} {} {} frames from {} on", call_name(machine::where().call),
                    mapped ? "maps" : "unmaps", frames, pfn));
  }
  void on_free_within(std::uint64_t pfn, std::uint8_t order) override {
    const std::uint8_t call = machine::where().call;
    if (!add(Step::Kind::kFreeWithin, call,
             fmt::format("  in {}: gives back frame {} order {}", call_name(call), pfn, order)))
      return;
    timeline.steps.back().pfn = pfn;
    timeline.steps.back().frames = std::uint64_t{1} << order;
  }

  Timeline timeline{};

 private:
  /// Addresses inside the frames differ from process to process, and those of slots do not.
  [[nodiscard]] std::string mapping_answer(std::uint8_t call) const {
    const machine::CallResult& result = outcome_.results[call];
    const machine::Op op = file_.trace.call_storage[call].op;
    std::string answer = fmt::format("{} answers {}", call_name(call), status_name(result.status));
    if (!machine::addresses(op) || result.status != 0) return answer;
    if (result.address == 0) return fmt::format("{}, no address", answer);
    const std::string at = machine::place(result.address);
    return fmt::format("{}, frame {} at {}", answer, result.pfn,
                       at == "stack" ? fmt::format("{:#x}", result.address) : at);
  }
  [[nodiscard]] std::string call_name(std::uint8_t call) const {
    return call < file_.names.size() ? file_.names[call] : "drain";
  }
  bool add(Step::Kind kind, std::uint8_t call, std::string text) {
    if (timeline.steps.size() >= machine::kMaxRecordedLines) {
      timeline.cut = true;
      return false;
    }
    const machine::Where here = machine::where();
    timeline.steps.push_back({.cpu = here.cpu,
                              .context = here.context,
                              .depth = depth_[here.cpu],
                              .kind = kind,
                              .call = call,
                              .text = std::move(text)});
    if (told_) told_(timeline.steps.back());
    return true;
  }

  const machine::TraceFile& file_;
  const machine::Outcome& outcome_;
  const OnStep& told_;
  std::array<std::uint8_t, machine::kMaxCpus> depth_{};
};

[[nodiscard]] std::string context_column(const machine::TraceFile& file, const Step& step) {
  std::string name = machine::context_name(file.trace, step.context);
  return name.substr(0, name.find(" cpu"));
}

}  // namespace

std::string status_name(std::uint8_t status) {
  constexpr std::array<std::string_view, 6> kNames{"ok",        "exhausted",    "fragmented",
                                                   "contended", "bad_argument", "bad_context"};
  return status < kNames.size() ? std::string(kNames[status]) : fmt::format("status {}", status);
}

Timeline observe(machine::Machine& machine, const machine::TraceFile& file, const OnStep& told) {
  machine::Replay strategy(file.trace);
  Writer writer(file, machine.outcome(), told);
  machine.observe(&writer);
  static_cast<void>(machine.run(file.trace, strategy));
  machine.observe(nullptr);
  return std::move(writer.timeline);
}

std::vector<std::string> record(const machine::TraceFile& file, const Timeline& timeline) {
  std::vector<std::string> lines;
  lines.reserve(timeline.steps.size());
  for (const Step& step : timeline.steps) {
    lines.push_back(fmt::format("cpu {} {}: {}", step.cpu, context_column(file, step), step.text));
  }
  return lines;
}

std::string table(const machine::TraceFile& file, const Timeline& timeline, bool whole) {
  constexpr std::size_t kFold = 24;  // Accesses in one go that are shown; of longer stretches only both ends.
  std::string text;
  for (std::size_t call = 0; call < file.trace.live_count(); ++call)
    text += fmt::format("  from the start: {}\n", machine::call_text(file.trace, file.names, call));
  text += "  step  cpu  context    what happened (call access: operation place order values)\n";
  const std::vector<Step>& steps = timeline.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::size_t end = i;
    while (end < steps.size() && steps[end].is_access() && steps[end].context == steps[i].context) ++end;
    if (!whole && end > i + kFold) {
      for (const std::size_t last = i + 4; i < last; ++i) {
        text += fmt::format("  {:4}  {:3}  {:9}  {:{}}{}\n", i + 1, steps[i].cpu,
                            context_column(file, steps[i]), "", 2 * steps[i].depth + 2, steps[i].text);
      }
      text += fmt::format("  {:4}  {:3}  {:9}  {:{}}({} more accesses; --verbose shows them)\n", "...",
                          steps[i].cpu, "...", "", 2 * steps[i].depth + 2, end - i - 4);
      i = end - 4;
    }
    text += fmt::format("  {:4}  {:3}  {:9}  {:{}}{}\n", i + 1, steps[i].cpu, context_column(file, steps[i]),
                        "", 2 * steps[i].depth + (steps[i].is_access() ? 2 : 0), steps[i].text);
  }
  if (timeline.cut)
    text += fmt::format("  (the run went on; only its first {} steps are shown)\n", steps.size());
  return text;
}

}  // namespace labyrinth::tool
