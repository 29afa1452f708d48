// Prints a trace in its canonical text: one spelling for each trace, so that files can be compared as text.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::machine {
namespace {

// A reader refuses control characters, so what was recorded or remarked must not smuggle them into a file.
void append_printable(std::string& out, std::string_view line) {
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    out += (byte < 0x20 && c != '\t') || byte == 0x7f ? '?' : c;
  }
}

void print_comment(std::string& out, std::string_view comment) {
  if (comment.empty()) return;
  comment = comment.substr(0, kMaxCommentBytes);
  for (;;) {
    const std::size_t end = comment.find('\n');
    const std::string_view line = comment.substr(0, end);
    out += line.empty() ? "#" : "# ";
    append_printable(out, line);
    out += '\n';
    if (end == std::string_view::npos) return;
    comment.remove_prefix(end + 1);
  }
}

void print_machine(std::string& out, const Geometry& g) {
  auto to = std::back_inserter(out);
  // Most machines have one zone: its numbers stand in the machine's own line.
  const ZoneShape& normal = g.normal();
  const bool plain = normal.frames != 0 && normal.ratio == 0 && normal.highatomic == 0 &&
                     (g.map.unmapped >> 2 & 1U) == 0 && g.zones[0].frames == 0 && g.zones[1].frames == 0 &&
                     g.zones[3].frames == 0;
  fmt::format_to(to, "machine cpus={}", g.cpus);
  if (plain) {
    fmt::format_to(to, " frames={} zone=normal:{} min={} low={} high={}", normal.frames, normal.frames,
                   normal.min, normal.low, normal.high);
  }
  const Geometry standard;
  if (g.first_pfn != standard.first_pfn) fmt::format_to(to, " first_pfn={}", g.first_pfn);
  if (g.max_order != standard.max_order) fmt::format_to(to, " max_order={}", g.max_order);
  out += '\n';
  constexpr std::array kZones = {"zone dma", "zone dma32", "zone normal", "zone movable", "void"};
  for (std::size_t i = 0; i < g.zones.size(); ++i) {
    const ZoneShape& zone = g.zones[i];
    if (zone.frames == 0 || (plain && i != kVoid)) continue;
    fmt::format_to(to, "{} frames={} min={} low={} high={}", kZones[i], zone.frames, zone.min, zone.low,
                   zone.high);
    if (zone.ratio != 0) fmt::format_to(to, " ratio={}", zone.ratio);
    if (zone.highatomic != 0) fmt::format_to(to, " highatomic={}", zone.highatomic);
    if (zone.unmaps) out += " unmaps";
    out += (g.map.unmapped >> i & 1U) != 0 ? " unmapped\n" : "\n";
  }
  constexpr std::array kRooms = {"task", "softirq", "hardirq", "nmi"};
  for (std::size_t i = 0; i < g.rooms.size(); ++i) {
    if (g.rooms[i].frames == 0) continue;
    fmt::format_to(to, "room {} frames={}{}\n", kRooms[i], g.rooms[i].frames,
                   g.rooms[i].spills ? " spill" : "");
  }
  for (std::size_t i = 0; i < g.devices.size(); ++i) {
    if (g.devices[i].frames == 0) continue;
    fmt::format_to(to, "room device{} frames={}{}\n", i, g.devices[i].frames,
                   g.devices[i].spills ? " spill" : "");
  }
  if (g.map.exists()) fmt::format_to(to, "map slots={} depth={}\n", g.map.slots, g.map.depth);
  if (g.objects.frames == 0) return;
  fmt::format_to(to, "objects frames={}", g.objects.frames);
  if (g.objects.min != 0) fmt::format_to(to, " min={}", g.objects.min);
  out += '\n';
}

bool is_hex(std::string_view word) noexcept {
  return std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

void print_recorded(std::string& out, const TraceFile& file) {
  const bool known = !file.build.empty() && file.build.size() <= kMaxBuildLength && is_hex(file.build);
  if (!known && file.recorded.empty()) return;
  out += known ? fmt::format("recorded build={}\n", file.build) : "recorded\n";
  const auto lines = std::span(file.recorded).first(std::min(file.recorded.size(), kMaxRecordedLines));
  for (const std::string& line : lines) {
    if (!line.empty()) out += "  ";
    append_printable(out, std::string_view(line).substr(0, kMaxRecordedLength));
    out += '\n';
  }
}

}  // namespace

bool operator==(const TraceFile& left, const TraceFile& right) noexcept {
  return same(left.trace, right.trace) && left.names == right.names && left.comment == right.comment &&
         left.build == right.build && left.recorded == right.recorded;
}

std::string error_text(const ParseError& error, std::string_view file) {
  return fmt::format("{}:{}:{}: {}", file, error.line, error.column, error.message);
}

std::string print_trace(const TraceFile& file) {
  const Trace& trace = file.trace;
  const auto names = complete_names(trace, file.names);
  std::string out;
  auto to = std::back_inserter(out);
  print_comment(out, file.comment);
  out += "labyrinth trace 1\n";
  print_machine(out, trace.geometry);
  if (trace.memory == MemoryModel::kRc11) out += "memory rc11\n";
  for (std::size_t i = 0; i < trace.live_count(); ++i) fmt::format_to(to, "{}\n", call_text(trace, names, i));
  for (std::size_t i = 0; i < trace.context_count; ++i) {
    const Context& context = trace.contexts()[i];
    fmt::format_to(to, "{}\n", context_name(trace, i));
    for (std::size_t call = context.first_call; call < std::size_t{context.first_call} + context.calls;
         ++call) {
      fmt::format_to(to, "  {}\n", call_text(trace, names, call));
    }
  }
  if (trace.departure_count > 0) out += "schedule\n";
  for (const Departure& departure : trace.departures()) {
    fmt::format_to(to, "  {}\n", departure_text(trace, names, departure));
  }
  print_recorded(out, file);
  return out;
}

}  // namespace labyrinth::machine
