// A departure of the binary form: whatever its record says, it becomes one that is valid, at one of the
// trace's calls; and put in behind others that are in order it leaves all of them in order, none lost.
//
// The first of any record and any state of the decoder with calls; the second behind up to 12 departures:
// what the loop does does not depend on how many there are. Places and tasks are what trace-contexts.cpp
// leaves, the record is one that trace-records.cpp keeps.
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

constexpr std::size_t kMost = 12;

struct Steps {
  static void valid() noexcept {
    Decoder decoder(trace);
    const auto calls = static_cast<std::uint8_t>(labyrinth_any("calls", 7));
    const auto cpus = static_cast<std::uint8_t>(labyrinth_any("cpus", 8));
    const auto contexts = static_cast<std::uint8_t>(labyrinth_any("contexts", 8));
    labyrinth_assume(calls >= 1 && States::are_counted(calls, 0, contexts));
    decoder.calls_ = trace.call_count = calls;
    decoder.drafted_.cpus = trace.geometry.cpus = cpus;
    decoder.contexts_ = trace.context_count = contexts;
    labyrinth_assume(States::has_machine(decoder));
    for (std::size_t i = 0; i < kMaxCalls; ++i) {
      decoder.places_[i] = static_cast<std::uint8_t>(labyrinth_any("place", 8));
      labyrinth_assume(i >= calls || States::is_placed(decoder, i));
    }
    decoder.tasks_ = static_cast<std::uint8_t>(labyrinth_any("tasks", 5));
    labyrinth_assume(decoder.tasks_ <= contexts);
    const auto are_tasks = static_cast<std::uint32_t>(labyrinth_any("contexts that are tasks", 16));
    for (std::size_t i = 0; i < kMaxContexts; ++i) {
      trace.context_storage[i].level = (are_tasks >> i & 1U) != 0 ? model::Level::kTask : model::Level::kNmi;
      decoder.task_contexts_[i] = static_cast<std::uint8_t>(labyrinth_any("task", 8));
      labyrinth_assume(i >= decoder.tasks_ || States::is_task(decoder, i, are_tasks));
    }
    const DepartureRecord kept{any_record(States::is_departure),
                               static_cast<std::uint32_t>(labyrinth_any("calls before", 32))};
    labyrinth_assume(States::is_kept_departure(kept, calls));

    const Departure departure = decoder.departure(kept);

    labyrinth_prove(departure.call < calls, "X2: a departure is at one of the trace's calls");
    labyrinth_prove(departure_flaw(trace, departure) == nullptr, "X2: a record becomes a valid departure");
    if (departure.decision.kind == Decision::Kind::kTask) labyrinth_cover("a task");
    if (departure.decision.kind == Decision::Kind::kMigrate) labyrinth_cover("a migration");
    if (departure.decision.kind == Decision::Kind::kInterrupt) labyrinth_cover("an interrupt");
  }

  template <std::size_t kBehind>
  static void in_order() noexcept {
    Decoder decoder(trace);
    for (std::size_t i = 0; i < kBehind; ++i) {
      trace.departure_storage[i].call = any_byte();
      trace.departure_storage[i].access = static_cast<std::uint16_t>(labyrinth_any("access", 12));
      trace.departure_storage[i].decision.argument = static_cast<std::uint8_t>(i);
      if (i > 0) labyrinth_assume(ordered(trace.departure_storage[i - 1], trace.departure_storage[i]));
    }
    Departure departure;
    departure.call = any_byte();
    departure.access = static_cast<std::uint16_t>(labyrinth_any("access", 12));
    departure.decision.argument = kBehind;

    decoder.insert(departure, kBehind);

    std::uint32_t next = 0;  // of those before, in their order
    bool is_in = false;
    for (std::size_t i = 0; i <= kBehind; ++i) {
      const Departure& each = trace.departure_storage[i];
      if (i > 0)
        labyrinth_prove(ordered(trace.departure_storage[i - 1], each), "X2: departures are in order");
      if (each.decision.argument == kBehind) {
        labyrinth_prove(!is_in, "X2: a departure is put in once");
        is_in = true;
        if (next == 0) labyrinth_cover("first");
      } else {
        labyrinth_prove(each.decision.argument == next, "X2: no departure is lost, nor passes another");
        ++next;
      }
    }
    labyrinth_prove(is_in, "X2: a departure is put in");
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  switch (labyrinth_any("what", 2)) {
    case 0:
      return Steps::in_order<1>();
    case 1:
      return Steps::in_order<labyrinth::machine::kMost>();
    default:
      return Steps::valid();
  }
}
