// Features, by group.
#include "corpus_features.hpp"

#include <fmt/format.h>

#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {
namespace {

using machine::Call;
using machine::Decision;
using machine::Op;
using machine::Trace;

constexpr int kOps = static_cast<int>(Op::kPageAddress) + 1;
constexpr int kDecisions = static_cast<int>(Decision::Kind::kOlder) + 1;

/// The words with which the text form says it, but for its arguments.
[[nodiscard]] std::string words_of(Op op) {
  Trace trace{};
  trace.call_count = 2;
  trace.call_storage[0] = {.op = Op::kMap, .handle = 0};
  trace.call_storage[1] = {.op = op, .handle = 0};
  const std::vector<std::string> names{"a", "x.x"};
  const std::string text = machine::call_text(trace, names, 1);
  const bool mask = op >= Op::kIrqDisable && op <= Op::kPreemptEnable;
  return mask ? text : text.substr(0, text.find(' '));
}

/// The same of a decision; of an interrupt: its level.
[[nodiscard]] std::string words_of(Decision::Kind kind) {
  switch (kind) {
    case Decision::Kind::kGoOn:
    case Decision::Kind::kInterrupt:
      return "";
    case Decision::Kind::kCpu:
      return "cpu";
    case Decision::Kind::kTask:
      return "task";
    case Decision::Kind::kMigrate:
      return "migrate";
    case Decision::Kind::kSpurious:
      return "spurious";
    case Decision::Kind::kOlder:
      break;
  }
  return "older";
}

void add_gfp(std::set<std::string>& names, std::uint32_t gfp) {
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
    if ((gfp & bit & ~model::kDeviceField.bits) == 0) continue;
    names.insert((bit & model::kGfpMask.bits) != 0 ? machine::gfp_name({bit}) : "unknown");
  }
  if (gfp == 0) names.insert("none");
  if (model::names_device({gfp})) names.insert("device");
}

void add_call(Features& features, const Trace& trace, const Call& call) {
  std::set<std::string>& kinds = features["call"];
  const std::string words = words_of(call.op);
  kinds.insert(words);
  const bool asks = machine::allocates(call.op) || call.op == Op::kKmalloc;
  if (asks && call.op != Op::kLive) add_gfp(features["flag"], call.gfp);
  if (call.op == Op::kAlloc)
    features["order"].insert(call.order <= model::kMaxOrder.value ? fmt::format("{}", call.order) : "absurd");
  if (call.op == Op::kFree || call.op == Op::kKfree) {
    if (call.handle == machine::kNoHandle) {
      kinds.insert(words + " of a place");
    } else if (call.pfn != 0) {
      kinds.insert(words + " of a part");
    }
    if (call.op == Op::kFree && call.handle != machine::kNoHandle && call.order != machine::kOrderOfHandle)
      kinds.insert("free with an order");
    const auto calls = trace.calls();
    for (const machine::Context& context : trace.contexts()) {
      const bool here =
          &call >= &calls[0] + context.first_call && &call < &calls[0] + context.first_call + context.calls;
      const bool own = call.handle >= context.first_call && call.handle < context.first_call + context.calls;
      if (here && call.handle != machine::kNoHandle && !own) kinds.insert(words + " of another context's");
    }
  }
  if (call.op == Op::kDrain && call.pfn != 0) kinds.insert("drain of some blocks");
  if (machine::maps(call.op) && call.pfn != 0) kinds.insert("map of a part");
}

void add_zone(std::set<std::string>& names, const machine::ZoneShape& zone) {
  if (zone.min != 0) names.insert("min");
  if (zone.low > zone.min) names.insert("low above min");
  if (zone.high > zone.low) names.insert("high above low");
  if (zone.ratio != 0) names.insert("ratio");
  if (zone.highatomic != 0) names.insert("highatomic");
  if (zone.unmaps) names.insert("unmaps");
}

constexpr std::array<const char*, model::kZoneTypes + 1> kZones = {"dma", "dma32", "normal", "movable",
                                                                   "void"};

