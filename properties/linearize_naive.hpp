// The meaning of linearizability, by enumeration: no memo, no greed, no thresholds. What linearize.hpp
// answers is compared with this.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "labyrinth/machine/history.hpp"

namespace labyrinth::machine::testing {

/// Tries every order of the operations on the owners, each operation at one instant.
class NaiveOwners {
 public:
  explicit NaiveOwners(const History& history) : history_(history) {}
  [[nodiscard]] bool explains() { return go(0); }

 private:
  [[nodiscard]] bool go(OperationSet done) {
    const auto operations = history_.operations();
    bool all = true;
    for (std::size_t i = 0; i < operations.size(); ++i)
      all = all && (!operations[i].answered || (done >> i & 1U) != 0);
    if (all) return true;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const Operation& operation = operations[i];
      if ((done >> i & 1U) != 0 || (operation.before & ~done) != 0) continue;
      const auto before = owner_;
      if (act(operation) && go(done | OperationSet{1} << i)) return true;
      owner_ = before;
    }
    return false;
  }

  /// By frame: the block it is part of.
  [[nodiscard]] bool act(const Operation& operation) {
    const model::Status status = operation.answer.status;
    if (operation.is_free) {
      bool live = operation.order_exists;
      for (std::uint64_t i = 0; live && i < size(operation.block); ++i) {
        const auto at = owner_.find(operation.block.pfn.value + i);
        live = at != owner_.end() && at->second == operation.block;
      }
      if (!operation.answered && !live) return false;
      if (operation.answered && status != (live ? model::Status::kOk : model::Status::kBadArgument))
        return false;
      for (std::uint64_t i = 0; live && i < size(operation.block); ++i)
        owner_.erase(operation.block.pfn.value + i);
      return true;
    }
    if (!operation.answered) return false;
    if (status != model::Status::kOk) return true;
    for (const model::Block& block : history_.given(operation)) {
      for (std::uint64_t i = 0; i < size(block); ++i) {
        if (!owner_.emplace(block.pfn.value + i, block).second) return false;
      }
    }
    return true;
  }
  [[nodiscard]] static std::uint64_t size(const model::Block& block) {
    return static_cast<std::uint64_t>(block.order.frames().count);
  }

  const History& history_;
  std::map<std::uint64_t, model::Block> owner_;
};

/// Tries every order of three events of each operation on the counts: it begins, it takes its place, it ends.
/// The evidence is taken as the relation defines it, as extremes over the instants in between. For histories
/// in which nothing can be fragmented.
class NaiveCounts {
 public:
  explicit NaiveCounts(const History& history) : history_(history), at_(history.operations().size()) {
    for (std::uint8_t p = 0; p < history.memory().pool_count; ++p)
      free_.push_back(history.memory().pools[p].span.frames);
  }
  [[nodiscard]] bool explains() { return go(); }

 private:
  enum class Stage : std::uint8_t { kNotBegun, kBegun, kPlaced, kEnded };
  struct Progress {
    Stage stage = Stage::kNotBegun;
    model::Evidence seen{};
  };

  [[nodiscard]] const Operation& operation(std::size_t i) const { return history_.operations()[i]; }
  [[nodiscard]] bool in_progress(std::size_t i) const {
    return at_[i].stage == Stage::kBegun || at_[i].stage == Stage::kPlaced;
  }
  [[nodiscard]] model::Frames need(std::size_t i) const {
    const Operation& asked = operation(i);
    return model::sensible(history_.memory(), asked.request, asked.open) ? asked.request.need()
                                                                         : model::Frames{};
  }

