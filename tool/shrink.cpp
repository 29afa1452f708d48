// Shrinking: large things first (contexts, calls, CPUs), then the schedule, then numbers.
#include "shrink.hpp"

#include <algorithm>
#include <array>

#include "edit.hpp"
#include "finding.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::tool {
namespace {

using machine::Trace;

class Shrinker {
 public:
  Shrinker(const StillFails& still_fails, std::uint64_t budget,
           const std::function<bool(const Shrunk&)>& progress)
      : still_fails_(still_fails), budget_(budget), progress_(progress) {}

  [[nodiscard]] Shrunk run(const Trace& trace) {
    state_.trace = trace;
    std::uint64_t before = 0;
    do {
      before = state_.accepted;
      drop_weak_memory();
      drop_contexts();
      drop_calls();
      drop_cpus();
      drop_departures();
      shrink_geometry();
      simplify_calls();
      move_departures();
      if (state_.accepted == before) drop_pairs();
    } while (state_.accepted != before && !stopped_);
    state_.finished = !stopped_;
    return state_;
  }

 private:
  /// Keep the candidate if it still fails; its schedule becomes what was carried out.
  bool accept(const Trace& candidate) {
    if (stopped_ || machine::same(candidate, state_.trace) || machine::find_flaw(candidate).has_value())
      return false;
    if (state_.tried == budget_ || (state_.tried % 1024 == 0 && !progress_(state_))) {
      stopped_ = true;
      return false;
    }
    ++state_.tried;
    const std::optional<Trace> left = still_fails_(candidate);
    if (!left) return false;
    state_.trace = *left;
    ++state_.accepted;
    return true;
  }

  void drop_contexts() {
    for (std::uint8_t i = state_.trace.context_count; i-- > 0;) {
      accept(keep(state_.trace, ~std::uint64_t{0}, ~(1U << i)));
    }
  }

  void drop_calls() {
    for (std::uint8_t run = 8; run >= 1; run /= 2) {
      for (int i = state_.trace.call_count - run; i >= 0; --i) {
        if (i + run > state_.trace.call_count) continue;
        const std::uint64_t mask = ((std::uint64_t{1} << run) - 1) << i;
        accept(keep(state_.trace, ~mask, ~0U));
      }
    }
  }

  void drop_cpus() {
    for (std::uint8_t cpu = state_.trace.geometry.cpus; cpu-- > 0 && state_.trace.geometry.cpus > 1;) {
      const auto contexts = state_.trace.contexts();
      const bool used =
          std::any_of(contexts.begin(), contexts.end(), [&](const auto& c) { return c.cpu == cpu; });
      if (!used) accept(without_cpu(state_.trace, cpu));
    }
  }

  void drop_departures() {
    for (std::uint8_t run = 16; run >= 1; run /= 2) {
      for (int i = state_.trace.departure_count - run; i >= 0; --i) {
        if (i + run > state_.trace.departure_count) continue;
        accept(without_departures(state_.trace, static_cast<std::uint8_t>(i), run));
      }
    }
  }

  /// A way to and fro, where one without the other leads elsewhere. Quadratic: for what is nearly small.
  void drop_pairs() {
    constexpr int kFew = 24;
    if (state_.trace.departure_count > kFew) return;
    for (int j = state_.trace.departure_count - 1; j > 0; --j) {
      for (int i = j; i-- > 0 && j < state_.trace.departure_count;) {
        const Trace without = without_departures(state_.trace, static_cast<std::uint8_t>(j), 1);
        if (accept(without_departures(without, static_cast<std::uint8_t>(i), 1))) break;
      }
    }
  }

  template <class Change>
  bool try_change(Change change) {
    Trace candidate = state_.trace;
    change(candidate);
    return accept(candidate);
  }

  /// The smallest value of a number that will do, by halving the distance to the least one.
  template <class Get>
  void lower(Get get, std::uint64_t least) {
    for (std::uint64_t step = get(state_.trace) - std::min<std::uint64_t>(get(state_.trace), least); step > 0;
         step /= 2) {
      while (get(state_.trace) >= least + step && try_change([&](Trace& t) {
               auto& value = get(t);
               value = static_cast<std::remove_reference_t<decltype(value)>>(value - step);
             })) {
      }
    }
  }

  /// Who sees that sequential consistency shows it too need not think of weak memory.
  void drop_weak_memory() {
    if (state_.trace.memory == machine::MemoryModel::kSc) return;
    try_change([](Trace& t) {
      const auto begin = t.departure_storage.begin();
      const auto end = std::remove_if(begin, begin + t.departure_count, [](const machine::Departure& it) {
        return it.decision.kind == machine::Decision::Kind::kOlder;
      });
      t.departure_count = static_cast<std::uint8_t>(end - begin);
      t.memory = machine::MemoryModel::kSc;
    });
  }

