// What the steps of the binary form's decoder leave to each other: the very functions that a proof proves
// behind its step and another assumes before its own. Those about arrays are about one element.
//
//   header(), rare_record()          drafts, contexts, wide records        trace-drafts.cpp
//   the loop over records            so many records, and not more         trace-cut.cpp
//   sort()                           numbers, calls, departures            trace-records.cpp (own words)
//   finish_geometry()                has_frames                            trace-geometry.cpp
//   finish_contexts(), place_call()  places, tasks, what calls are         trace-contexts.cpp
#pragma once

#include "trace.hpp"

namespace labyrinth::machine {
namespace {

static_assert(std::ranges::all_of(kMeanings,
                                  [](const Meaning& each) { return each.call + each.departure <= 1; }),
              "each record is a call, a departure, or for rare_record()");

struct States {
  [[nodiscard]] static bool is_call(const Record& record) noexcept {
    return kMeanings[record.bytes[0]].call == 1;
  }
  [[nodiscard]] static bool is_departure(const Record& record) noexcept {
    return kMeanings[record.bytes[0]].departure == 1;
  }
  [[nodiscard]] static bool is_rare(const Record& record) noexcept {
    return !is_call(record) && !is_departure(record);
  }

  [[nodiscard]] static bool has_cpus(const Decoder& d) noexcept {
    return d.drafted_.cpus >= 1 && d.drafted_.cpus <= kMaxCpus;
  }
  [[nodiscard]] static bool has_contexts(const Decoder& d) noexcept { return d.contexts_ <= kMaxContexts; }
  [[nodiscard]] static bool has_machine(const Decoder& d) noexcept {
    return has_cpus(d) && has_contexts(d) && d.drafted_.max_order <= model::kMaxOrder.value;
  }
  [[nodiscard]] static bool is_about_zone(const Decoder& d) noexcept {
    return d.drafted_.zone < d.drafted_.zones.size();
  }
  [[nodiscard]] static bool is_map_draft(const MapShape& map) noexcept {
    return map.slots <= kMaxMapSlots && map.depth <= kMaxMapDepth && map.unmapped < 32;
  }
  [[nodiscard]] static bool is_objects_draft(const ObjectShape& objects) noexcept {
    return objects.frames <= kMaxObjectFrames && objects.min <= kMaxObjectMin;
  }
  /// Frames and marks have 17 bits, so that no sum of them overflows.
  [[nodiscard]] static bool is_zone_draft(const ZoneDraft& zone) noexcept {
    return zone.ratio <= kMaxRatio && zone.highatomic <= kMaxHighatomic &&
           (zone.frames | zone.min | zone.low_step | zone.high_step) < 1U << 17;
  }
  [[nodiscard]] static bool is_room_draft(const RoomShape& room) noexcept {
    return room_flaw(room) == nullptr;
  }
  [[nodiscard]] static bool is_context(const Context& context) noexcept {
    return context.level <= model::Level::kNmi && context.cpu < 16 &&
           (!context.reclaimer || context.level == model::Level::kTask);
  }

  /// Behind so many records, each of which is kept once at most.
  [[nodiscard]] static bool are_wides_counted(const Decoder& d, std::size_t records) noexcept {
    return d.wides_ <= records;
  }
  [[nodiscard]] static bool is_wide(const WideRecord& wide, std::uint32_t calls) noexcept {
    return wide.call < calls && wide.record.bytes[0] >> 4 == kWide &&
           (wide.record.bytes[0] & 15U) < kWideFrames;
  }

  /// No calls where there is no context.
  [[nodiscard]] static bool are_counted(std::uint32_t calls, std::uint32_t departures,
                                        std::uint8_t contexts) noexcept {
    return calls <= (contexts > 0 ? kMaxCalls : 0U) && departures <= kMaxDepartures;
  }
  [[nodiscard]] static bool is_kept_departure(const DepartureRecord& kept, std::uint32_t calls) noexcept {
    return is_departure(kept.record) && kept.calls_before <= calls;
  }

  [[nodiscard]] static bool has_frames(const Decoder& d, const Trace& out) noexcept {
    return d.frames_ >= 1 && d.frames_ <= kMaxFrames && out.geometry.first_pfn <= kMaxFirstPfn;
  }

  /// Of the call of the i-th record, below their number.
  [[nodiscard]] static bool is_placed(const Decoder& d, std::size_t i) noexcept {
    return d.places_[i] < d.calls_;
  }
  [[nodiscard]] static bool is_known(const Decoder& d, std::size_t i, const Record& record) noexcept {
    const Form form = kMeanings[record.bytes[0]].form;
    const std::uint8_t second = record.bytes[1];
    const bool is_mapping = form == Form::kMask && is_mapping_byte(second) && maps(mapping_op(second));
    const bool is_kmalloc = form == Form::kMask && second >= kKmallocFrom && second < kKfreeFrom;
    return has(d.allocs_, i) == (form == Form::kAlloc) && has(d.maps_, i) == is_mapping &&
           has(d.kmallocs_, i) == is_kmalloc;
  }
  [[nodiscard]] static bool are_of_calls(const Decoder& d) noexcept {
    const std::uint64_t those = d.calls_ == 0 ? 0 : ~std::uint64_t{0} >> (64 - d.calls_);
    return ((d.allocs_ | d.maps_ | d.kmallocs_) & ~those) == 0;
  }

  /// Of the i-th that is taken for a task; `tasks`: bit i, context i is one.
  [[nodiscard]] static bool is_task(const Decoder& d, std::size_t i, std::uint32_t tasks) noexcept {
    return d.task_contexts_[i] < d.contexts_ && (tasks >> d.task_contexts_[i] & 1U) != 0;
  }

  [[nodiscard]] static bool has(std::uint64_t set, std::size_t i) noexcept { return (set >> i & 1U) != 0; }
};

}  // namespace
}  // namespace labyrinth::machine