  [[nodiscard]] bool go() {
    bool all = true;
    for (std::size_t i = 0; i < at_.size(); ++i)
      all = all && (!operation(i).answered || at_[i].stage == Stage::kEnded);
    if (all) return true;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      if (at_[i].stage == Stage::kEnded) continue;
      const auto kept = at_;
      const auto counts = free_;
      if (advance(i)) {
        look();
        if (go()) return true;
      }
      at_ = kept;
      free_ = counts;
    }
    return false;
  }

  [[nodiscard]] bool advance(std::size_t i) {
    const Operation& it = operation(i);
    Progress& me = at_[i];
    if (me.stage == Stage::kNotBegun) {
      for (std::size_t k = 0; k < at_.size(); ++k) {
        if ((it.before >> k & 1U) != 0 && at_[k].stage != Stage::kEnded) return false;
      }
      me.stage = Stage::kBegun;
      me.seen.open = it.open;
      for (model::PoolEvidence& pool : me.seen.pools) {
        pool.least_unheld = {std::numeric_limits<std::int32_t>::max()};
        pool.most_available = {std::numeric_limits<std::int32_t>::min()};
      }
      return true;
    }
    const bool carried_out = !it.answered ? it.is_free : it.answer.status == model::Status::kOk;
    if (me.stage == Stage::kPlaced) {
      me.stage = Stage::kEnded;
      return it.answered;
    }
    if (it.is_free && carried_out && !is_taken(it.block)) return false;
    me.stage = Stage::kPlaced;
    if (it.is_free) {
      const auto pool = history_.memory().pool_of(it.block.pfn, it.block.order);
      if (carried_out && pool) free_[*pool] += it.block.order.frames();
      return true;
    }
    if (!it.answered) return false;  // It holds what it asked for, and that is all it does.
    me.seen.conflict = it.conflict;
    model::Evidence seen = me.seen;
    if (carried_out) {
      for (std::uint8_t p = 0; p < free_.size(); ++p) seen.pools[p].most_available = free_[p];
    }
    if (model::judge_allocation(history_.memory(), it.request, it.answer, seen) != model::Clause::kNone)
      return false;
    if (!carried_out) return true;
    for (const model::Block& block : history_.given(it))
      free_[*history_.memory().pool_of(block.pfn, block.order)] -= block.order.frames();
    return true;
  }

  /// Only what has been counted off can be counted back.
  [[nodiscard]] bool is_taken(const model::Block& block) const {
    int taken = 0;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      const Operation& it = operation(i);
      if (at_[i].stage < Stage::kPlaced || (it.answered && it.answer.status != model::Status::kOk)) continue;
      if (it.is_free && it.block == block) --taken;
      for (const model::Block& given : history_.given(it)) taken += given == block ? 1 : 0;
    }
    return taken > 0;
  }

  /// Everybody in progress sees what is.
  void look() {
    for (std::size_t i = 0; i < at_.size(); ++i) {
      if (!in_progress(i) || operation(i).is_free) continue;
      for (std::uint8_t p = 0; p < free_.size(); ++p) {
        model::PoolEvidence& seen = at_[i].seen.pools[p];
        seen.most_available = std::max(seen.most_available, free_[p]);
        seen.least_unheld = std::min(seen.least_unheld, free_[p] - held_by_others(i, p));
      }
    }
  }
  [[nodiscard]] model::Frames held_by_others(std::size_t me, std::uint8_t pool) const {
    model::Frames sum{};
    for (std::size_t i = 0; i < at_.size(); ++i) {
      const Operation& it = operation(i);
      if (i == me || it.is_free || !in_progress(i) || need(i).count == 0 || (it.open >> pool & 1U) == 0)
        continue;
      model::Frames held = std::max(need(i), history_.memory().pools[pool].batch);
      if (at_[i].stage == Stage::kPlaced) {
        for (const model::Block& block : history_.given(it)) {
          if (history_.memory().pool_of(block.pfn, block.order) == pool) held -= block.order.frames();
        }
      }
      sum += std::max(held, model::Frames{});
    }
    return sum;
  }

  const History& history_;
  std::vector<Progress> at_;
  std::vector<model::Frames> free_;
};

}  // namespace labyrinth::machine::testing
