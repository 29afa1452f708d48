// Happens-before among the steps of a run: conflicts, and what handlers keep from going on.
#include <algorithm>
#include <bit>
#include <functional>

#include "core.hpp"
#include "explorer_state.hpp"
#include "modification_orders.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t z = (a ^ (b * 0x9e3779b97f4a7c15U)) + 0x632be59bd9b4e019U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// What a step is in every run of a class. How many messages stand behind what it reads depends on the run.
[[nodiscard]] constexpr std::uint64_t identity_of(std::uint8_t context, std::uint16_t ordinal,
                                                  std::uint8_t variant) noexcept {
  return mix(mix(context, ordinal), is_spurious(variant) ? kSpuriously : is_migration(variant) ? variant : 0);
}

}  // namespace

Explorer::Place& Explorer::place(std::uintptr_t granule) noexcept {
  const std::size_t slots = places_.size();
  auto at = static_cast<std::size_t>((granule * 0x9e3779b97f4a7c15U) >> 40) % slots;
  while (places_[at].run == run_ && places_[at].granule != granule) at = (at + 1) % slots;
  Place& found = places_[at];
  if (found.run != run_) {
    if (place_count_ == slots / 2) {  // What is beyond is not told apart: the run counts as cut off.
      cut_ = true;
      found.last_write = found.first_read = Place::kNoStep;
      found.readers = 0;
      return found;
    }
    ++place_count_;
    found.granule = granule;
    found.run = run_;
    found.last_write = found.first_read = Place::kNoStep;
    found.readers = 0;
    found.write_hash = found.reads_hash = 0;
  }
  return found;
}

/// What each step conflicts with directly: the last write of each place it touches, and of what it writes the
/// reads since then.
void Explorer::find_conflicts() noexcept {
  orders_steps_ = false;
  conflicts_.clear();
  rivals_.clear();
  reads_.clear();
  for (std::size_t i = 0; i < depth_; ++i) {
    Node& node = nodes_[i];
    const auto self = static_cast<std::uint32_t>(i);
    node.first_conflict = static_cast<std::uint32_t>(conflicts_.size());
    const std::uint64_t identity = identity_of(node.context, node.ordinal, node.variant);
    std::uint64_t hash = identity;
    const auto add = [&](std::uint32_t step) {
      if (step == self || nodes_[step].context == node.context) return;
      if (std::find(conflicts_.begin() + node.first_conflict, conflicts_.end(), step) == conflicts_.end())
        conflicts_.push_back(step);
    };
    for (std::uint32_t t = 0; t < node.touches; ++t) {
      const Touch touch = touches_[node.first_touch + t];
      if (touch.rc11) continue;
      Place& at = place(touch.granule);
      if (at.last_write != Place::kNoStep) add(at.last_write);
      const bool counts = !touch.awaited;
      if (counts) hash = mix(hash, mix(touch.granule, at.write_hash));
      if (touch.write) {
        for (unsigned left = at.readers; left != 0; left &= left - 1)
          add(at.last_read[static_cast<std::size_t>(std::countr_zero(left))]);
        if (counts) hash = mix(hash, at.reads_hash + 1);
        at.last_write = self;
        at.readers = 0;
        at.write_hash = identity;
        at.reads_hash = 0;
      } else {
        at.readers = static_cast<std::uint16_t>(at.readers | bit(node.context));
        at.last_read[node.context] = self;
        if (!touch.awaited) at.reads_hash += identity;
      }
    }
    node.hash = hash;
    node.conflicts = static_cast<std::uint32_t>(conflicts_.size()) - node.first_conflict;
    orders_steps_ = orders_steps_ || node.conflicts != 0;
    if (options_.memory == MemoryModel::kRc11) find_sources(node);
    std::sort(conflicts_.begin() + node.first_conflict, conflicts_.end(), std::greater<>());
  }
}

