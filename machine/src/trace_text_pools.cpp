// The parser of the text form: the lines that say what memory a machine has besides zone NORMAL.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "labyrinth/machine/trace_validate.hpp"
#include "trace_text_parser.hpp"

namespace labyrinth::machine::text {
namespace {

constexpr std::array<std::string_view, model::kZoneTypes> kZoneNames = {"dma", "dma32", "normal", "movable"};
constexpr std::array<std::string_view, model::kLevels> kLevelNames = {"task", "softirq", "hardirq", "nmi"};

}  // namespace

bool Parser::pools_line(Cursor cursor) {
  const Token first = cursor.peek();
  const bool assigns = cursor.peek_second().is("=");
  if (!assigns && first.is("zone")) {
    static_cast<void>(cursor.next());
    const Token name = cursor.next();
    for (std::size_t i = 0; i < kZoneNames.size(); ++i) {
      if (name.is(kZoneNames[i])) return zone_line(cursor, i);
    }
    return fail(name,
                fmt::format("expected dma, dma32, normal or movable after `zone`, found {}", shown(name)));
  }
  if (!assigns && first.is("void")) {
    static_cast<void>(cursor.next());
    return zone_line(cursor, kVoid);
  }
  if (!assigns && first.is("room")) {
    static_cast<void>(cursor.next());
    return room_line(cursor);
  }
  if (!assigns && first.is("objects")) {
    static_cast<void>(cursor.next());
    return objects_line(cursor);
  }
  if (!assigns && first.is("map")) return map_line(cursor);
  if (!assigns && first.is("memory")) return memory_line(cursor);
  return finish_machine(first.column) && program_line(cursor);
}

bool Parser::zone_line(Cursor cursor, std::size_t index) {
  ZoneShape& zone = file_.trace.geometry.zones[index];
  const bool is_zone = index != kVoid;
  if (zone.frames != 0) return fail(cursor.peek(), "this zone has been given already");
  struct Key {
    std::string_view name;
    std::uint64_t least;
    std::uint64_t most;
    bool given = false;
    std::uint64_t value = 0;
  };
  std::array<Key, 6> keys = {{{"frames", 1, kMaxFrames},
                              {"min", 0, kMaxFrames},
                              {"low", 0, kMaxFrames},
                              {"high", 0, kMaxFrames},
                              {"ratio", 0, kMaxRatio},
                              {"highatomic", 0, kMaxHighatomic}}};
  const auto usable = std::span(keys).first(is_zone ? 6 : 4);
  while (cursor.peek().kind != Token::Kind::kEnd) {
    const Token name = cursor.peek();
    if (!is_zone && name.is("unmaps")) {
      if (zone.unmaps) return fail(name, "`unmaps` is given twice");
      zone.unmaps = cursor.take("unmaps");
      continue;
    }
    if (cursor.take("unmapped")) {
      if (!expect_end(cursor, "`unmapped`")) return false;
      MapShape& map = file_.trace.geometry.map;
      map.unmapped = static_cast<std::uint8_t>(map.unmapped | 1U << index);
      break;
    }
    const auto key = std::ranges::find_if(usable, [&](const Key& it) { return name.is(it.name); });
    if (key == usable.end()) {
      return fail(name, fmt::format("{} is no key here: frames, min, low, high{} are", shown(name),
                                    is_zone ? ", ratio and highatomic" : " and unmaps"));
    }
    if (key->given) return fail(name, fmt::format("`{}` is given twice", key->name));
    if (!keyed(cursor, key->name, {key->least, key->most}, key->value)) return false;
    key->given = true;
  }
  const auto& [frames, min, low, high, ratio, highatomic] = keys;
  if (!frames.given) return fail(cursor.peek(), "a zone needs `frames=N`");
  const auto number = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  zone.frames = number(frames.value);
  zone.min = number(min.value);
  zone.low = low.given ? number(low.value) : zone.min;
  zone.high = high.given ? number(high.value) : zone.low;
  zone.ratio = number(ratio.value);
  zone.highatomic = number(highatomic.value);
  if (zone.highatomic > zone.frames) {
    return fail(cursor.peek(), fmt::format("{} frames are no {} pageblocks", zone.frames, zone.highatomic));
  }
  if (zone.min > zone.low || zone.low > zone.high || zone.high > zone.frames) {
    return fail(cursor.peek(), fmt::format("min <= low <= high <= frames must hold, found {}, {}, {}, {}",
                                           zone.min, zone.low, zone.high, zone.frames));
  }
  return true;
}

bool Parser::room_line(Cursor cursor) {
  const Token name = cursor.next();
  RoomShape* room = nullptr;
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (name.is(kLevelNames[i])) room = &file_.trace.geometry.rooms[i];
  }
  const auto device = name.is_word() ? device_of_name(name.text) : std::nullopt;
  if (device) room = &file_.trace.geometry.devices[*device];
  if (room == nullptr) {
    return fail(name, fmt::format("expected task, softirq, hardirq, nmi or device0 to device7 after `room`, "
                                  "found {}",
                                  shown(name)));
  }
  if (room->frames != 0) {
    return fail(name, fmt::format("the room{} of {} ha{} been given already", device ? "" : "s", name.text,
                                  device ? "s" : "ve"));
  }
  std::uint64_t frames = 0;
  if (!keyed(cursor, "frames", {1, kMaxRoomFrames}, frames)) return false;
  *room = {static_cast<std::uint8_t>(frames), cursor.take("spill")};
  return expect_end(cursor, "a room");
}

bool Parser::objects_line(Cursor cursor) {
  ObjectShape& objects = file_.trace.geometry.objects;
  if (objects.frames != 0) return fail(cursor.peek(), "the objects' memory has been given already");
  std::uint64_t frames = 0;
  std::uint64_t min = 0;
  if (!keyed(cursor, "frames", {1, kMaxObjectFrames}, frames)) return false;
  if (cursor.peek().is("min") &&
      !keyed(cursor, "min", {0, std::min<std::uint64_t>(frames, kMaxObjectMin)}, min))
    return false;
  objects = {static_cast<std::uint32_t>(frames), static_cast<std::uint32_t>(min)};
  return expect_end(cursor, "the objects' memory");
}

bool Parser::finish_machine(unsigned column) {
  const std::uint64_t frames = file_.trace.geometry.frames();
  if (frames == 0) {
    return fail_at(line_, column,
                   "a machine needs memory: `frames=N` in its line, or lines `zone NAME frames=N` after it");
  }
  const std::uint64_t all = frames + file_.trace.geometry.objects.frames;
  if (all > kMaxFrames) {
    return fail_at(line_, column,
                   fmt::format("a machine has at most {} frames in all, not {}", kMaxFrames, all));
  }
  section_ = Section::kProgram;
  return true;
}

}  // namespace labyrinth::machine::text
