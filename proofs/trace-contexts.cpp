// The contexts of the binary form and their calls: contexts are valid and their calls follow one another, to
// the number of calls; and each call goes to a place of its own, among those of its context.
//
// 3 calls of any records, of a task, a handler and a task on any CPUs, and none of either; the loops are the
// same for more. (Levels are constants: an index that is not, as that of the next task, is a choice among all
// bytes of the decoder.)
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  template <std::uint8_t kCalls, std::uint8_t kContexts>
  static void run() noexcept {
    Decoder decoder(trace);
    constexpr std::uint8_t calls = kCalls;
    constexpr std::uint8_t contexts = kContexts;
    decoder.calls_ = calls;
    decoder.contexts_ = contexts;
    labyrinth_assume(States::are_counted(kCalls, 0, kContexts));
    decoder.drafted_.cpus = static_cast<std::uint8_t>(labyrinth_any("cpus", 8));
    labyrinth_assume(States::has_machine(decoder));
    trace.geometry.cpus = decoder.drafted_.cpus;
    for (std::size_t i = 0; i < kContexts; ++i) {
      Context& context = trace.context_storage[i];
      context.level = i % 2 == 0 ? model::Level::kTask : model::Level::kHardirq;
      context.cpu = static_cast<std::uint8_t>(labyrinth_any("cpu", 8));
      context.reclaimer = labyrinth_any("reclaimer", 1) != 0;
      labyrinth_assume(States::is_context(context));
    }
    for (std::size_t i = 0; i < kCalls; ++i) decoder.call_records_[i] = any_record(States::is_call);

    decoder.finish_contexts();
    for (std::uint8_t i = 0; i < kCalls; ++i) {
      decoder.place_call(i);
    }

    labyrinth_prove(trace.call_count == calls && trace.context_count == contexts, "X2: nothing is lost");
    unsigned before = 0;
    for (std::size_t i = 0; i < kContexts; ++i) {
      const Context& context = trace.context_storage[i];
      labyrinth_prove(context_flaw(trace, context, before) == nullptr, "X2: a context is valid");
      before += context.calls;
    }
    labyrinth_prove(before == calls, "X2: each call belongs to a context");
    labyrinth_prove(States::are_of_calls(decoder), "X2: and nothing else is taken for one");
    tasks<kContexts>(decoder);
    places<kCalls, kContexts>(decoder);
  }

  template <std::uint8_t kContexts>
  static void tasks(const Decoder& decoder) noexcept {
    std::uint32_t count = 0;
    std::uint32_t are_tasks = 0;
    for (std::size_t i = 0; i < kContexts; ++i) {
      if (i >= trace.context_count || trace.context_storage[i].level != model::Level::kTask) continue;
      ++count;
      are_tasks |= 1U << i;
    }
    for (std::size_t i = 0; i < kContexts; ++i)
      labyrinth_prove(i >= decoder.tasks_ || States::is_task(decoder, i, are_tasks),
                      "X2: what is taken for a task is one");
    labyrinth_prove(decoder.tasks_ == count, "X2: all tasks are known");
    if (count == 0) labyrinth_cover("no task");
  }

  template <std::uint8_t kCalls, std::uint8_t kContexts>
  static void places(const Decoder& decoder) noexcept {
    for (std::size_t i = 0; i < kCalls; ++i) {
      const std::uint8_t place = decoder.places_[i];
      const unsigned owner = decoder.fold(decoder.call_records_[i].bytes[0] & 15U);
      labyrinth_prove(States::is_placed(decoder, i), "X2: a call is one of the trace's");
      for (std::size_t each = 0; each < kContexts; ++each) {
        const Context& context = trace.context_storage[each];
        if (each == owner)
          labyrinth_prove(place >= context.first_call && place < context.first_call + context.calls,
                          "X2: a call is one of its context's");
      }
      for (std::size_t other = 0; other < i; ++other)
        labyrinth_prove(decoder.places_[other] != place, "X2: each call has a place of its own");
      labyrinth_prove(States::is_known(decoder, i, decoder.call_records_[i]),
                      "X2: allocations, mappings and kmallocs are known");
      if (i + 1 == kCalls && owner == 0 && kContexts > 1)
        labyrinth_cover("the last call is the first context's");
    }
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  switch (labyrinth_any("contexts", 1)) {
    case 0:
      return Steps::run<0, 0>();
    default:
      return Steps::run<3, 3>();
  }
}
