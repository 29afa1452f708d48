// Making the page: page/finding.html, and the run as JSON within it.
#include "finding_page.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <nlohmann/json.hpp>
#include <string_view>

#include "finding.hpp"
#include "input.hpp"
#include "labyrinth/embedded/pages.hpp"
#include "report.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

using machine::Op;
using nlohmann::json;

/// [first frame, frames] of what a call is about; empty for what is about none, or was not answered.
[[nodiscard]] json frames_of(const machine::Trace& trace, const machine::Outcome& outcome,
                             const Timeline& timeline, std::uint8_t index) {
  const machine::Call& call = trace.call_storage[index];
  const machine::CallResult& result = outcome.results[index];
  json list = json::array();
  const auto add = [&list](std::uint64_t first, std::uint64_t frames) { list.push_back({first, frames}); };
  const auto block = [&add](std::uint64_t first, std::uint8_t order) {
    if (order <= model::kMaxOrder.value) add(first, std::uint64_t{1} << order);
  };
  if (call.op == Op::kLive) block(call.pfn, call.order);
  const bool given = result.state == machine::CallResult::State::kAnswered && result.status == 0;
  if (call.op == Op::kAlloc && given) block(result.pfn, call.order);
  if (call.op == Op::kExact && given) add(result.pfn, call.pfn);
  if (const auto bulk = timeline.bulks.find(index); call.op == Op::kBulk && bulk != timeline.bulks.end())
    for (const std::uint64_t pfn : bulk->second) add(pfn, 1);
  if (call.op != Op::kFree) return list;
  if (call.handle == machine::kNoHandle) {
    block(call.pfn, call.order);
  } else if (call.order == machine::kOrderOfHandle && call.pfn == 0) {
    return frames_of(trace, outcome, timeline, call.handle);
  } else {
    const std::uint8_t order =
        call.order == machine::kOrderOfHandle ? trace.call_storage[call.handle].order : call.order;
    block(outcome.results[call.handle].pfn + call.pfn, order);
  }
  return list;
}

[[nodiscard]] json calls_of(const machine::TraceFile& file, const machine::Outcome& outcome,
                            const Timeline& timeline) {
  json calls = json::array();
  for (std::uint8_t i = 0; i < file.trace.call_count; ++i) {
    const machine::CallResult& result = outcome.results[i];
    calls.push_back({{"frees", file.trace.call_storage[i].op == Op::kFree},
                     {"ok", result.state == machine::CallResult::State::kAnswered && result.status == 0},
                     {"frames", frames_of(file.trace, outcome, timeline, i)}});
  }
  return calls;
}

[[nodiscard]] json zones_of(const machine::Geometry& geometry) {
  constexpr std::array<std::string_view, 5> kNames{"DMA", "DMA32", "NORMAL", "MOVABLE", "the void"};
  json zones = json::array();
  std::uint64_t next = geometry.first_pfn;
  const auto add = [&](std::string name, std::uint64_t frames) {
    if (frames != 0) zones.push_back({{"name", std::move(name)}, {"first", next}, {"frames", frames}});
    next += frames;
  };
  for (std::size_t i = 0; i < geometry.zones.size(); ++i)
    add(i == machine::kVoid ? std::string(kNames[i]) : fmt::format("zone {}", kNames[i]),
        geometry.zones[i].frames);
  for (std::size_t level = 0; level < geometry.rooms.size(); ++level) {
    for (std::uint8_t cpu = 0; cpu < geometry.cpus; ++cpu)
      add(fmt::format("room of CPU {}, {}", cpu, machine::level_name(static_cast<model::Level>(level))),
          geometry.rooms[level].frames);
  }
  for (std::size_t i = 0; i < geometry.devices.size(); ++i)
    add(fmt::format("room of device {}", i), geometry.devices[i].frames);
  return zones;
}

[[nodiscard]] json steps_of(const Timeline& timeline) {
  constexpr std::array<std::string_view, 7> kKinds{"access", "departure", "handler", "call",
                                                   "answer", "mapping",   "freed"};
  json steps = json::array();
  for (const Step& step : timeline.steps) {
    json one{{"cpu", step.cpu},     {"context", step.context},
             {"depth", step.depth}, {"kind", kKinds[static_cast<std::size_t>(step.kind)]},
             {"call", step.call},   {"text", step.text}};
    if (step.kind == Step::Kind::kFreeWithin) one.update({{"pfn", step.pfn}, {"frames", step.frames}});
    steps.push_back(std::move(one));
  }
  return steps;
}

[[nodiscard]] json broken_of(const machine::TraceFile& file, const machine::Violation& violation) {
  const machine::Trace& trace = file.trace;
  const auto context = [&](std::uint8_t index) { return machine::context_name(trace, index); };
  const bool of_call = violation.call < trace.call_count;
  return {{"clause", model::name(violation.clause)},
          {"sentence", model::sentence(violation.clause)},
          {"reason", violation.reason},
          {"seen", violation.seen},
          {"permitted", violation.permitted},
          {"call", of_call ? fmt::format("`{}` in {}", machine::call_text(trace, file.names, violation.call),
                                         context(violation.context))
                           : "freeing everything at the end, and taking it again"},
          {"other", violation.other < trace.context_count ? context(violation.other) : ""}};
}

/// Within <script>: no text of the run may end it.
[[nodiscard]] std::string for_script(const json& run) {
  std::string text = run.dump(-1, ' ', true, json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace

std::string finding_page(machine::Machine& machine, const machine::Target& target,
                         const machine::TraceFile& file, const std::string& path) {
  const Timeline timeline = observe(machine, file);
  const machine::Outcome& outcome = machine.outcome();
  const machine::Trace& trace = file.trace;
  json run{{"title", fmt::format("{} on {}: {}", path, target.table().name, summary(outcome))},
           {"verdict", summary(outcome)},
           {"trace", bare_text(file)},
           {"again", {command("replay", target, path), command("minimize", target, path)}},
           {"cpus", trace.geometry.cpus},
           {"frames", trace.geometry.frames()},
           {"zones", zones_of(trace.geometry)},
           {"contexts", json::array()},
           {"calls", calls_of(file, outcome, timeline)},
           {"live", json::array()},
           {"steps", steps_of(timeline)},
           {"cut", timeline.cut}};
  for (std::uint8_t i = 0; i < trace.context_count; ++i)
    run["contexts"].push_back(machine::context_name(trace, i));
  for (std::uint8_t i = 0; i < trace.live_count(); ++i) run["live"].push_back(i);
  if (outcome.kind == machine::Outcome::Kind::kViolation) run["broken"] = broken_of(file, outcome.violation);
  constexpr std::string_view kPlace = "@RUN@";
  std::string page(embedded::pages.front().second);
  return page.replace(page.find(kPlace), kPlace.size(), for_script(run));
}

}  // namespace labyrinth::tool
