// What the strategies that choose each step share: the survey of a program, and the way to the context
// chosen.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"

namespace labyrinth::machine {

namespace {

/// Departures before the stretch in which each step is chosen, about.
constexpr std::uint32_t kBeforeStretch = 16;

[[nodiscard]] constexpr std::uint16_t bit(std::uint8_t context) noexcept {
  return static_cast<std::uint16_t>(1U << context);
}

}  // namespace

std::uint32_t Estimate::find(std::uintptr_t granule) const noexcept {
  auto at = static_cast<std::uint32_t>((granule * 0x9e3779b97f4a7c15U) >> 32) % kSlots;
  while (slots_[at].survey == survey_ && slots_[at].granule != granule) at = (at + 1) % kSlots;
  return at;
}

bool Estimate::is_interesting(const Coming& access) const noexcept {
  if (access.bytes == 0) return false;
  const std::uintptr_t last = (access.address + access.bytes - 1) >> 3;
  for (std::uintptr_t granule = access.address >> 3; granule <= last; ++granule) {
    if (is_interesting(slots_[find(granule)])) return true;
  }
  return false;
}

void Survey::reset() noexcept {
  begun_ = steps_ = locations_seen_ = 0;
  handlers_ = 0;
  ++estimate_.survey_;
}

std::uint32_t Survey::first(std::uint8_t) noexcept {
  ++begun_;
  if (core.now->level != model::Level::kTask)
    handlers_ = static_cast<std::uint16_t>(handlers_ | bit(core.now->index));
  return locations_ ? 1 : kNeverAsk;
}

Choice Survey::choose(const Point& point) noexcept {
  const Choice go_on{{}, point.access + 1};
  const std::uintptr_t begin = point.coming.address >> 3;
  const std::uintptr_t end = ((point.coming.address + point.coming.bytes - 1) >> 3) + 1;
  for (std::uintptr_t granule = begin; granule != end; ++granule) {
    const std::uint32_t at = estimate_.find(granule);
    Estimate::Slot& slot = estimate_.slots_[at];
    if (slot.survey != estimate_.survey_) {
      if (locations_seen_ == Estimate::kSlots / 2) continue;
      ++locations_seen_;
      slot = {granule, estimate_.survey_, 0, false};
    }
    slot.contexts = static_cast<std::uint16_t>(slot.contexts | bit(point.context));
    slot.written = slot.written || point.coming.may_write;
    if (granule == begin && steps_ < kMost) log_[steps_++] = {static_cast<std::uint16_t>(at), point.context};
  }
  return go_on;
}

const Estimate& Survey::finish(const Outcome& outcome) noexcept {
  estimate_.points_ =
      outcome.accesses + begun_ + static_cast<std::uint32_t>(std::popcount(unsigned{handlers_}));
  estimate_.interesting_ = {};
  for (std::uint32_t i = 0; i < steps_; ++i) {
    if (estimate_.is_interesting(estimate_.slots_[log_[i].slot])) ++estimate_.interesting_[log_[i].context];
  }
  return estimate_;
}

Stepwise::Stepwise(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept
    : state_(seed) {
  if (options.migrates) migrate_at_ = 1 + random_below(state_, estimate.points() + 1);
}

void Stepwise::spend_in_one_stretch(const Estimate& estimate) noexcept {
  if (estimate.points() > kMaxDepartures)
    stretch_from_ = random_below(state_, estimate.points() - kMaxDepartures + 1);
}

std::uint32_t Stepwise::points() const noexcept { return core.accesses() + begun_; }

bool Stepwise::has_begun(std::uint8_t context) noexcept {
  return (core.cpus[core.contexts[context].cpu].pending & bit(context)) == 0;
}

std::uint8_t Stepwise::one_of(std::uint16_t contexts) noexcept {
  unsigned left = contexts;
  for (std::uint32_t skip = random_below(state_, static_cast<std::uint32_t>(std::popcount(left))); skip != 0;
       --skip)
    left &= left - 1;
  return static_cast<std::uint8_t>(std::countr_zero(left));
}

/// A task that waits can do nothing but wait again: it is given a turn now and then, as what it waits for may
/// not need the others' end.
std::uint16_t Stepwise::runnable() noexcept {
  const std::uint16_t enabled = core.enabled();
  unsigned busy = enabled;
  for (unsigned left = enabled; left != 0; left &= left - 1) {
    if (core.contexts[static_cast<std::size_t>(std::countr_zero(left))].waits) busy &= ~(left & -left);
  }
  if (busy == enabled) return enabled;
  return busy == 0 || random_below(state_, 8) == 0 ? enabled : static_cast<std::uint16_t>(busy);
}

std::uint32_t Stepwise::first(std::uint8_t) noexcept {
  ++begun_;
  return 0;
}

Choice Stepwise::choose(const Point& point) noexcept {
  if (core.departures_left() == 0 || point.access > kMaxAccess) return {{}, kNeverAsk};
  coming_[point.context] = point.coming;
  if (migrate_at_ != 0 && points() >= migrate_at_ && point.migrate() != 0) {
    migrate_at_ = 0;
    return {{Decision::Kind::kMigrate, one_of(point.migrate())}, point.access};
  }
  if (wanted_ == kNobody) {
    const bool early = points() < stretch_from_;
    if (early && points() < next_switch_) return {{}, point.access + (next_switch_ - points())};
    if (early) next_switch_ = points() + 1 + random_below(state_, stretch_from_ * 2 / kBeforeStretch + 1);
    const std::uint16_t enabled = runnable();
    wanted_ = enabled == 0 ? point.context : early ? one_of(enabled) : decide(enabled, point);
    detours_ = 0;
  }
  // A context that cannot be reached after all is left where it is.
  if (wanted_ != point.context && ++detours_ <= Core::kMaxDetours)
    return {core.towards(wanted_), point.access};
  wanted_ = kNobody;
  on_step(point.context);
  coming_[point.context] = {};
  const std::uint32_t ask_at = point.access + steps_for_sure(point);
  const std::uint32_t older = point.older(false) & kOlderOnes;
  if (older == 0 || random_below(state_, 2) == 0) return {{}, ask_at};
  return {{Decision::Kind::kOlder, one_of(static_cast<std::uint16_t>(older))}, ask_at};
}

}  // namespace labyrinth::machine
