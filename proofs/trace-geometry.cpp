// The machine of the binary form: whatever was drafted of it, its zones' marks are in order and within the
// zone, nothing has more frames than there are left, and the geometry is valid.
//
// A zone by itself: any draft, any number of frames left. All together, with marks of 0, which the first part
// is about: any zones with no rooms, or any rooms with no zone but NORMAL, of one frame or none. Drafts are
// what trace-drafts.cpp says that they are.
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  static void zone() noexcept {
    ZoneDraft draft{};
    draft.frames = static_cast<std::uint32_t>(labyrinth_any("frames", 32));
    draft.min = static_cast<std::uint32_t>(labyrinth_any("min", 32));
    draft.low_step = static_cast<std::uint32_t>(labyrinth_any("from min to low", 32));
    draft.high_step = static_cast<std::uint32_t>(labyrinth_any("from low to high", 32));
    draft.ratio = static_cast<std::uint32_t>(labyrinth_any("ratio", 32));
    draft.highatomic = static_cast<std::uint32_t>(labyrinth_any("highatomic", 32));
    labyrinth_assume(States::is_zone_draft(draft));
    const auto left = static_cast<std::uint32_t>(labyrinth_any("frames left", 17));
    labyrinth_assume(left <= kMaxFrames);

    ZoneShape shape{};
    const std::uint32_t frames = GeometryDraft::finish_zone(draft, left, shape);

    labyrinth_prove(frames == shape.frames && frames <= left, "X2: a zone has no more frames than are left");
    labyrinth_prove(shape.min <= shape.low && shape.low <= shape.high && shape.high <= frames,
                    "E1: min <= low <= high <= frames");
    labyrinth_prove(shape.ratio <= kMaxRatio && (frames != 0 || shape.ratio == 0), "E1: its ratio can be");
    labyrinth_prove(shape.highatomic <= frames && shape.highatomic <= kMaxHighatomic,
                    "E4: its highatomic reserve can be");
    if (draft.min > frames) labyrinth_cover("a mark beyond the zone");
  }

  static void any_room(RoomShape& room) noexcept {
    room.frames = static_cast<std::uint8_t>(labyrinth_any("frames of a room", 8));
    room.spills = labyrinth_any("spills", 1) != 0;
    labyrinth_assume(States::is_room_draft(room));
  }

  static void any_zone(ZoneDraft& draft) noexcept {
    draft.frames = static_cast<std::uint32_t>(labyrinth_any("frames", 32));
    draft.ratio = static_cast<std::uint32_t>(labyrinth_any("ratio", 32));
    draft.unmaps = labyrinth_any("unmaps", 1) != 0;
    labyrinth_assume(States::is_zone_draft(draft));
  }

  static void any_other(Decoder& decoder) noexcept {
    decoder.drafted_.cpus = static_cast<std::uint8_t>(labyrinth_any("cpus", 8));
    decoder.drafted_.max_order = static_cast<std::uint8_t>(labyrinth_any("max order", 8));
    decoder.contexts_ = static_cast<std::uint8_t>(labyrinth_any("contexts", 8));
    labyrinth_assume(States::has_machine(decoder));
    decoder.drafted_.first_pfn = labyrinth_any("first pfn", 64);
    decoder.drafted_.map = {static_cast<std::uint8_t>(labyrinth_any("slots", 8)),
                            static_cast<std::uint8_t>(labyrinth_any("depth", 8)),
                            static_cast<std::uint8_t>(labyrinth_any("zones that are not mapped", 8))};
    labyrinth_assume(States::is_map_draft(decoder.drafted_.map));
    decoder.drafted_.objects.frames = static_cast<std::uint32_t>(labyrinth_any("frames of objects", 32));
    decoder.drafted_.objects.min = static_cast<std::uint32_t>(labyrinth_any("min of objects", 32));
    labyrinth_assume(States::is_objects_draft(decoder.drafted_.objects));
  }

  static void is_valid(Decoder& decoder) noexcept {
    decoder.finish_geometry();
    labyrinth_prove(geometry_flaw(trace.geometry) == nullptr, "X2: the geometry is valid");
    labyrinth_prove(States::has_frames(decoder, trace),
                    "X2: the machine's frames are what its calls are told");
    labyrinth_prove(map_flaw(trace.geometry) == nullptr, "C2: only zones that there are are not mapped");
    trace.geometry.map = default_map(trace.geometry);
    labyrinth_prove(map_flaw(trace.geometry) == nullptr, "C2: nor where a program that maps asks for none");
  }

  static void zones() noexcept {
    Decoder decoder(trace);
    any_other(decoder);
    decoder.drafted_.several = true;
    for (std::size_t i = 0; i < decoder.drafted_.zones.size(); ++i) any_zone(decoder.drafted_.zones[i]);
    is_valid(decoder);
    labyrinth_cover("several zones");
  }

  static void rooms() noexcept {
    Decoder decoder(trace);
    any_other(decoder);
    decoder.drafted_.several = true;
    for (std::size_t i = 0; i < decoder.drafted_.rooms.size(); ++i) any_room(decoder.drafted_.rooms[i]);
    for (std::size_t i = 0; i < decoder.drafted_.devices.size(); ++i) any_room(decoder.drafted_.devices[i]);
    is_valid(decoder);
    if (trace.geometry.normal().frames == 0) labyrinth_cover("rooms alone");
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  switch (labyrinth_any("part", 2)) {
    case 0:
      return Steps::zone();
    case 1:
      return Steps::zones();
    default:
      return Steps::rooms();
  }
}