  void shrink_geometry() {
    try_change([](Trace& t) {
      for (std::uint8_t i = 0; i < t.live_count(); ++i) t.call_storage[i].pfn -= t.geometry.first_pfn;
      t.geometry.first_pfn = 0;
    });
    lower([](auto& t) -> auto& { return t.geometry.first_pfn; }, 0);
    drop_pools();
    try_change([](Trace& t) { t.geometry.objects = {}; });
    try_change([](Trace& t) { t.geometry.objects.min = 0; });
    lower([](auto& t) -> auto& { return t.geometry.objects.frames; }, 1);
    for (std::size_t i = 0; i < state_.trace.geometry.zones.size(); ++i) shrink_zone(i);
    try_change([](Trace& t) {
      for (std::uint8_t i = 0; i < t.context_count; ++i) t.context_storage[i].level = model::Level::kTask;
    });
    for (std::uint8_t i = 0; i < state_.trace.context_count; ++i) {
      try_change([i](Trace& t) { t.context_storage[i].reclaimer = false; });
    }
    try_change([](Trace& t) { t.geometry.max_order = machine::Geometry{}.max_order; });
  }

  /// Whole pools, then their frames made NORMAL's: fewer kinds of memory are easier to read than few frames.
  void drop_pools() {
    try_change([](Trace& t) { t.geometry.map = {}; });
    try_change([](Trace& t) { t.geometry.map.unmapped = 0; });
    lower([](auto& t) -> auto& { return t.geometry.map.slots; }, 0);
    lower([](auto& t) -> auto& { return t.geometry.map.depth; }, 0);
    for (std::size_t i = 0; i < state_.trace.geometry.rooms.size(); ++i) {
      try_change([&](Trace& t) { t.geometry.rooms[i] = {}; });
      try_change([&](Trace& t) { t.geometry.rooms[i].spills = false; });
      lower([&](auto& t) -> auto& { return t.geometry.rooms[i].frames; }, 1);
    }
    for (std::size_t i = 0; i < state_.trace.geometry.devices.size(); ++i) {
      try_change([&](Trace& t) { t.geometry.devices[i] = {}; });
      try_change([&](Trace& t) { t.geometry.devices[i].spills = false; });
      lower([&](auto& t) -> auto& { return t.geometry.devices[i].frames; }, 1);
    }
    for (std::size_t i = 0; i < state_.trace.geometry.zones.size(); ++i) {
      if (i == static_cast<std::size_t>(model::ZoneType::kNormal) ||
          state_.trace.geometry.zones[i].frames == 0)
        continue;
      const auto drop = [i](Trace& t) {
        t.geometry.zones[i] = {};
        t.geometry.map.unmapped = static_cast<std::uint8_t>(t.geometry.map.unmapped & ~(1U << i));
      };
      if (try_change(drop)) continue;
      const auto merge = [i, drop](Trace& t) {
        t.geometry.normal().frames += t.geometry.zones[i].frames;
        drop(t);
      };
      if (try_change(merge)) continue;
      try_change([&](Trace& t) {
        merge(t);
        t.geometry.map.unmapped |= 1U << static_cast<unsigned>(model::ZoneType::kNormal);
      });
    }
  }

  void shrink_zone(std::size_t index) {
    const auto zone = [index](auto& t) -> auto& { return t.geometry.zones[index]; };
    if (zone(state_.trace).frames == 0) return;
    for (const std::uint32_t frames : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 1024U}) {
      if (frames >= zone(state_.trace).frames) break;
      if (try_change([&](Trace& t) {
            zone(t).frames = frames;
            for (std::uint32_t* mark : {&zone(t).min, &zone(t).low, &zone(t).high})
              *mark = std::min(*mark, frames);
          })) {
        break;
      }
    }
    // Frames and watermarks down together keep what is left above a floor.
    for (std::uint32_t step = zone(state_.trace).frames / 2; step > 0; step /= 2) {
      while (zone(state_.trace).frames > step && try_change([&](Trace& t) {
               zone(t).frames -= step;
               for (std::uint32_t* mark : {&zone(t).min, &zone(t).low, &zone(t).high})
                 *mark -= std::min(*mark, step);
             })) {
      }
    }
    lower([&](auto& t) -> auto& { return zone(t).frames; }, 1);
    lower([&](auto& t) -> auto& { return zone(t).ratio; }, 0);
    lower([&](auto& t) -> auto& { return zone(t).highatomic; }, 0);
    if (zone(state_.trace).unmaps) try_change([&](Trace& t) { zone(t).unmaps = false; });
    try_change([&](Trace& t) { zone(t).min = zone(t).low = zone(t).high = 0; });
    lower([&](auto& t) -> auto& { return zone(t).min; }, 0);
    try_change([&](Trace& t) { zone(t).low = zone(t).high = zone(t).min; });
  }

