// E1, E2, X4 and C3: the arithmetic of watermarks, from a count of frames that have owners.
#include <algorithm>
#include <bit>

#include "judge.hpp"
#include "labyrinth/machine/target.h"

namespace labyrinth::properties {
namespace {

using machine::Op;
using model::Status;

constexpr std::size_t kPools = model::kZoneTypes + 1;  ///< Zones and the void.
constexpr std::size_t kElsewhere = kPools;             ///< Rooms.

[[nodiscard]] std::size_t pool_of(const machine::Geometry& g, const Extent& block) noexcept {
  std::uint64_t end = g.first_pfn;
  for (std::size_t i = 0; i < kPools; ++i) {
    end += g.zones[i].frames;
    if (block.pfn < end) return i;
  }
  return kElsewhere;
}

/// Frames of the zones above, up to the highest that the request may have, by the ratio.
[[nodiscard]] std::int64_t reserve(const machine::Geometry& g, std::size_t pool, std::uint32_t gfp) noexcept {
  if (pool == machine::kVoid || g.zones[pool].ratio == 0) return 0;
  std::int64_t above = 0;
  for (std::size_t i = pool + 1; i <= highest_zone(gfp); ++i) above += g.zones[i].frames;
  return above / g.zones[pool].ratio;
}

/// The lowest floor that the request ever has.
[[nodiscard]] std::int64_t floor_of(const machine::Geometry& g, std::size_t pool,
                                    std::uint32_t gfp) noexcept {
  const bool keeps_out = (gfp & LABYRINTH_TARGET_NOMEMALLOC) != 0;
  if ((gfp & LABYRINTH_TARGET_MEMALLOC) != 0 && !keeps_out) return 0;
  std::int64_t floor = g.zones[pool].min;
  if ((gfp & LABYRINTH_TARGET_HIGH) != 0) {
    floor -= floor / 2;
    if ((gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) == 0 && !keeps_out) floor -= floor / 4;
  }
  return floor + reserve(g, pool, gfp);
}

[[nodiscard]] std::int64_t needs(const machine::Call& call) noexcept {
  const std::uint64_t frames = frames_asked(call);
  // Of an exact allocation the whole block is taken for a while.
  return static_cast<std::int64_t>(call.op == Op::kExact ? std::bit_ceil(frames) : frames);
}

/// Frames that certainly have an owner, by pool: from the answer of an allocation to the call of its free.
class Counts : public Judge {
 public:
  void on_call(std::uint8_t index) override {
    const machine::Call& made = call(index);
    if (!machine::allocates(made.op) && made.op != Op::kFree) return;
    const std::uint8_t context = machine::where().context;
    if (made.op == Op::kFree) {
      const Extents freed = blocks_freed(trace(), index, machine().outcome());
      release(freed);
      stale_.begin_free(context, freed);
    } else {
      stale_.begin_allocation(context);
    }
    for (Asking& it : asking_) it.alone = false;
    asking_[context] = {true, in_progress_ == 0, owned_};
    ++in_progress_;
  }

  void on_free_within(std::uint64_t pfn, std::uint8_t order) override {
    Extents freed;
    freed.add({pfn, order});
    release(freed);
    stale_.free({pfn, order});
  }

  void on_answer(std::uint8_t index) override {
    const machine::Call& made = call(index);
    if (!machine::allocates(made.op) && made.op != Op::kFree) return;
    const std::uint8_t context = machine::where().context;
    --in_progress_;
    if (machine::allocates(made.op)) judge(index, asking_[context]);
    asking_[context].present = false;
    if (made.op == Op::kFree) stale_.end(context);
    if (status(index) == Status::kOk && machine::allocates(made.op)) {
      exact_ = exact_ && made.op != Op::kBulk;
      const Extents given = blocks_of(made, result(index).pfn);
      for (const Extent& block : given.all()) {
        exact_ = exact_ && !stale_.may_hit(context, block);
        if (stale_.may_hit(context, block)) continue;
        if (count_ != blocks_.size()) blocks_[count_++] = block;
        owned_[pool_of(trace().geometry, block)] += block.end() - block.pfn;
      }
    }
  }

 protected:
  /// An allocation: what had owners throughout the call, and whether nobody else was in one.
  struct Asking {
    bool present = false;
    bool alone = false;
    std::array<std::uint64_t, kPools + 1> owned{};
  };
  virtual void judge(std::uint8_t index, const Asking& asking) noexcept = 0;