void add_machine(std::set<std::string>& names, const Trace& trace) {
  const machine::Geometry& geometry = trace.geometry;
  names.insert(fmt::format("cpus={}", geometry.cpus));
  if (geometry.max_order != model::kMaxOrder.value) names.insert("max_order");
  if (geometry.first_pfn != 0) names.insert("first_pfn");
  for (std::size_t zone = 0; zone < kZones.size(); ++zone) {
    if (geometry.zones[zone].frames == 0) continue;
    names.insert(kZones[zone]);
    add_zone(names, geometry.zones[zone]);
    if ((geometry.map.unmapped >> zone & 1U) != 0) names.insert(fmt::format("{} unmapped", kZones[zone]));
  }
  for (std::size_t level = 0; level < model::kLevels; ++level) {
    if (geometry.rooms[level].frames == 0) continue;
    names.insert(fmt::format("room {}", machine::level_name(static_cast<model::Level>(level))));
    if (geometry.rooms[level].spills) names.insert("room that spills");
  }
  for (const machine::RoomShape& room : geometry.devices) {
    if (room.frames == 0) continue;
    names.insert("room of a device");
    if (room.spills) names.insert("room of a device that spills");
  }
  if (geometry.map.slots != 0) names.insert("map slots");
  if (geometry.map.depth != 0) names.insert("map depth");
  if (geometry.objects.frames != 0) names.insert("objects");
  if (geometry.objects.min != 0) names.insert("objects min");
  if (trace.memory == machine::MemoryModel::kRc11) names.insert("rc11");
}

[[nodiscard]] Features make_all() {
  Features all;
  for (int op = 0; op < kOps; ++op) all["call"].insert(words_of(static_cast<Op>(op)));
  all["call"].insert({"free of a place", "free of a part", "free with an order", "free of another context's",
                      "kfree of a place", "kfree of a part", "kfree of another context's",
                      "drain of some blocks", "map of a part"});
  add_gfp(all["flag"], model::kGfpMask.bits | ~model::kGfpMask.bits);
  add_gfp(all["flag"], 0);
  for (int order = 0; order <= model::kMaxOrder.value; ++order) all["order"].insert(fmt::format("{}", order));
  all["order"].insert("absurd");
  for (int kind = 0; kind < kDecisions; ++kind)
    all["decision"].insert(words_of(static_cast<Decision::Kind>(kind)));
  all["decision"].erase("");
  for (std::size_t level = 0; level < model::kLevels; ++level) {
    const std::string name(machine::level_name(static_cast<model::Level>(level)));
    all["context"].insert(name);
    if (level != 0) all["decision"].insert(name);
  }
  all["context"].insert("reclaimer");
  // A machine that has everything, and one for each number of CPUs.
  Trace trace{};
  machine::Geometry& geometry = trace.geometry;
  geometry.max_order = 0;
  geometry.first_pfn = 1;
  geometry.zones.fill({64, 1, 2, 3, 1, 1, true});
  geometry.rooms.fill({1, true});
  geometry.devices.fill({1, true});
  geometry.objects = {1, 1};
  geometry.map = {1, 1, 0xff};
  trace.memory = machine::MemoryModel::kRc11;
  for (std::uint8_t cpus = 1; cpus <= machine::kMaxCpus; ++cpus) {
    geometry.cpus = cpus;
    add_machine(all["machine"], trace);
  }
  return all;
}

}  // namespace

Features features_of(const Trace& trace) {
  Features features;
  for (const Call& call : trace.calls()) add_call(features, trace, call);
  for (const machine::Context& context : trace.contexts())
    features["context"].insert(context.reclaimer ? "reclaimer"
                                                 : std::string(machine::level_name(context.level)));
  for (const machine::Departure& departure : trace.departures()) {
    const Decision decision = departure.decision;
    features["decision"].insert(
        decision.kind == Decision::Kind::kInterrupt
            ? std::string(machine::level_name(static_cast<model::Level>(decision.argument)))
            : words_of(decision.kind));
  }
  add_machine(features["machine"], trace);
  return features;
}

const Features& all_features() {
  static const Features all = make_all();
  return all;
}

void join(Features& into, const Features& more) {
  for (const auto& [group, names] : more) into[group].insert(names.begin(), names.end());
}

std::vector<std::string> lacking(const Features& all, const Features& some) {
  std::vector<std::string> names;
  for (const auto& [group, wanted] : all) {
    const auto had = some.find(group);
    for (const std::string& name : wanted) {
      if (had == some.end() || !had->second.contains(name))
        names.push_back(fmt::format("{} `{}`", group, name));
    }
  }
  return names;
}

}  // namespace labyrinth::tool
