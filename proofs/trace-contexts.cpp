// The contexts of the binary form and their calls: contexts are valid and their calls follow one another, to
// the number of calls; and each call goes to a place of its own, among those of its context.
//
// 3 calls of any records, of a task, a handler and a task on any CPUs, and none of either; the loops are the
// same for more. (Levels are constants: an index that is not, as that of the next task, is a choice among all
// bytes of the decoder.)
#include "trace.hpp"

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
    decoder.cpus_ = static_cast<std::uint8_t>(labyrinth_any("cpus", 3));
    labyrinth_assume(decoder.cpus_ >= 1 && decoder.cpus_ <= kMaxCpus);
    trace.geometry.cpus = decoder.cpus_;
    for (std::size_t i = 0; i < kContexts; ++i) {
      Context& context = trace.context_storage[i];
      context.level = i % 2 == 0 ? model::Level::kTask : model::Level::kHardirq;
      context.cpu = static_cast<std::uint8_t>(labyrinth_any("cpu", 4));
      context.reclaimer = labyrinth_any("reclaimer", 1) != 0;
      labyrinth_assume(!context.reclaimer || context.level == model::Level::kTask);
    }
    for (std::size_t i = 0; i < kCalls; ++i)
      decoder.call_records_[i] = any_record([](const Meaning& meaning) { return meaning.call != 0; });

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
    tasks<kContexts>(decoder);
    places<kCalls, kContexts>(decoder);
  }

  template <std::uint8_t kContexts>
  static void tasks(const Decoder& decoder) noexcept {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < kContexts; ++i) {
      if (i < trace.context_count && trace.context_storage[i].level == model::Level::kTask) ++count;
      if (i >= decoder.tasks_) continue;
      const std::uint8_t task = decoder.task_contexts_[i];
      bool is_task = false;
      for (std::size_t each = 0; each < kContexts; ++each) {
        is_task = is_task || (each == task && each < trace.context_count &&
                              trace.context_storage[each].level == model::Level::kTask);
      }
      labyrinth_prove(is_task, "X2: what is taken for a task is one");
    }
    labyrinth_prove(decoder.tasks_ == count, "X2: all tasks are known");
    if (count == 0) labyrinth_cover("no task");
  }

  template <std::uint8_t kCalls, std::uint8_t kContexts>
  static void places(const Decoder& decoder) noexcept {
    for (std::size_t i = 0; i < kCalls; ++i) {
      const std::uint8_t place = decoder.places_[i];
      const unsigned owner = decoder.fold(decoder.call_records_[i].bytes[0] & 15U);
      labyrinth_prove(place < trace.call_count, "X2: a call is one of the trace's");
      for (std::size_t each = 0; each < kContexts; ++each) {
        const Context& context = trace.context_storage[each];
        if (each == owner)
          labyrinth_prove(place >= context.first_call && place < context.first_call + context.calls,
                          "X2: a call is one of its context's");
      }
      for (std::size_t other = 0; other < i; ++other)
        labyrinth_prove(decoder.places_[other] != place, "X2: each call has a place of its own");
      const Meaning& meaning = kMeanings[decoder.call_records_[i].bytes[0]];
      labyrinth_prove((decoder.allocs_ >> i & 1U) == (meaning.form == Form::kAlloc ? 1U : 0U),
                      "X2: allocations are known");
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