/// Under rc11: the step comes after those it reads from, and races with reads that could have read from it.
void Explorer::find_sources(Node& node) noexcept {
  const auto self = static_cast<std::uint32_t>(&node - nodes_.data());
  node.first_rival = static_cast<std::uint32_t>(rivals_.size());
  rivals_.insert(rivals_.end(), conflicts_.begin() + node.first_conflict, conflicts_.end());
  const auto add = [&](std::vector<std::uint32_t>& list, std::uint32_t first, std::uint32_t step) {
    if (step == self || nodes_[step].context == node.context) return;
    if (std::find(list.begin() + first, list.end(), step) == list.end()) list.push_back(step);
  };
  for (std::uint32_t t = 0; t < node.touches; ++t) {
    const Touch touch = touches_[node.first_touch + t];
    if (!touch.rc11) continue;
    Place& at = place(touch.granule);
    if (touch.could_write) {
      for (std::uint32_t read = at.first_read; read != Place::kNoStep; read = reads_[read].next) {
        const ReadOf& other = reads_[read];
        // One that failed could write only if it got what the other took, and that is what it expects. With
        // seq_cst more may have kept it from reading what it expects.
        if (touch.write || (other.took && other.value == touch.expected) || modification_orders.uses_sc())
          add(rivals_, node.first_rival, other.step);
      }
    }
    if (!touch.read) continue;
    reads_.push_back({self, at.first_read, touch.write, touch.value});
    at.first_read = static_cast<std::uint32_t>(reads_.size() - 1);
    const std::uint32_t source = touch.message < writer_.size() ? writer_[touch.message] : Place::kNoStep;
    std::uint64_t from = 0;
    if (source != Place::kNoStep) {
      add(conflicts_, node.first_conflict, source);
      from = identity_of(nodes_[source].context, nodes_[source].ordinal, nodes_[source].variant);
    }
    node.hash = mix(node.hash, mix(touch.granule, from));
  }
  node.conflicts = static_cast<std::uint32_t>(conflicts_.size()) - node.first_conflict;
  node.rivals = static_cast<std::uint32_t>(rivals_.size()) - node.first_rival;
  std::sort(rivals_.begin() + node.first_rival, rivals_.end(), std::greater<>());
}

std::span<const std::uint32_t> Explorer::conflicts_of(const Node& node) const noexcept {
  return std::span(conflicts_).subspan(node.first_conflict, node.conflicts);
}

std::span<const std::uint32_t> Explorer::rivals_of(const Node& node) const noexcept {
  if (options_.memory == MemoryModel::kSc) return conflicts_of(node);
  return std::span(rivals_).subspan(node.first_rival, node.rivals);
}

/// The step after which alone a context can be that has seen something of the handler `step` belongs to: the
/// handler's last, if it excludes the context and has ended. The same of what masks keep out of a section.
std::size_t Explorer::whole(std::size_t step, std::size_t seen_by) const noexcept {
  const Node& node = nodes_[step];
  const Node& by = nodes_[seen_by];
  if (const Section* const section = sections_.empty() ? nullptr : section_against(step, seen_by))
    return section->last < seen_by ? section->last : step;
  if (!excludes(node.context, by.context) || node.print.cpu != by.print.cpu) return step;
  const std::uint32_t last = steps_of_[node.context].back();
  return last < seen_by ? last : step;
}

/// Whether the handler, while it runs, keeps the context from taking steps on the same CPU.
bool Explorer::excludes(std::uint8_t handler, std::uint8_t context) const noexcept {
  const model::Level level = core.contexts[handler].level;
  return level != model::Level::kTask && handler != context && core.contexts[context].level <= level;
}