  /// Smaller, and in the first place that will do.
  void simplify_live(std::uint8_t live) {
    lower([live](auto& t) -> auto& { return t.call_storage[live].order; }, 0);
    const machine::Call block = state_.trace.call_storage[live];
    const std::uint64_t first = state_.trace.geometry.first_pfn;
    constexpr std::uint64_t kTries = 64;
    for (std::uint64_t place = 0; place < kTries && first + (place << block.order) < block.pfn; ++place) {
      if (try_change([&](Trace& t) { t.call_storage[live].pfn = first + (place << block.order); })) break;
    }
  }

  void simplify_calls() {
    for (std::uint8_t i = 0; i < state_.trace.call_count; ++i) {
      const auto call = [&](Trace& t) -> machine::Call& { return t.call_storage[i]; };
      if (call(state_.trace).op == machine::Op::kLive) {
        simplify_live(i);
      } else if (machine::allocates(call(state_.trace).op)) {
        try_change([&](Trace& t) { call(t) = {.op = machine::Op::kAlloc, .gfp = call(t).gfp}; });
        lower([&](auto& t) -> auto& { return call(t).order; }, 0);
        lower([&](auto& t) -> auto& { return call(t).pfn; }, 0);
        for (const model::Gfp simple : {model::kAtomic, model::kNowait, model::kMemalloc}) {
          if (call(state_.trace).gfp == simple.bits) break;
          if (try_change([&](Trace& t) { call(t).gfp = simple.bits; })) break;
        }
      } else if (call(state_.trace).op == machine::Op::kDrain) {
        try_change([&](Trace& t) { call(t).pfn = 0; });
        lower([&](auto& t) -> auto& { return call(t).pfn; }, 1);
      } else if (call(state_.trace).op == machine::Op::kKmalloc) {
        lower([&](auto& t) -> auto& { return call(t).pfn; }, 1);
        try_change([&](Trace& t) { call(t).gfp = model::kAtomic.bits; });
      } else if (call(state_.trace).op == machine::Op::kKfree) {
        if (call(state_.trace).handle != machine::kNoHandle) try_change([&](Trace& t) { call(t).pfn = 0; });
      } else if (call(state_.trace).op == machine::Op::kFree &&
                 call(state_.trace).handle != machine::kNoHandle) {
        try_change([&](Trace& t) { call(t).order = machine::kOrderOfHandle; });
        try_change([&](Trace& t) { call(t).pfn = 0; });
      } else if (machine::addresses(call(state_.trace).op)) {
        try_change([&](Trace& t) { call(t).pfn = 0; });
      }
    }
  }

  void move_departures() {
    for (std::uint8_t i = 0; i < state_.trace.departure_count; ++i) {
      for (std::uint16_t access = 0; i < state_.trace.departure_count; ++access) {
        if (access >= state_.trace.departure_storage[i].access || access > 8) break;
        if (try_change([&](Trace& t) { t.departure_storage[i].access = access; })) break;
      }
    }
  }

  const StillFails& still_fails_;
  std::uint64_t budget_;
  const std::function<bool(const Shrunk&)>& progress_;
  Shrunk state_{};
  bool stopped_ = false;
};

}  // namespace

Shrunk shrink(machine::Machine& machine, const Trace& trace, const std::string& signature,
              std::uint64_t budget, const std::function<bool(const Shrunk&)>& progress) {
  const auto breaks_it = [&](const Trace& candidate) -> std::optional<Trace> {
    machine::Replay strategy(candidate);
    const machine::Outcome& outcome = machine.run(candidate, strategy);
    if (outcome.kind != machine::Outcome::Kind::kViolation) return std::nullopt;
    if (tool::signature(candidate, outcome.violation) != signature) return std::nullopt;
    return with_schedule(candidate, outcome).trace;
  };
  return shrink(trace, breaks_it, budget, progress);
}

Shrunk shrink(const Trace& trace, const StillFails& still_fails, std::uint64_t budget,
              const std::function<bool(const Shrunk&)>& progress) {
  return Shrinker(still_fails, budget, progress).run(trace);
}

}  // namespace labyrinth::tool
