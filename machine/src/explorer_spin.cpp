// Contexts that read the same again and again: which of them are held back until others write, and which
// might yet leave their loop by themselves. docs/exploring.md has the argument.
#include <algorithm>
#include <bit>
#include <utility>

#include "core.hpp"
#include "explorer_state.hpp"
#include "local_state.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t sum, std::uint64_t word) noexcept {
  std::uint64_t z = (sum ^ word) * 0x9e3779b97f4a7c15U;
  return z ^ (z >> 32);
}

/// All that decides what the context does next, but for what it reads next; 0: not known.
[[nodiscard]] std::uint64_t state_of(const Running& context, std::uint64_t written) noexcept {
  const std::uint64_t local = local_state();
  if (local == 0) return 0;
  const Cpu& cpu = core.cpus[context.cpu];
  const std::uint64_t masks = cpu.irq_off | std::uint64_t{cpu.bh_off} << 8 |
                              std::uint64_t{cpu.preempt_off} << 16 | std::uint64_t{context.cpu} << 24;
  const std::uint64_t sum = mix(mix(local, masks), written);
  return sum != 0 ? sum : 1;
}

/// In a loop of the machine's own that looks at a lock's word until it is free, and has no other state.
[[nodiscard]] bool waits_for_lock(const Running& context) noexcept {
  return context.waits_on != nullptr || context.sleeps_on.word != nullptr;
}

}  // namespace

/// Contexts that spin, or wait for others, run again when nothing else can; then they see what is last.
std::uint16_t Explorer::busy(std::uint16_t enabled) noexcept {
  const auto free = static_cast<std::uint16_t>(enabled & ~held_back_ & ~core.idle_tasks());
  if (free != 0) {
    leaves_loops_ = leaves_loops_ || (enabled & held_back_ & unproven_) != 0;
    return free;
  }
  for (unsigned left = held_back_; left != 0; left &= left - 1)
    core.contexts[static_cast<std::size_t>(std::countr_zero(left))].up_to_date = true;
  held_back_ = 0;
  for (Spin& spin : spins_) spin.forget();
  return enabled;
}

/// Who has yet to see what was written there does not spin, held back or not.
void Explorer::wake_spinning(std::uintptr_t granule) noexcept {
  for (std::uint8_t context = 0; context < core.context_count(); ++context) {
    Spin& spin = spins_[context];
    const std::uint32_t known = std::min(spin.reads, std::uint32_t{Spin::kLongest});
    for (std::uint32_t back = 1; back <= known; ++back) {
      Spin::Read& read = spin.back(back);
      if (read.granule != granule) continue;
      read.granule = Spin::kStale;
      if (back <= spin.round) held_back_ = static_cast<std::uint16_t>(held_back_ & ~bit(context));
    }
  }
}

/// Reads in rounds that see the same again and again, and write nothing, are the reads of a loop that waits.
/// `goes_on`: the context is at its next access.
void Explorer::note_spin(const Node& node, bool goes_on) noexcept {
  for (std::uint32_t i = 0; i < node.touches; ++i) {
    const Touch& touch = touches_[node.first_touch + i];
    if (touch.write) wake_spinning(touch.granule);
  }
  Spin& spin = spins_[node.context];
  Running& me = core.contexts[node.context];
  const bool reads_one = node.touches == 1 && !touches_[node.first_touch].write;
  if (!reads_one || node.begins_call) spin.forget();
  if (!reads_one) {
    me.up_to_date = false;  // It has got beyond what it waited for.
    return;
  }
  if (me.bound != 0) return spin.forget();  // What it declares of its steps ends it, or is broken (N3).
  const Touch& touch = touches_[node.first_touch];
  spin.add({touch.granule, touch.value, touch.message}, core.writes - writes_before_);
  if ((goes_on || waits_for_lock(me)) && repeats(spin, me)) {
    held_back_ = static_cast<std::uint16_t>(held_back_ | bit(node.context));
    was_held_ = static_cast<std::uint16_t>(was_held_ | bit(node.context));
    ++counts_.spins;
  }
}

/// The step after which a context goes on that was held back comes after it, as if it had read all that the
/// context waited for.
void Explorer::touch_awaited(const Node& node) {
  if ((was_held_ & bit(node.context)) == 0) return;
  was_held_ = static_cast<std::uint16_t>(was_held_ & ~bit(node.context));
  Spin& spin = spins_[node.context];
  for (const std::uintptr_t granule : std::span(spin.awaited).first(spin.round)) {
    touches_.push_back(
        {.granule = granule, .value = 0, .write = false, .could_write = false, .awaited = true});
  }
}

/// Whether the context does nothing but what it has done for some rounds, until somebody writes: proven if
/// it is as it was a round ago, and else supposed after as many rounds as it is to be followed.
bool Explorer::repeats(Spin& spin, const Running& me) noexcept {
  std::uint64_t now = 0;
  for (std::uint8_t round = 1; round <= Spin::kLongest; ++round) {
    const std::uint32_t rounds = spin.same[round - 1U] / round + 1;
    if (spin.same[round - 1U] % round != 0 || rounds + 1 < Spin::kRounds || spin.is_stale(round)) continue;
    bool same = waits_for_lock(me);
    if (!same) {
      if (now == 0) now = state_of(me, spin.written);
      same = now != 0 && now == std::exchange(spin.state[round - 1U], now);
    }
    const bool proven = rounds >= Spin::kRounds && same;
    if (!proven && rounds < options_.rounds) continue;
    spin.round = round;
    for (std::uint8_t back = 1; back <= round; ++back) spin.awaited[back - 1U] = spin.back(back).granule;
    const unsigned others = unproven_ & ~unsigned{bit(me.index)};
    unproven_ = static_cast<std::uint16_t>(proven ? others : others | bit(me.index));
    return true;
  }
  return false;
}

}  // namespace labyrinth::machine
