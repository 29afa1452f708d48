// The search: which runs there are, and which step each takes next.
#include "labyrinth/machine/explorer.hpp"

#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"
#include "modification_orders.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] std::uint8_t lowest(std::uint16_t set) noexcept {
  return static_cast<std::uint8_t>(std::countr_zero(set));
}

}  // namespace

Explorer::Explorer(const ExplorerOptions& options) : options_(options) {
  options_.depth = std::min(options_.depth, kMaxExplorerDepth);
  options_.rounds = std::max(options_.rounds, kFewestExplorerRounds);
  places_.resize(4096);
  spins_.resize(kMaxContexts);
  begins_.resize(kMaxContexts);
  begin();
}

Explorer::~Explorer() = default;

void Explorer::begin() noexcept {
  counts_ = {};
  traces_.clear();
  nodes_.clear();
  fixed_ = prefix_ = fresh_ = depth_ = 0;
  wanted_ = stepping_ = kNobody;
  touches_.clear();
  held_back_ = was_held_ = unproven_ = 0;
  redundant_ = cut_ = leaves_loops_ = false;
  place_count_ = 0;
  handlers_ = 0;
  has_masks_ = is_alone_ = saw_handlers_ = false;
  reached_ = 0;
  for (Spin& spin : spins_) spin.forget();
  for (auto& steps : steps_of_) steps.clear();
  ++run_;
}

void Explorer::abandon(bool cut) noexcept {
  (cut ? cut_ : redundant_) = true;
  core.give_up(cut ? "the exploration has reached a limit within the run" : "explored already");
  __builtin_unreachable();  // give_up() has left this fiber for good.
}

/// Whether the step takes the turn of another context that could have gone on.
bool Explorer::is_preemption(std::size_t at, std::uint8_t context) const noexcept {
  if (at == 0) return false;
  const std::uint8_t before = nodes_[at - 1].context;
  return before != context && (nodes_[at].enabled & bit(before)) != 0;
}

void Explorer::open_node(std::uint16_t enabled) noexcept {
  Node& node = nodes_.emplace_back();
  node.enabled = busy(enabled);
  if (depth_ == 0) return;
  const Node& before = nodes_[depth_ - 1];
  node.preemptions =
      static_cast<std::uint16_t>(before.preemptions + (is_preemption(depth_ - 1, before.context) ? 1 : 0));
  node.spurious = static_cast<std::uint16_t>(before.spurious + (is_spurious(before.variant) ? 1 : 0));
  node.migrations = static_cast<std::uint16_t>(before.migrations + (is_migration(before.variant) ? 1 : 0));
  if (!options_.reduces || options_.preemptions >= 0) return;
  const auto asleep = static_cast<std::uint16_t>(before.sleep | before.partial | before.done);
  for (auto left = static_cast<std::uint16_t>(asleep & ~bit(before.context)); left != 0;
       left = static_cast<std::uint16_t>(left & (left - 1U))) {
    const std::uint8_t context = lowest(left);
    const Footprint& print = before.prints[context];
    if (!commute(print, before.print) || may_keep_out(context, print)) continue;
    const bool done = (before.done & bit(context)) != 0;
    const bool was_partial = !done && (before.partial & bit(context)) != 0;
    auto& set = was_partial || can_be_read(before.print, print) ? node.partial : node.sleep;
    set = static_cast<std::uint16_t>(set | bit(context));
    node.since[context] = done ? static_cast<std::uint16_t>(depth_ - 1) : before.since[context];
    node.prints[context] = print;
  }
  wake_some(node);
}

/// Whose access is known, and could read nothing new, sleeps on.
void Explorer::wake_some(Node& node) noexcept {
  for (unsigned left = node.partial & node.enabled; left != 0; left &= left - 1) {
    const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
    const Running& running = core.contexts[context];
    if (running.pending.bytes == 0) continue;
    bool any = false;
    unsigned k = modification_orders.choices(running, false);
    if (running.weak) k |= modification_orders.choices(running, true);
    for (k &= ~ModificationOrders::kMoreThanThat; k != 0 && !any; k &= k - 1)
      any = is_new(node, context,
                   modification_orders.id(running.pending, static_cast<std::uint8_t>(std::countr_zero(k))));
    if (any) continue;
    node.partial = static_cast<std::uint16_t>(node.partial & ~bit(context));
    node.sleep = static_cast<std::uint16_t>(node.sleep | bit(context));
  }
}

/// Whether what the context would read there was not there yet when its step was explored.
bool Explorer::is_new(const Node& node, std::uint8_t context, std::uint32_t message) const noexcept {
  if ((node.partial & bit(context)) == 0) return true;
  return message != 0 && message < writer_.size() && writer_[message] >= node.since[context];
}

