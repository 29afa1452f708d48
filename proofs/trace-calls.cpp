// A call of the binary form: whatever its record says, it becomes a call that is valid; records that widen it
// leave it valid. What its handle names is a call of the right kind.
//
// One call of up to 64, with any other calls before and behind it. Where calls have their places and what is
// known of them is what trace-contexts.cpp leaves; wide records are what trace-drafts.cpp does.
#include "trace_states.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  explicit Steps() noexcept : decoder(trace) {
    calls = static_cast<std::uint8_t>(labyrinth_any("calls", 7));
    index = static_cast<std::uint8_t>(labyrinth_any("index of the call", 6));
    labyrinth_assume(States::are_counted(calls, 0, 1) && index < calls);
    decoder.calls_ = calls;
    decoder.contexts_ = 1;
    decoder.allocs_ = labyrinth_any("allocations", 64);
    decoder.maps_ = labyrinth_any("calls that map", 64);
    decoder.kmallocs_ = labyrinth_any("kmallocs", 64);
    labyrinth_assume(States::are_of_calls(decoder));
    for (std::size_t i = 0; i < kMaxCalls; ++i) {
      decoder.places_[i] = static_cast<std::uint8_t>(labyrinth_any("place", 8));
      labyrinth_assume(i >= calls || States::is_placed(decoder, i));
    }
    decoder.frames_ = static_cast<std::uint32_t>(labyrinth_any("frames", 32));
    trace.geometry.first_pfn = labyrinth_any("first pfn", 64);
    labyrinth_assume(States::has_frames(decoder, trace));
  }

  [[nodiscard]] bool is_one_of(std::uint64_t set) const noexcept { return (set >> index & 1U) != 0; }

  /// Whether one of the set has this place.
  [[nodiscard]] bool is_place_of(std::uint64_t set, std::uint8_t handle) const noexcept {
    bool found = false;
    for (std::size_t i = 0; i < kMaxCalls; ++i)
      found = found || ((set >> i & 1U) != 0 && decoder.places_[i] == handle);
    return found;
  }

  /// The same call in a trace where what it names is what it is: whoever has that place.
  [[nodiscard]] bool is_valid(const Call& call) const noexcept {
    if (call.handle != kNoHandle) {
      if (call.handle >= calls) return false;
      const bool is_mapping = unmaps(call.op);
      const bool is_object = call.op == Op::kKfree;
      const bool is_named = is_place_of(is_mapping  ? decoder.maps_
                                        : is_object ? decoder.kmallocs_
                                                    : decoder.allocs_,
                                        call.handle);
      if (!is_named) return false;
      named.call_storage[0].op = is_mapping ? Op::kMap : is_object ? Op::kKmalloc : Op::kAlloc;
    }
    Call alone = call;
    if (call.handle != kNoHandle) alone.handle = 0;
    named.call_count = 1;
    return call_flaw(named, alone) == nullptr;
  }

  void finish() noexcept {
    const Record record = any_record(States::is_call);
    labyrinth_assume(States::is_known(decoder, index, record));

    Call call = trace.call_storage[0];
    decoder.finish_call(record.bytes, index, call);

    labyrinth_prove(is_valid(call), "X2: a record of a call becomes a valid call");
    labyrinth_prove(!is_one_of(decoder.allocs_) || allocates(call.op),
                    "X2: what others take for an alloc is one");
    labyrinth_prove(!is_one_of(decoder.maps_) || decoder.allocs_ == 0 || maps(call.op),
                    "X2: what others take for a mapping is one");
    labyrinth_prove(!is_one_of(decoder.kmallocs_) || call.op == Op::kKmalloc,
                    "X2: what others take for a kmalloc is one");
    if (allocates(call.op)) labyrinth_cover("allocates");
    if (call.op == Op::kFree && call.handle != kNoHandle) labyrinth_cover("frees by handle");
    if (call.op == Op::kFree && call.handle == kNoHandle) labyrinth_cover("frees by pfn");
    if (unmaps(call.op)) labyrinth_cover("unmaps");
    if (call.op == Op::kKfree && call.handle != kNoHandle) labyrinth_cover("frees an object");
  }

  void widen() noexcept {
    Call call;
    call.op = static_cast<Op>(labyrinth_any("op", 5));
    call.order = any_byte();
    call.handle = any_byte();
    call.gfp = static_cast<std::uint32_t>(labyrinth_any("gfp", 32));
    call.pfn = labyrinth_any("pfn", 64);
    const Call before = call;
    labyrinth_assume(is_valid(before));
    decoder.exact_ = labyrinth_any("widened before", 64);
    const WideRecord wide{any_record(States::is_rare), index};
    labyrinth_assume(States::is_wide(wide, calls));

    decoder.widen_call(wide, call);

    const Call& after = call;
    labyrinth_prove(after.op == before.op && after.handle == before.handle,
                    "X2: a wide record changes neither what a call is nor what it names");
    labyrinth_prove(is_valid(after), "X2: a call that is widened stays valid");
    if (after.pfn != before.pfn) labyrinth_cover("widened");
  }

  Decoder decoder;
  static inline constinit Trace named{};
  std::uint8_t calls = 0;
  std::uint8_t index = 0;
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  labyrinth::machine::Steps steps;
  if (labyrinth_any("a wide record", 1) != 0) return steps.widen();
  steps.finish();
}
