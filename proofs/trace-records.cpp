// Calls and departures of the binary form, record by record: each is kept as it is and counted where there is
// room for it, and is not counted where there is none; nothing is written beyond.
//
// Any record of either kind (trace-drafts.cpp is about the others), behind none, behind as many as leave room
// for one more, or as many as there can be: their numbers are compared with nothing but the most that there
// can be. (With any numbers, an index that is not constant makes each access a choice among all bytes of the
// decoder.)
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  [[nodiscard]] static bool is_same(const Record& left, const Record& right) noexcept {
    bool is_same = true;
    for (std::size_t i = 0; i < kBinaryRecordSize; ++i) is_same = is_same && left.bytes[i] == right.bytes[i];
    return is_same;
  }

  template <std::uint32_t kCalls, std::uint32_t kDepartures>
  static void record() noexcept {
    Decoder decoder(trace);
    decoder.contexts_ = 1;
    const std::uint32_t most = kMaxCalls;
    Decoder::SoFar so_far;
    so_far.calls = kCalls;
    so_far.departures = kDepartures;
    so_far.dropped = static_cast<std::uint32_t>(labyrinth_any("calls were dropped", 1));
    const Decoder::SoFar before = so_far;
    const Record record =
        any_record([](const Record& each) { return States::is_call(each) || States::is_departure(each); });
    const Meaning meaning = kMeanings[record.bytes[0]];

    decoder.sort(record, most, so_far);

    labyrinth_prove(so_far.calls <= most && so_far.calls - before.calls <= meaning.call,
                    "X2: calls are counted one by one, to the most that there can be");
    labyrinth_prove(
        so_far.departures <= kMaxDepartures && so_far.departures - before.departures <= meaning.departure,
        "X2: and so are departures");
    if (so_far.calls != before.calls) {
      labyrinth_cover("a call");
      labyrinth_prove(is_same(decoder.call_records_[before.calls], record), "X2: a call is kept as it is");
    } else if (meaning.call != 0) {
      labyrinth_cover("a call too many");
    }
    if (so_far.departures == before.departures) return;
    labyrinth_cover("a departure");
    const DepartureRecord& kept = decoder.departure_records_[before.departures];
    labyrinth_prove(is_same(kept.record, record) && kept.calls_before == before.calls,
                    "X2: a departure is kept as it is");
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using namespace labyrinth::machine;
  switch (labyrinth_any("records before", 2)) {
    case 0:
      return Steps::record<0, 0>();
    case 1:
      return Steps::record<kMaxCalls - 1, kMaxDepartures - 1>();
    default:
      return Steps::record<kMaxCalls, kMaxDepartures>();
  }
}