/// The context that ran goes on; else those that have begun, then handlers.
std::uint8_t Explorer::pick(const Node& node) const noexcept {
  const auto awake = static_cast<std::uint16_t>(node.enabled & ~node.sleep);
  if (awake == 0) return kNobody;
  if (depth_ != 0 && (awake & bit(nodes_[depth_ - 1].context)) != 0) return nodes_[depth_ - 1].context;
  std::uint16_t begun = awake;
  for (std::uint8_t cpu = 0; cpu < core.cpu_count(); ++cpu)
    begun = static_cast<std::uint16_t>(begun & ~core.cpus[cpu].pending);
  return lowest(begun != 0 ? begun : awake);
}

std::uint8_t Explorer::decide() noexcept {
  if (depth_ == options_.depth || core.departures_left() < Core::kMaxDetours) abandon(true);
  const std::uint16_t enabled = core.enabled();
  if (is_alone_ && depth_ >= prefix_) return decide_alone(enabled);
  if (depth_ < prefix_) {
    // A target whose steps depend on anything but the schedule cannot be explored.
    if ((busy(enabled) & bit(nodes_[depth_].context)) == 0) abandon(true);
    return nodes_[depth_].context;
  }
  open_node(enabled);
  Node& node = nodes_[depth_];
  node.context = pick(node);
  if (node.context == kNobody) {
    nodes_.pop_back();
    abandon(false);
  }
  node.backtrack = options_.reduces ? bit(node.context) : node.enabled;
  return node.context;
}

/// Under rc11: what the step may read, or where it may write, but for what was explored elsewhere.
void Explorer::offer_messages(Node& node, const Point& point) noexcept {
  if (options_.memory != MemoryModel::kRc11 || core.now->pending.bytes == 0) return;
  std::uint32_t offered = 0;
  const auto offer = [&](std::uint32_t set, std::uint8_t none_older, std::uint8_t by) {
    if ((set & ModificationOrders::kMoreThanThat) != 0) cut_ = true;
    for (std::uint32_t left = set & ~ModificationOrders::kMoreThanThat; left != 0; left &= left - 1) {
      const auto k = static_cast<std::uint8_t>(std::countr_zero(left));
      if (is_new(node, point.context, point.message(k))) offered |= 1U << (k == 0 ? none_older : by + k);
    }
  };
  offer(point.older(false), kAsItIs, kOlderBy);
  if (core.now->weak && node.spurious < options_.spurious)
    offer(point.older(true), kSpuriously, kSpuriouslyOlderBy);
  if (offered == 0) abandon(false);
  constexpr std::uint32_t kMigrations = ((1U << kMaxCpus) - 1U) << kMigrateTo;
  node.variants = (node.variants & kMigrations) | offered;
  if (node.variant == kAsItIs) node.variant = static_cast<std::uint8_t>(std::countr_zero(offered));
}

/// What else than the access itself can be made of the step.
void Explorer::offer_variants(Node& node, const Point& point, bool before_step) noexcept {
  offer_messages(node, point);
  if (options_.memory == MemoryModel::kSc && core.now->weak && node.spurious < options_.spurious)
    node.variants |= 1U << kSpuriously;
  if (!before_step || node.migrations >= options_.migrations || core.now->level != model::Level::kTask)
    return;
  for (unsigned left = point.migrate(); left != 0; left &= left - 1)
    node.variants |= 1U << (kMigrateTo + std::countr_zero(left));
}

Choice Explorer::choose(const Point& point) noexcept {
  using Kind = Decision::Kind;
  // Alone, a context has done enough when its call is answered: it begins another, or others run.
  if (is_alone_ && stepping_ == alone_.context && depth_ >= prefix_ &&
      (point.context != alone_.context || point.access == 0) &&
      core.contexts[alone_.context].waits_on == nullptr &&
      core.contexts[alone_.context].sleeps_on.word == nullptr) {
    alone_.finished = true;
    abandon(false);
  }
  const bool goes_on = stepping_ == point.context && from_call_ && point.access != 0 && !accessed_;
  if (!goes_on) {
    if (stepping_ != kNobody) finish_step(stepping_ == point.context && point.access != 0);
    if (wanted_ == kNobody) {
      wanted_ = decide();
      detours_ = 0;
    }
    if (wanted_ != point.context) {
      if (++detours_ > Core::kMaxDetours) abandon(true);
      return {core.towards(wanted_), point.access};
    }
    stepping_ = wanted_;
    wanted_ = kNobody;
    from_call_ = point.access == 0;
    accessed_ = false;
    writes_before_ = core.writes;
    nodes_[depth_].begins_call = from_call_;
    nodes_[depth_].first_touch = static_cast<std::uint32_t>(touches_.size());
    nodes_[depth_].print = {};
    nodes_[depth_].print.cpu = core.now->cpu;
  } else {
    from_call_ = false;
  }
  Node& node = nodes_[depth_];
  if (depth_ >= fresh_ && !core.now->spurious && core.now->older == 0) offer_variants(node, point, !goes_on);
  if (is_migration(node.variant)) {
    node.print.everything = true;
    from_call_ = false;
    return {{Kind::kMigrate, static_cast<std::uint8_t>(node.variant - kMigrateTo)}, point.access};
  }
  // Asked once more at this access: the step is under way, and its access is still to come.
  if (is_spurious(node.variant) && core.now->weak && !core.now->spurious) {
    from_call_ = true;
    return {{Kind::kSpurious, 0}, point.access};
  }
  const std::uint8_t older = older_of(node.variant);
  if (older != 0 && point.access != 0 && core.now->older == 0) {
    from_call_ = true;
    return {{Kind::kOlder, older}, point.access};
  }
  return {{}, point.access + 1};
}

