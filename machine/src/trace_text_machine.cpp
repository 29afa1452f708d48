// The parser of the text form: the `machine` line, and the memory model's.
#include <fmt/format.h>

#include <algorithm>

#include "labyrinth/machine/trace_validate.hpp"
#include "trace_text_parser.hpp"

namespace labyrinth::machine::text {
namespace {

enum Key : std::uint8_t { kCpus, kFrames, kZone, kFirstPfn, kMin, kLow, kHigh, kMaximalOrder, kKeys };

struct KeyRule {
  std::string_view name;
  std::uint64_t least;
  std::uint64_t most;
};

constexpr std::array<KeyRule, kKeys> kRules = {{{"cpus", 1, kMaxCpus},
                                                {"frames", 1, kMaxFrames},
                                                {"zone", 1, kMaxFrames},
                                                {"first_pfn", 0, kMaxFirstPfn},
                                                {"min", 0, kMaxFrames},
                                                {"low", 0, kMaxFrames},
                                                {"high", 0, kMaxFrames},
                                                {"max_order", 0, model::kMaxOrder.value}}};

struct Given {
  bool given = false;
  std::uint64_t value = 0;
  Token at{};
};

}  // namespace

bool Parser::machine_line(Cursor cursor) {
  Geometry& g = file_.trace.geometry;
  g = Geometry{};
  std::array<Given, kKeys> keys{};
  if (const Token head = cursor.next(); !head.is("machine")) {
    return fail(head, fmt::format("expected `machine cpus=N frames=N ...`, found {}", shown(head)));
  }
  while (cursor.peek().kind != Token::Kind::kEnd) {
    const Token name = cursor.next();
    const auto* const rule =
        std::ranges::find_if(kRules, [&](const KeyRule& it) { return name.is(it.name); });
    if (rule == kRules.end()) {
      return fail(name,
                  fmt::format("{} is no key of a machine: cpus, frames, zone, first_pfn, min, low, high and "
                              "max_order are",
                              shown(name)));
    }
    Given& key = keys[static_cast<std::size_t>(rule - kRules.begin())];
    if (key.given) return fail(name, fmt::format("`{}` is given twice", rule->name));
    if (!expect(cursor, "=", fmt::format("`{}`", rule->name))) return false;
    key.at = cursor.peek();
    if (rule->name == "zone" &&
        !(expect(cursor, "normal", "`zone=`") && expect(cursor, ":", "`zone=normal`"))) {
      return false;
    }
    if (!number(cursor, rule->name, {rule->least, rule->most}, key.value)) return false;
    key.given = true;
  }
  const bool has_zone = keys[kFrames].given || keys[kZone].given;
  for (const Key key : {kMin, kLow, kHigh}) {
    if (keys[key].given && !has_zone) {
      return fail(keys[key].at,
                  fmt::format("`{}` belongs to a zone: it needs `frames=N` in this line", kRules[key].name));
    }
  }
  if (keys[kFrames].given && keys[kZone].given && keys[kFrames].value != keys[kZone].value) {
    return fail(keys[kZone].at,
                fmt::format("zone normal spans the machine: expected {} frames, as `frames` says, found {}",
                            keys[kFrames].value, keys[kZone].value));
  }
  // A watermark that is left out is the one before it: raising min alone raises all three.
  const auto value_or = [&](Key key, std::uint64_t otherwise) {
    return keys[key].given ? keys[key].value : otherwise;
  };
  g.cpus = static_cast<std::uint8_t>(value_or(kCpus, g.cpus));
  ZoneShape& zone = g.normal();
  zone.frames = static_cast<std::uint32_t>(has_zone ? value_or(kFrames, keys[kZone].value) : 0);
  g.first_pfn = value_or(kFirstPfn, g.first_pfn);
  g.max_order = static_cast<std::uint8_t>(value_or(kMaximalOrder, g.max_order));
  zone.min = static_cast<std::uint32_t>(value_or(kMin, 0));
  zone.low = static_cast<std::uint32_t>(value_or(kLow, zone.min));
  zone.high = static_cast<std::uint32_t>(value_or(kHigh, zone.low));
  if (zone.low < zone.min) {
    return fail(keys[kLow].at, fmt::format("low is at least min={}, not {}", zone.min, zone.low));
  }
  if (zone.high < zone.low) {
    return fail(keys[kHigh].at, fmt::format("high is at least low={}, not {}", zone.low, zone.high));
  }
  if (zone.high > zone.frames) {
    const Key said = keys[kHigh].given ? kHigh : keys[kLow].given ? kLow : kMin;
    return fail(keys[said].at,
                fmt::format("{} is at most frames={}, not {}", kRules[said].name, zone.frames, zone.high));
  }
  section_ = Section::kPools;
  return true;
}

bool Parser::memory_line(Cursor cursor) {
  static_cast<void>(cursor.next());
  const Token model = cursor.next();
  if (!model.is("sc") && !model.is("rc11"))
    return fail(model, fmt::format("expected sc or rc11 after `memory`, found {}", shown(model)));
  file_.trace.memory = model.is("rc11") ? MemoryModel::kRc11 : MemoryModel::kSc;
  return expect_end(cursor, "the memory model");
}

}  // namespace labyrinth::machine::text
