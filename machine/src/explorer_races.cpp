// Races of a run, and the runs that have them the other way round.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

namespace {

/// As a bound: nothing is moved.
[[nodiscard]] Clock after_all() noexcept {
  Clock clock;
  for (std::int16_t& lane : clock.lane) lane = INT16_MAX;
  return clock;
}

}  // namespace

/// Races are conflicts that nothing lies between; each is to be seen the other way round.
void Explorer::find_races() noexcept {
  for (std::size_t i = handlers_ != 0 ? 0 : fresh_; i < depth_; ++i) {
    const Node& node = nodes_[i];
    Clock clock{};
    if (node.ordinal > 1) clock = nodes_[steps_of_[node.context][node.ordinal - 2U]].clock;
    if (node.print.begins_handler) join_handlers_before(i, clock);
    // A handler's steps race with what it interrupts where it begins.
    races_.clear();
    const auto collect = [&](std::size_t step) {
      for (const std::uint32_t other : rivals_of(nodes_[step])) {
        const bool moves = handlers_ != 0 || !sections_.empty();
        if ((moves ? lifted(step, other) : step) == i) races_.push_back(other);
      }
    };
    collect(i);
    if (node.print.begins_handler || (!sections_.empty() && node.print.keeps_out != 0)) {
      const auto& steps = steps_of_[node.context];
      for (std::size_t k = node.ordinal; k < steps.size(); ++k) collect(steps[k]);
      for (const auto& [first, step] : begun_after_) {
        if (first == i && orders_steps_) races_.push_back(step);
      }
      std::sort(races_.begin(), races_.end(), std::greater<>());
    }
    reversed_.clear();
    const Clock past = clock;
    for (const std::uint32_t earlier : races_) {
      const std::size_t last = whole(earlier, i);
      const Node& seen = nodes_[last];
      if (clock.of(seen.context) < static_cast<std::int16_t>(seen.ordinal)) {
        const bool excluded = excludes(seen.context, node.context) && seen.print.cpu == node.print.cpu;
        const Section* const section = section_against(earlier, i);
        reversed_.push_back(section != nullptr ? section->first
                            : excluded         ? steps_of_[seen.context].front()
                                               : earlier);
      }
      clock.join(seen.clock);
    }
    for (const std::uint32_t earlier : reversed_) {
      Clock moved = after_all();
      moved.set(nodes_[earlier].context, static_cast<std::int16_t>(nodes_[earlier].ordinal));
      reverse(earlier, i, past, moved);
    }
  }
}

/// What step `later` needs, besides its context's past, of the steps from `at` on that are not moved: what it
/// conflicts with (also where something moved lies between), what it interrupts, and the end of handlers that
/// keep it from its CPU.
Clock Explorer::needs(std::size_t at, std::size_t later, Clock known, const Clock& moved) const noexcept {
  const Node& last = nodes_[later];
  const std::uint8_t own = last.context;
  Footprint next = last.print;  // A compare-exchange that failed might not, without what is moved.
  next.writes = next.could_write;
  for (std::size_t i = at; i < later; ++i) {
    const Node& step = nodes_[i];
    if (step.context == own || known.of(step.context) >= static_cast<std::int16_t>(step.ordinal) ||
        !step.clock.below(moved)) {
      continue;
    }
    const auto reads_from = [&](const Node& reader) {
      const auto sources = conflicts_of(reader);
      return options_.memory == MemoryModel::kRc11 &&
             std::find(sources.begin(), sources.end(), i) != sources.end();
    };
    bool needed = conflict(step.print, next) || reads_from(last);
    const bool begins = last.print.begins_handler || (last.print.keeps_out & step.print.kind) != 0;
    if (begins && step.print.cpu == last.print.cpu) {
      for (std::size_t k = last.ordinal - 1U; k < steps_of_[own].size(); ++k) {
        const std::uint32_t mine = steps_of_[own][k];
        if (!last.print.begins_handler && lifted(mine, i) != later) continue;
        needed = needed || conflict(step.print, nodes_[mine].print) || reads_from(nodes_[mine]);
      }
    }
    if (needed) known.join(step.clock);
  }
  for (unsigned left = handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    const auto& steps = steps_of_[handler];
    if (steps.front() < at && steps.back() >= at && steps.back() < later && excludes(handler, own) &&
        core.contexts[handler].cpu == last.print.cpu && nodes_[steps.back()].clock.below(moved)) {
      known.join(nodes_[steps.back()].clock);
    }
  }
  for (std::uint8_t context = 0; !sections_.empty() && context < core.context_count(); ++context) {
    const auto& steps = steps_of_[context];
    const auto here = std::lower_bound(steps.begin(), steps.end(), at);
    if (here == steps.end() || *here >= later) continue;
    if (const Section* const section = open_section(*here, later, at, later, moved))
      known.join(nodes_[section->last].clock);
  }
  return known;
}