  /// Of a pool, as seen by that call.
  [[nodiscard]] std::int64_t free_frames(const Asking& asking, std::size_t pool) const noexcept {
    return static_cast<std::int64_t>(trace().geometry.zones[pool].frames) -
           static_cast<std::int64_t>(asking.owned[pool]);
  }
  /// Nothing but NORMAL, and every owner known: then free_frames() is what it says, with nobody else about.
  [[nodiscard]] bool is_exact() const noexcept {
    return exact_ && trace().geometry.frames() == trace().geometry.normal().frames &&
           trace().geometry.normal().highatomic == 0;
  }

 private:
  void reset() noexcept override {
    count_ = 0;
    owned_ = {};
    asking_.fill({});
    in_progress_ = 0;
    stale_.reset();
    // What shrinkers have comes back at any time.
    const auto calls = trace().calls();
    exact_ =
        std::none_of(calls.begin(), calls.end(), [](const machine::Call& it) { return it.op == Op::kCache; });
  }
  void release(const Extents& freed) noexcept {
    for (const Extent& block : freed.all()) {
      for (std::size_t i = 0; i < count_; ++i) {
        if (blocks_[i] != block) continue;
        blocks_[i--] = blocks_[--count_];
        const std::size_t pool = pool_of(trace().geometry, block);
        owned_[pool] -= block.end() - block.pfn;
        for (Asking& it : asking_) it.owned[pool] = std::min(it.owned[pool], owned_[pool]);
      }
    }
  }

  std::array<Extent, 256> blocks_{};
  std::size_t count_ = 0;
  std::array<std::uint64_t, kPools + 1> owned_{};
  std::array<Asking, machine::kMaxContexts> asking_{};
  std::uint32_t in_progress_ = 0;
  StaleFrees stale_;
  bool exact_ = true;
};

class Floors final : public Counts {
  void judge(std::uint8_t index, const Asking& asking) noexcept override {
    if (status(index) != Status::kOk) return;
    const std::size_t pool = pool_of(trace().geometry, {result(index).pfn, 0});
    if (pool == kElsewhere) return;
    const std::int64_t left = free_frames(asking, pool) - needs(call(index));
    const std::int64_t floor = floor_of(trace().geometry, pool, call(index).gfp);
    if (left < floor)
      object({index, "a success left fewer frames than the caller's floor; frames", left, floor});
  }
};

class Refusals final : public Counts {
  void judge(std::uint8_t index, const Asking& asking) noexcept override {
    if (!asking.alone || !is_exact()) return;
    const Status answer = status(index);
    if (answer != Status::kExhausted && answer != Status::kFragmented) return;
    const std::size_t normal = LABYRINTH_TARGET_ZONE_NORMAL;
    const std::int64_t left = free_frames(asking, normal) - needs(call(index));
    const std::int64_t floor = floor_of(trace().geometry, normal, call(index).gfp);
    if (answer == Status::kExhausted && left >= floor)
      object(
          {index, "refused as exhausted with nobody else about and enough frames; frames left", left, floor});
    const bool one_frame = needs(call(index)) == 1 || call(index).op == Op::kBulk;
    if (answer == Status::kFragmented && one_frame)
      object({index, "single frames are never fragmented; frames left", left, floor});
  }
};

class Wakes final : public Counts {
  void judge(std::uint8_t index, const Asking& asking) noexcept override {
    const machine::Call& asked = call(index);
    const bool wants = (asked.gfp & LABYRINTH_TARGET_KSWAPD_RECLAIM) != 0;
    const bool wakes = result(index).wake;
    const Status answer = status(index);
    if (wakes && (!wants || answer == Status::kBadArgument || answer == Status::kBadContext))
      return object({index, "background reclaim was woken by who did not ask for it", 1, 0});
    if (!wants || !asking.alone || !is_exact()) return;
    if ((asked.gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) != 0) return;
    const std::size_t normal = LABYRINTH_TARGET_ZONE_NORMAL;
    if (answer == Status::kExhausted || answer == Status::kFragmented) {
      if (!wakes) object({index, "a refused request did not wake background reclaim", 0, 1});
    } else if (answer == Status::kOk && needs(asked) == 1) {
      const std::int64_t left = free_frames(asking, normal) - 1;
      const std::int64_t low = trace().geometry.normal().low;
      if (wakes != (left < low))
        object({index, "background reclaim is woken exactly if a success leaves less than low; frames left",
                left, low});
    }
  }
};

}  // namespace

std::unique_ptr<Judge> judge_floors() { return std::make_unique<Floors>(); }
std::unique_ptr<Judge> judge_refusals() { return std::make_unique<Refusals>(); }
std::unique_ptr<Judge> judge_wakes() { return std::make_unique<Wakes>(); }

}  // namespace labyrinth::properties
