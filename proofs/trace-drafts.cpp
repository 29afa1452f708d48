// What the binary form drafts of the machine: whatever the header says, and whatever a record does, it stays
// within what a machine can have; and what widens a call is kept behind it.
//
// Any bytes of a header; any record that is neither a call nor a departure, whatever has been drafted before
// it, behind any number of calls, of records, and of wide records among these.
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  static void header() noexcept {
    Header bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = any_byte();
    Decoder decoder(trace);
    decoder.header(bytes);
    holds(decoder);
    labyrinth_prove(States::are_wides_counted(decoder, 0), "X2: no record is kept before the first");
    const auto context = static_cast<std::size_t>(labyrinth_any("context", 4));
    if (context < decoder.contexts_) {
      labyrinth_cover("a context");
      labyrinth_prove(States::is_context(trace.context_storage[context]),
                      "X2: the contexts that there are unasked can be");
    }
  }

  [[nodiscard]] static bool is_context_record(const Record& record) noexcept {
    return record.bytes[0] >> 4 == kContext;
  }

  static void holds(const Decoder& d) noexcept {
    labyrinth_prove(States::has_machine(d),
                    "X2: there are 1 to 4 CPUs, at most 16 contexts, and the largest order can be");
    labyrinth_prove(States::is_about_zone(d), "X2: records are about a zone that can be");
    labyrinth_prove(States::is_map_draft(d.drafted_.map), "C2: slots and depth can be");
    labyrinth_prove(States::is_objects_draft(d.drafted_.objects), "X2: the objects' memory can be");
    for (std::size_t i = 0; i < d.drafted_.zones.size(); ++i)
      labyrinth_prove(States::is_zone_draft(d.drafted_.zones[i]),
                      "E1: frames, marks, ratio and highatomic reserve can be");
    for (std::size_t i = 0; i < d.drafted_.rooms.size(); ++i)
      labyrinth_prove(States::is_room_draft(d.drafted_.rooms[i]), "X2: rooms can be");
    for (std::size_t i = 0; i < d.drafted_.devices.size(); ++i)
      labyrinth_prove(States::is_room_draft(d.drafted_.devices[i]), "X2: rooms of devices can be");
  }

  static void any_drafts(Decoder& d) noexcept {
    d.drafted_.cpus = any_byte();
    d.drafted_.max_order = any_byte();
    d.contexts_ = any_byte();
    labyrinth_assume(States::has_machine(d));
    d.drafted_.zone = labyrinth_any("zone", 3);
    labyrinth_assume(States::is_about_zone(d));
    d.drafted_.map = {any_byte(), any_byte(), any_byte()};
    labyrinth_assume(States::is_map_draft(d.drafted_.map));
    d.drafted_.objects.frames = static_cast<std::uint32_t>(labyrinth_any("frames of objects", 32));
    d.drafted_.objects.min = static_cast<std::uint32_t>(labyrinth_any("min of objects", 32));
    labyrinth_assume(States::is_objects_draft(d.drafted_.objects));
    for (std::size_t i = 0; i < d.drafted_.zones.size(); ++i) {
      ZoneDraft& zone = d.drafted_.zones[i];
      zone.frames = static_cast<std::uint32_t>(labyrinth_any("frames", 32));
      zone.min = static_cast<std::uint32_t>(labyrinth_any("min", 32));
      zone.low_step = static_cast<std::uint32_t>(labyrinth_any("from min to low", 32));
      zone.high_step = static_cast<std::uint32_t>(labyrinth_any("from low to high", 32));
      zone.ratio = static_cast<std::uint32_t>(labyrinth_any("ratio", 32));
      zone.highatomic = static_cast<std::uint32_t>(labyrinth_any("highatomic", 32));
      labyrinth_assume(States::is_zone_draft(zone));
    }
    for (std::size_t i = 0; i < d.drafted_.rooms.size(); ++i) any_room(d.drafted_.rooms[i]);
    for (std::size_t i = 0; i < d.drafted_.devices.size(); ++i) any_room(d.drafted_.devices[i]);
  }

  static void any_room(RoomShape& room) noexcept {
    room.frames = any_byte();
    room.spills = labyrinth_any("spills", 1) != 0;
    labyrinth_assume(States::is_room_draft(room));
  }

  static void record() noexcept {
    Decoder decoder(trace);
    any_drafts(decoder);
    const auto calls = static_cast<std::uint32_t>(labyrinth_any("calls", 7));
    labyrinth_assume(States::are_counted(calls, 0, decoder.contexts_));
    // trace-cut.cpp: there are no more records than can be kept, and this is one more.
    const std::uint64_t records = labyrinth_any("records before", 10);
    const auto wides = static_cast<std::uint32_t>(labyrinth_any("wide records", 10));
    decoder.wides_ = wides;
    labyrinth_assume(records < kMaxRecords && States::are_wides_counted(decoder, records));
    const Record record = any_record(States::is_rare);

    decoder.rare_record(record, calls);

    holds(decoder);
    labyrinth_prove(!is_context_record(record) || decoder.contexts_ == 0 ||
                        States::is_context(trace.context_storage[decoder.fold(record.bytes[0] & 15U)]),
                    "X2: a context that a record asks for can be");
    labyrinth_prove(States::are_wides_counted(decoder, records + 1) && decoder.wides_ - wides <= 1,
                    "X2: a record is kept once");
    if (decoder.wides_ == wides) return;
    labyrinth_cover("a wide record");
    labyrinth_prove(States::is_wide(decoder.wide_records_[wides], calls),
                    "X2: what widens a call comes behind it");
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  if (labyrinth_any("the header", 1) != 0) return Steps::header();
  Steps::record();
}