/// The contexts that a run can begin with, at state `at`, in which step `later` comes with all that it needs
/// and nothing that needs the steps that are to come after it: those whose first such step needs no other.
std::uint16_t Explorer::initials(std::size_t at, std::size_t later, const Clock& before, Clock moved,
                                 bool keeps_handlers) const noexcept {
  std::uint16_t result = 0;
  std::uint16_t seen = 0;
  Clock from;
  std::array<std::uint32_t, kMaxContexts> first_of;
  unsigned open = 0;  // Handlers that have begun, and end within what is not moved.
  for (unsigned left = handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    const auto& steps = steps_of_[handler];
    if (steps.front() < at && steps.back() >= at && steps.back() < later &&
        nodes_[steps.back()].clock.below(moved)) {
      open |= bit(handler);
    }
  }
  for (std::size_t i = at; i <= later; ++i) {
    const Node& step = nodes_[i];
    const Clock& clock = i == later ? before : step.clock;
    if ((seen & bit(step.context)) != 0 || (i != later && !clock.below(moved))) continue;
    // What a handler or a section keeps out whose end is moved cannot be run.
    if (i != later && before.of(step.context) < static_cast<std::int16_t>(step.ordinal) &&
        (handlers_ != 0 || !sections_.empty()) && is_kept_out(i, at, moved)) {
      moved.set(step.context, static_cast<std::int16_t>(step.ordinal));
      continue;
    }
    // So does a section, of those that it keeps out.
    if (i != later && (step.print.keeps_out & nodes_[later].print.kind) != 0 &&
        step.print.cpu == nodes_[later].print.cpu &&
        before.of(step.context) < static_cast<std::int16_t>(step.ordinal)) {
      moved.set(step.context, static_cast<std::int16_t>(step.ordinal));
      continue;
    }
    // A handler that begins keeps others from going on, and its end may need what is moved.
    const std::size_t end = steps_of_[step.context].back();
    const bool ends = keeps_handlers && step.print.cpu != nodes_[later].print.cpu && end < later &&
                      nodes_[end].clock.below(moved);
    if (i != later && step.print.begins_handler && before.of(step.context) == 0 && !ends) {
      moved.set(step.context, 1);
      continue;
    }
    bool needs = false;
    for (unsigned left = seen; left != 0; left &= left - 1) {
      const auto other = static_cast<std::uint8_t>(std::countr_zero(left));
      needs = needs || clock.of(other) >= from.of(other) ||
              ((open & bit(other)) != 0 && excludes(other, step.context) &&
               core.contexts[other].cpu == step.print.cpu) ||
              (!sections_.empty() && open_section(first_of[other], i, at, later, moved) != nullptr);
    }
    seen = static_cast<std::uint16_t>(seen | bit(step.context));
    first_of[step.context] = static_cast<std::uint32_t>(i);
    from.set(step.context, static_cast<std::int16_t>(step.ordinal));
    if (!needs) result = static_cast<std::uint16_t>(result | bit(step.context));
  }
  // What a handler keeps from going on must go first, lest the handler's end needs what is moved.
  for (unsigned left = result & handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    if (from.of(handler) != 1) continue;
    for (unsigned others = (keeps_handlers ? seen : result) & ~bit(handler); others != 0;
         others &= others - 1) {
      const auto other = static_cast<std::uint8_t>(std::countr_zero(others));
      const bool after = (result & bit(other)) == 0 && nodes_[first_of[other]].clock.of(handler) != 0;
      if (!after && excludes(handler, other) && core.contexts[other].cpu == core.contexts[handler].cpu)
        result = static_cast<std::uint16_t>(result & ~bit(handler));
    }
  }
  return result;
}

