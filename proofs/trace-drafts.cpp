// What the binary form drafts of the machine: whatever the header says, and whatever a record does, it stays
// within what a machine can have; and what widens a call is kept behind it.
//
// Any bytes of a header; any record that is neither a call nor a departure, about any zone, with any number
// of contexts, behind any number of calls and any number of wide records. (What a record drafts does not
// depend on what else has been drafted, but for the first frame, of which nothing is asked.) What they leave
// is what trace-geometry.cpp, trace-contexts.cpp and trace-calls.cpp begin with.
#include "trace.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  static void header() noexcept {
    Header bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = any_byte();
    Decoder decoder(trace);
    decoder.header(bytes);
    holds(decoder);
    const auto context = static_cast<std::size_t>(labyrinth_any("context", 4));
    if (context < decoder.contexts_) {
      labyrinth_cover("a context");
      labyrinth_prove(is_context(trace.context_storage[context]),
                      "X2: the contexts that there are unasked can be");
    }
  }

  [[nodiscard]] static bool is_context(const Context& context) noexcept {
    return context.level <= model::Level::kNmi && context.cpu < 16 &&
           (!context.reclaimer || context.level == model::Level::kTask);
  }
  [[nodiscard]] static bool is_context_record(const Record& record) noexcept {
    return record.bytes[0] >> 4 == kContext;
  }
  [[nodiscard]] static bool is_room(const RoomShape& room) noexcept { return room_flaw(room) == nullptr; }

  static void holds(const Decoder& d) noexcept {
    labyrinth_prove(d.cpus_ >= 1 && d.cpus_ <= kMaxCpus, "X2: there are 1 to 4 CPUs");
    labyrinth_prove(d.max_order_ <= model::kMaxOrder.value, "X2: the largest order can be");
    labyrinth_prove(d.contexts_ <= kMaxContexts, "X2: there are at most 16 contexts");
    labyrinth_prove(d.zone_ < d.zones_.size(), "X2: records are about a zone that can be");
    labyrinth_prove(d.map_.slots <= kMaxMapSlots && d.map_.depth <= kMaxMapDepth && d.map_.unmapped < 32,
                    "C2: slots and depth can be");
    labyrinth_prove(d.objects_.frames <= kMaxObjectFrames && d.objects_.min <= kMaxObjectMin,
                    "X2: the objects' memory can be");
    for (std::size_t i = 0; i < d.zones_.size(); ++i) {
      const Decoder::ZoneDraft& zone = d.zones_[i];
      labyrinth_prove(zone.ratio <= kMaxRatio && zone.highatomic <= kMaxHighatomic,
                      "E1: ratio and highatomic reserve can be");
      labyrinth_prove((zone.frames | zone.min | zone.low_step | zone.high_step) < 1U << 17,
                      "E1: frames and marks have 17 bits, so that no sum of them overflows");
    }
    for (std::size_t i = 0; i < d.rooms_.size(); ++i)
      labyrinth_prove(is_room(d.rooms_[i]), "X2: rooms can be");
    for (std::size_t i = 0; i < d.devices_.size(); ++i)
      labyrinth_prove(is_room(d.devices_[i]), "X2: rooms of devices can be");
  }

  static void record() noexcept {
    Decoder decoder(trace);
    decoder.contexts_ = static_cast<std::uint8_t>(labyrinth_any("contexts", 5));
    labyrinth_assume(decoder.contexts_ <= kMaxContexts);
    decoder.zone_ = labyrinth_any("zone", 3);
    labyrinth_assume(decoder.zone_ < decoder.zones_.size());
    const auto calls = static_cast<std::uint32_t>(labyrinth_any("calls", 7));
    const auto wides = static_cast<std::uint32_t>(labyrinth_any("wide records", 10));
    labyrinth_assume(wides < kMaxRecords);  // one a record at most, and this is one more
    decoder.wides_ = wides;
    const Record record =
        any_record([](const Meaning& meaning) { return meaning.call + meaning.departure == 0; });

    decoder.rare_record(record, calls);

    holds(decoder);
    labyrinth_prove(!is_context_record(record) || decoder.contexts_ == 0 ||
                        is_context(trace.context_storage[decoder.fold(record.bytes[0] & 15U)]),
                    "X2: a context that a record asks for can be");
    labyrinth_prove(decoder.wides_ - wides <= 1, "X2: a record is kept once");
    if (decoder.wides_ == wides) return;
    labyrinth_cover("a wide record");
    const WideRecord& kept = decoder.wide_records_[wides];
    labyrinth_prove(kept.call < calls && is_wide_of_call(kept.record),
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