/// Happens-before among steps, as vector clocks that count each context's steps: program order, conflicts,
/// and what excludes what: a handler is after everything of the code it interrupts that one of its steps is
/// after, and that code is after the whole of a handler that it is after a step of. What a handler does late
/// so bears on when it begins; hence the rounds.
void Explorer::find_order() noexcept {
  const bool has_handlers = handlers_ != 0;
  begun_after_.clear();
  find_sections();
  for (unsigned left = handlers_; left != 0; left &= left - 1)
    begins_[static_cast<std::size_t>(std::countr_zero(left))] = Clock{};
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < depth_; ++i) {
      Node& node = nodes_[i];
      Clock clock{};
      if (node.ordinal > 1) {
        clock = nodes_[steps_of_[node.context][node.ordinal - 2U]].clock;
      } else if (node.print.begins_handler) {
        clock = begins_[node.context];
        join_handlers_before(i, clock);
      }
      if (!sections_.empty()) clock.join(sections_begin_[i]);
      for (const std::uint32_t other : conflicts_of(node)) clock.join(nodes_[whole(other, i)].clock);
      if (!sections_.empty()) join_whole_sections(i, clock);
      if (has_handlers) join_whole_handlers(i, clock);
      clock.set(node.context, static_cast<std::int16_t>(node.ordinal));
      node.clock = clock;
    }
    for (unsigned left = handlers_; left != 0; left &= left - 1)
      again = move_beginning(static_cast<std::uint8_t>(std::countr_zero(left))) || again;
    if (!sections_.empty()) again = move_sections() || again;
  }
}

/// Handlers of one level and one CPU are delivered in program order.
void Explorer::join_handlers_before(std::size_t step, Clock& clock) const noexcept {
  const std::uint8_t handler = nodes_[step].context;
  const Running& self = core.contexts[handler];
  for (unsigned left = handlers_ & (bit(handler) - 1U); left != 0; left &= left - 1) {
    const auto other = static_cast<std::uint8_t>(std::countr_zero(left));
    if (core.contexts[other].level != self.level || core.contexts[other].cpu != self.cpu) continue;
    if (!steps_of_[other].empty() && steps_of_[other].back() < step)
      clock.join(nodes_[steps_of_[other].back()].clock);
  }
}

void Explorer::join_whole_handlers(std::size_t step, Clock& clock) const noexcept {
  for (unsigned left = handlers_; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    if (clock.of(handler) == 0 || handler == nodes_[step].context) continue;
    clock.join(nodes_[whole(steps_of_[handler].front(), step)].clock);
  }
}

/// Whether the handler turns out to begin after more than was known.
bool Explorer::move_beginning(std::uint8_t handler) noexcept {
  if (steps_of_[handler].empty()) return false;
  const Node& first = nodes_[steps_of_[handler].front()];
  const Clock& known = nodes_[steps_of_[handler].back()].clock;
  bool moved = false;
  for (std::uint8_t other = 0; other < kMaxContexts; ++other) {
    if (other == handler || known.of(other) <= first.clock.of(other)) continue;
    std::size_t count = static_cast<std::size_t>(known.of(other));
    while (count != 0 && steps_of_[other][count - 1] > steps_of_[handler].front()) --count;
    if (count == 0) continue;
    const Node& step = nodes_[steps_of_[other][count - 1]];
    if (step.print.cpu != first.print.cpu || first.clock.of(other) >= static_cast<std::int16_t>(count))
      continue;
    begins_[handler].join(step.clock);
    begun_after_.push_back({steps_of_[handler].front(), steps_of_[other][count - 1]});
    moved = true;
  }
  return moved;
}

std::uint64_t Explorer::trace_hash() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < depth_; ++i) sum += nodes_[i].hash;
  if (options_.memory == MemoryModel::kSc) return sum;
  const auto step = [&](std::uint32_t message) {
    const std::uint32_t writer = message < writer_.size() ? writer_[message] : Place::kNoStep;
    if (writer == Place::kNoStep || writer >= depth_) return std::uint64_t{0};
    return identity_of(nodes_[writer].context, nodes_[writer].ordinal, nodes_[writer].variant);
  };
  modification_orders.each_neighbours([&](std::uintptr_t address, std::uint32_t before, std::uint32_t after) {
    sum += mix(address, mix(step(before), step(after)));
  });
  return sum;
}

}  // namespace labyrinth::machine