/// The last state before `at` in which the context could have taken the step that it takes next, or kNoState.
/// What keeps it from it at `at` joins the steps that are to be moved: handlers that have begun and not
/// ended, and whoever took the step after which it could not any more (a mask, a lock).
std::size_t Explorer::step_back(std::size_t at, std::uint8_t context, std::uint8_t cpu,
                                Clock& moved) const noexcept {
  const auto move = [&](const Node& node) {
    moved.set(node.context, std::min(moved.of(node.context), static_cast<std::int16_t>(node.ordinal)));
  };
  for (unsigned left = handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    const auto& steps = steps_of_[handler];
    const bool open = steps.front() < at && steps.back() >= at;
    if (open && excludes(handler, context) && core.contexts[handler].cpu == cpu) move(nodes_[steps.front()]);
  }
  while (at-- != 0) {
    const Node& node = nodes_[at];
    if (node.context == context) return kNoState;
    if ((node.enabled & bit(context)) == 0) continue;
    move(node);
    return at;
  }
  return kNoState;
}

/// Whether something that `later` needs, of what comes before it from state `at` on, may let its context run,
/// which cannot at `at`: only steps of its CPU let a handler begin.
bool Explorer::comes_free(std::size_t at, std::size_t later, const Clock& needed,
                          const Clock& moved) const noexcept {
  const Node& last = nodes_[later];
  for (std::size_t i = at; i < later; ++i) {
    const Node& step = nodes_[i];
    if (step.context == last.context) return true;  // its own past
    if (needed.of(step.context) < static_cast<std::int16_t>(step.ordinal) || !step.clock.below(moved))
      continue;
    if (step.print.cpu == last.print.cpu) return true;
    if (!last.print.begins_handler && conflict(step.print, last.print)) return true;
  }
  return false;
}

/// Those of the contexts with which such a run has been begun, or will be.
std::uint16_t Explorer::covered(const Node& node, std::size_t at, std::size_t later,
                                std::uint16_t possible) const noexcept {
  auto result = static_cast<std::uint16_t>(possible & (node.backtrack | node.sleep));
  for (unsigned left = possible & node.partial & ~result; left != 0; left &= left - 1) {
    const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
    std::size_t next = at;
    while (next < later && nodes_[next].context != context) ++next;
    bool old = next != later;  // What that one reads may be other than here.
    for (std::uint32_t t = 0; old && t < nodes_[next].touches; ++t) {
      const Touch& touch = touches_[nodes_[next].first_touch + t];
      old = !touch.rc11 || !touch.read || !is_new(node, context, touch.message);
    }
    if (old) result = static_cast<std::uint16_t>(result | bit(context));
  }
  return result;
}

/// The runs with `later` first in which handlers of other CPUs come before it that it does not need, and that
/// end before: those that begin with `later` may all be explored, and the ones in which such a handler has to
/// come first not.
void Explorer::reverse_after_handlers(std::size_t at, std::size_t later, const Clock& needed,
                                      const Clock& moved) noexcept {
  Node& node = nodes_[at];
  const auto possible = static_cast<std::uint16_t>(initials(at, later, needed, moved, true) & node.enabled);
  if (possible == 0 || options_.preemptions >= 0 || covered(node, at, later, possible) != 0) return;
  node.backtrack = static_cast<std::uint16_t>(node.backtrack | (possible & (~possible + 1U)));
}