bool Explorer::end_run(const Outcome& outcome) noexcept {
  if (stepping_ != kNobody) finish_step(false);
  stepping_ = wanted_ = kNobody;
  counts_.steps += depth_;
  counts_.deepest = std::max(counts_.deepest, static_cast<std::uint32_t>(depth_));
  if (!nodes_.empty()) counts_.preemptions = std::max(counts_.preemptions, nodes_.back().preemptions);
  find_conflicts();
  if (options_.reduces) {
    find_order();
    find_races();
  }
  reached_ = depth_;
  saw_handlers_ = saw_handlers_ || handlers_ != 0;
  alone_from_ = fresh_;
  alone_left_ = depth_ > fresh_ ? nodes_[fresh_].enabled : 0;
  if (leaves_loops_) ++counts_.loops;
  const bool redundant = redundant_;
  if (redundant && !cut_) {
    ++counts_.redundant;
  } else if (cut_ || outcome.kind == Outcome::Kind::kInconclusive) {
    ++counts_.cut;
  } else {
    ++counts_.executions;
    if (options_.counts_traces) traces_.insert(trace_hash());
  }
  return !redundant;
}

void Explorer::begin_run() noexcept {
  redundant_ = cut_ = leaves_loops_ = false;
  stepping_ = wanted_ = kNobody;
  depth_ = 0;
  touches_.clear();
  place_count_ = 0;
  held_back_ = was_held_ = unproven_ = 0;
  handlers_ = 0;
  has_masks_ = false;
  writer_.clear();
  for (auto& steps : steps_of_) steps.clear();
  for (Spin& spin : spins_) spin.forget();
  ++run_;
}

/// What the step of the node's context does in any of the variants that were taken.
Footprint Explorer::print_so_far(const Node& node) noexcept {
  if (node.variant == std::countr_zero(node.variants)) return node.print;
  Footprint print = node.prints[node.context];
  print.join(node.print);
  return print;
}

bool Explorer::next_run() noexcept {
  nodes_.resize(std::min(nodes_.size(), reached_));
  begin_run();
  while (nodes_.size() > fixed_) {
    Node& node = nodes_.back();
    node.prints[node.context] = print_so_far(node);
    prefix_ = nodes_.size();
    fresh_ = prefix_ - 1;
    const std::uint32_t variants = node.variants & ~((2U << node.variant) - 1);
    if (variants != 0) {
      node.variant = static_cast<std::uint8_t>(std::countr_zero(variants));
      return true;
    }
    node.done = static_cast<std::uint16_t>(node.done | bit(node.context));
    auto left = static_cast<std::uint16_t>(node.backtrack & ~(node.done | node.sleep));
    while (left != 0 && options_.preemptions >= 0 &&
           node.preemptions + (is_preemption(prefix_ - 1, lowest(left)) ? 1 : 0) > options_.preemptions) {
      ++counts_.pruned;
      node.done = static_cast<std::uint16_t>(node.done | bit(lowest(left)));
      left = static_cast<std::uint16_t>(left & (left - 1U));
    }
    if (left != 0) {
      node.context = lowest(left);
      node.variant = kAsItIs;
      node.variants = 1;
      return true;
    }
    nodes_.pop_back();
  }
  return false;
}

double Explorer::share_done() const noexcept {
  double share = 0;
  double weight = 1;
  for (std::size_t i = fixed_; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const auto all = static_cast<double>(std::popcount(static_cast<unsigned>(node.backtrack | node.done)));
    share += weight * std::popcount(static_cast<unsigned>(node.done)) / all;
    weight /= all;
  }
  return share;
}

}  // namespace labyrinth::machine
