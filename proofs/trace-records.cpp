// The records of the binary form, one by one: whatever a record says, and whatever those before it said, it
// is kept where there is room for it, and what is drafted of the machine stays within what a machine can
// have.
//
// Any bytes of a header, and any record behind any number of others: what they leave is the invariant below,
// which the header establishes and each record keeps.
#include "trace.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  static void header() noexcept {
    std::array<std::uint8_t, kBinaryHeaderSize> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = any_byte();
    Decoder decoder(trace);
    decoder.header(bytes.data());
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
  [[nodiscard]] static bool is_same(const Record& left, const Record& right) noexcept {
    bool is_same = true;
    for (std::size_t i = 0; i < kBinaryRecordSize; ++i) is_same = is_same && left.bytes[i] == right.bytes[i];
    return is_same;
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
      labyrinth_prove(d.zones_[i].ratio <= kMaxRatio && d.zones_[i].highatomic <= kMaxHighatomic,
                      "E1: ratio and highatomic reserve can be");
    }
    for (std::size_t i = 0; i < d.rooms_.size(); ++i)
      labyrinth_prove(is_room(d.rooms_[i]), "X2: rooms can be");
    for (std::size_t i = 0; i < d.devices_.size(); ++i)
      labyrinth_prove(is_room(d.devices_[i]), "X2: rooms of devices can be");
  }

  static void any_drafts(Decoder& d) noexcept {
    d.contexts_ = static_cast<std::uint8_t>(labyrinth_any("contexts", 5));
    labyrinth_assume(d.contexts_ <= kMaxContexts);
    d.zone_ = labyrinth_any("zone", 3);
    labyrinth_assume(d.zone_ < d.zones_.size());
  }

  static void record() noexcept {
    Decoder decoder(trace);
    any_drafts(decoder);
    const std::uint32_t most = decoder.contexts_ > 0 ? kMaxCalls : 0;
    Decoder::SoFar so_far;
    so_far.calls = static_cast<std::uint32_t>(labyrinth_any("calls", 7));
    so_far.departures = static_cast<std::uint32_t>(labyrinth_any("departures", 8));
    so_far.dropped = static_cast<std::uint32_t>(labyrinth_any("calls were dropped", 1));
    decoder.wides_ = static_cast<std::uint32_t>(labyrinth_any("wide records", 10));
    labyrinth_assume(so_far.calls <= most && so_far.departures <= kMaxDepartures);
    labyrinth_assume(decoder.wides_ < kMaxRecords);  // one a record, and this is not the last
    const Decoder::SoFar before = so_far;
    const std::uint32_t wides = decoder.wides_;
    const Record record = any_record([](const Meaning&) { return true; });
    const Meaning meaning = kMeanings[record.bytes[0]];

    decoder.sort(record, most, so_far);

    holds(decoder);
    labyrinth_prove(so_far.calls <= most && so_far.calls - before.calls <= meaning.call,
                    "X2: calls are counted one by one, to the most that there can be");
    labyrinth_prove(
        so_far.departures <= kMaxDepartures && so_far.departures - before.departures <= meaning.departure,
        "X2: and so are departures");
    labyrinth_prove(decoder.wides_ - wides <= 1, "X2: a record is kept once");
    labyrinth_prove(meaning.call + meaning.departure == 0 || decoder.wides_ == wides, "X2: as what it is");
    if (so_far.calls != before.calls) {
      labyrinth_cover("a call");
      labyrinth_prove(is_same(decoder.call_records_[before.calls], record), "X2: a call is kept as it is");
    } else if (meaning.call != 0) {
      labyrinth_cover("a call too many");
    }
    if (so_far.departures != before.departures) {
      labyrinth_cover("a departure");
      labyrinth_prove(is_same(decoder.departure_records_[before.departures].record, record) &&
                          decoder.departure_records_[before.departures].calls_before == before.calls,
                      "X2: a departure is kept as it is");
    }
    if (decoder.wides_ != wides) {
      labyrinth_cover("a wide record");
      labyrinth_prove(decoder.wide_records_[wides].call < before.calls &&
                          is_wide_of_call(decoder.wide_records_[wides].record),
                      "X2: what widens a call comes behind it");
    }
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  if (labyrinth_any("the header", 1) != 0) return Steps::header();
  Steps::record();
}