/// Under rc11, where the runs that begin with `later` are asleep: those in which it reads what others write
/// from `at` on begin with those.
void Explorer::reverse_after_sources(std::size_t at, std::size_t later, Clock before,
                                     const Clock& moved) noexcept {
  const Clock known = before;
  for (std::size_t i = at; i < later; ++i) {
    const Node& step = nodes_[i];
    if (step.context == nodes_[later].context || !step.clock.below(moved)) continue;
    if (can_be_read(step.print, nodes_[later].print)) before.join(step.clock);
  }
  if (!before.before(known)) reverse(at, later, before, moved);
}

/// Sees to it that a run is explored in which step `later` comes before step `earlier`. `before`: what
/// its context's past needs. `moved`: per context, the first of its steps that is to come after `later`.
void Explorer::reverse(std::size_t earlier, std::size_t later, const Clock& before, Clock moved) noexcept {
  const std::uint8_t own = nodes_[later].context;
  if (options_.preemptions >= 0) {  // Where it could have come at all, whatever else would do as well.
    std::size_t at = earlier;
    while (at != 0 && (nodes_[at].enabled & bit(own)) == 0 && nodes_[at - 1].context != own) --at;
    if ((nodes_[at].enabled & bit(own)) != 0) reverse_within_bound(at, own);
  }
  for (std::size_t at = earlier; at != kNoState;) {
    Node& node = nodes_[at];
    const Clock needed = needs(at, later, before, moved);
    const std::uint16_t first = initials(at, later, needed, moved, false);
    const auto possible = static_cast<std::uint16_t>(first & node.enabled);
    unsigned kept = first & ~possible;  // of those that `later` needs
    if ((node.enabled & bit(own)) == 0 && !comes_free(at, later, needed, moved)) kept |= bit(own);
    for (unsigned left = kept & ~bit(own); left != 0; left &= left - 1) {
      const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
      std::size_t next = at;
      while (nodes_[next].context != context) ++next;
      if (needed.of(context) < static_cast<std::int16_t>(nodes_[next].ordinal)) kept &= ~bit(context);
    }
    if (possible != 0 && kept == 0) {
      if (options_.preemptions >= 0) return reverse_within_bound(at, own);
      if (handlers_ != 0) reverse_after_handlers(at, later, needed, moved);
      if (covered(node, at, later, possible) != 0) {
        if ((possible & node.backtrack) == 0 && options_.memory == MemoryModel::kRc11)
          reverse_after_sources(at, later, before, moved);
        return;
      }
      const std::uint8_t chosen =
          (possible & bit(own)) != 0 ? own : static_cast<std::uint8_t>(std::countr_zero(possible));
      node.backtrack = static_cast<std::uint16_t>(node.backtrack | bit(chosen));
      return;
    }
    const unsigned waiting = kept != 0 ? kept : first;
    if (waiting == 0) return;
    const std::uint8_t blocked =
        (waiting & bit(own)) != 0 ? own : static_cast<std::uint8_t>(std::countr_zero(waiting));
    std::size_t next = at;
    while (nodes_[next].context != blocked) ++next;
    at = step_back(at, blocked, nodes_[next].print.cpu, moved);
  }
}

/// Where a switch right before the step is one too many, one at the beginning of its context's turn may not
/// be (Coons, Musuvathi, McKinley: OOPSLA 2013). That another initial is explored anyway does not do: its
/// runs may be beyond the bound.
void Explorer::reverse_within_bound(std::size_t at, std::uint8_t own) noexcept {
  const auto add = [&](Node& node) {
    const bool possible = (node.enabled & bit(own)) != 0;
    node.backtrack = static_cast<std::uint16_t>(node.backtrack | (possible ? bit(own) : node.enabled));
  };
  add(nodes_[at]);
  while (at != 0 && nodes_[at - 1].context == nodes_[at].context) --at;
  add(nodes_[at]);
}

}  // namespace labyrinth::machine
