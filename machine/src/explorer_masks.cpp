// Sections: what masks keep others out of. A section is to those what a handler is to the code that it
// interrupts: none of its steps comes between theirs. docs/exploring.md has the argument.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] std::uint8_t kind_of(model::Level level) noexcept {
  switch (level) {
    case model::Level::kTask:
      return kTasks;
    case model::Level::kSoftirq:
      return kSoftirqs;
    case model::Level::kHardirq:
      return kHardirqs;
    case model::Level::kNmi:
      break;
  }
  return 0;
}

}  // namespace

/// Whom the step leaves held back on its CPU, and as what it may be held back itself.
void Explorer::note_masks(Node& node) noexcept {
  const Cpu& cpu = core.cpus[node.print.cpu];
  const bool irq = cpu.irq_off != 0;
  const bool any = irq || cpu.bh_off != 0 || cpu.preempt_off != 0;
  const unsigned keeps_out =
      (any ? kTasks : 0U) | (irq ? kHardirqs : 0U) | (irq || cpu.bh_off != 0 ? kSoftirqs : 0U);
  const model::Level level = core.contexts[node.context].level;
  node.print.keeps_out = static_cast<std::uint8_t>(core.contexts[node.context].finished ? 0 : keeps_out);
  node.print.kind =
      level == model::Level::kTask || node.print.begins_handler ? kind_of(level) : std::uint8_t{0};
}

/// Whether the step masks what is yet to come on its CPU.
bool Explorer::may_keep_out(std::uint8_t context, const Footprint& print) noexcept {
  for (std::uint8_t other = 0; print.keeps_out != 0 && other < core.context_count(); ++other) {
    const Running& it = core.contexts[other];
    if (other != context && !it.finished && it.cpu == print.cpu && (kind_of(it.level) & print.keeps_out) != 0)
      return true;
  }
  return false;
}

/// Of each context, from the step that masks to the one that unmasks.
void Explorer::find_sections() {
  sections_.clear();
  if (!has_masks_) return;
  sections_.resize(depth_ * kKinds);
  sections_begin_.assign(depth_, Clock{});
  for (const auto& steps : steps_of_) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      std::size_t first = 0;
      for (std::size_t n = 0; n < steps.size(); ++n) {
        const bool ends = (nodes_[steps[n]].print.keeps_out >> kind & 1U) == 0 || n + 1 == steps.size();
        if (!ends) continue;
        for (std::size_t k = first; k <= n; ++k)
          sections_[steps[k] * kKinds + kind] = {steps[first], steps[n]};
        first = n + 1;
      }
    }
  }
}

/// The section of the step that keeps the context of the other out, if there is one.
const Explorer::Section* Explorer::section_against(std::size_t step, std::size_t other) const noexcept {
  if (sections_.empty()) return nullptr;
  const Node& in = nodes_[step];
  const Node& out = nodes_[other];
  if (in.context == out.context || in.print.cpu != out.print.cpu) return nullptr;
  const model::Level level = core.contexts[out.context].level;
  const std::uint8_t kind = kind_of(level);
  const model::Level own = core.contexts[in.context].level;
  if (kind == 0 || (kind == kTasks ? own != level : own >= level)) return nullptr;
  const Section& section = sections_[step * kKinds + static_cast<std::size_t>(std::countr_zero(kind))];
  return section.first != section.last ? &section : nullptr;
}

/// The same, if it has begun at state `at`, and ends before `later` and within what is not moved.
const Explorer::Section* Explorer::open_section(std::size_t step, std::size_t other, std::size_t at,
                                                std::size_t later, const Clock& moved) const noexcept {
  const Section* const section = section_against(step, other);
  const bool open = section != nullptr && section->first < at && section->last >= at &&
                    section->last < later && nodes_[section->last].clock.below(moved);
  return open ? section : nullptr;
}

/// Whether the step is kept out by a section or a handler that has begun at state `at`, and whose end is
/// moved.
bool Explorer::is_kept_out(std::size_t step, std::size_t at, const Clock& moved) const noexcept {
  const Node& out = nodes_[step];
  for (unsigned left = handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    const auto& steps = steps_of_[handler];
    const bool open = steps.front() < at && steps.back() >= at;
    if (open && excludes(handler, out.context) && core.contexts[handler].cpu == out.print.cpu &&
        !nodes_[steps.back()].clock.below(moved)) {
      return true;
    }
  }
  for (std::uint8_t context = 0; !sections_.empty() && context < core.context_count(); ++context) {
    const auto& steps = steps_of_[context];
    const auto here = std::lower_bound(steps.begin(), steps.end(), at);
    if (here == steps.end()) continue;
    const Section* const section = section_against(*here, step);
    if (section != nullptr && section->first < at && !nodes_[section->last].clock.below(moved)) return true;
  }
  return false;
}

/// Who is after a step of a section that keeps it out is after all of it.
void Explorer::join_whole_sections(std::size_t step, Clock& clock) const noexcept {
  for (std::uint8_t context = 0; context < core.context_count(); ++context) {
    const std::int16_t seen = clock.of(context);
    if (seen == 0 || context == nodes_[step].context) continue;
    const std::size_t last = steps_of_[context][static_cast<std::size_t>(seen) - 1];
    if (const Section* const section = section_against(last, step);
        section != nullptr && section->last < step)
      clock.join(nodes_[section->last].clock);
  }
}

/// Whether a section turns out to begin after more than was known: what one of its steps is after and what it
/// keeps out, it begins after.
bool Explorer::move_sections() noexcept {
  bool moved = false;
  for (std::size_t i = 0; i < depth_; ++i) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Section& section = sections_[i * kKinds + kind];
      if (section.first != i || section.last == i) continue;
      const Clock& known = nodes_[section.last].clock;
      for (std::uint8_t other = 0; other < core.context_count(); ++other) {
        auto count = static_cast<std::size_t>(known.of(other));
        while (count != 0 && steps_of_[other][count - 1] > i) --count;
        if (count == 0 || nodes_[i].clock.of(other) >= static_cast<std::int16_t>(count)) continue;
        const std::uint32_t step = steps_of_[other][count - 1];
        if (section_against(i, step) != &section) continue;
        sections_begin_[i].join(nodes_[step].clock);
        begun_after_.push_back({static_cast<std::uint32_t>(i), step});
        moved = true;
      }
    }
  }
  return moved;
}

/// Where the step would have to come earlier, to come before the other one, which is before it: where its
/// handler begins, or its section.
std::size_t Explorer::lifted(std::size_t step, std::size_t other) const noexcept {
  const Node& node = nodes_[step];
  const bool interrupted = core.contexts[node.context].level != model::Level::kTask &&
                           nodes_[other].print.cpu == node.print.cpu &&
                           other < steps_of_[node.context].front();
  if (interrupted) return steps_of_[node.context].front();
  const Section* const section = section_against(step, other);
  return section != nullptr && other < section->first ? section->first : step;
}

}  // namespace labyrinth::machine
