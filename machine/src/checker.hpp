// Holds the history of a run against the model, online: each answer is judged when it is given.
//
// The checker sees calls begin and answer, never the target's insides, so the instant at which a call takes
// effect is any between. So a free's frames belong to nobody from the call on, and are free from the answer
// on; an allocation that was given them earlier shows that one of the open frees of that block took effect,
// and which one shows in their answers. Each rule accepts every history that some order of the instants
// explains; docs/reading-a-verdict.md says what that leaves open.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "clock.hpp"
#include "labyrinth/machine/history.hpp"
#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/limbo.hpp"
#include "labyrinth/model/reclaim.hpp"
#include "labyrinth/model/relation.hpp"
#include "labyrinth/model/state.hpp"
#include "limbo.hpp"

namespace labyrinth::machine {

class Checker {
 public:
  using State = model::State<kMaxFrames>;
  /// Added to a context's number: a free of the machine's own within the call that the context has open.
  static constexpr std::uint8_t kInner = kMaxContexts;

  /// `memory` outlives the run. `live`: blocks that have an owner from the start. `machine`: a number that no
  /// other memory was ever given here; 0: none.
  void begin_run(const model::Memory& memory, std::span<const model::Block> live = {},
                 std::uint64_t machine = 0) noexcept;

  /// Of the runs that follow: `exhausted` stands for any refusal.
  void refusals_are_untold(bool untold) noexcept { untold_ = untold; }

  /// Write each run down there; null: nowhere. It must outlive the runs.
  void record(History* history) noexcept { history_ = history; }
  [[nodiscard]] History* history() const noexcept { return history_; }

  /// `cpus`: bit per CPU that the context is on.
  void begin_allocation(std::uint8_t context, const model::Request& request, std::uint32_t cpus) noexcept {
    if (!begins_alone(context)) return begin_allocation_among_others(context, request, cpus);
    Open& mine = open_[context];
    mine.is_free = false;
    mine.request = request;
    alone_on_ = cpus;
  }
  /// `conflict`: another context took a conflicting step. Returns the broken clause, if any.
  /// `blocks`: what a success gave, one block or several.
  [[nodiscard]] Violation end_allocation(std::uint8_t context, const model::Answer& answer, bool conflict,
                                         std::span<const model::Block> blocks) noexcept {
    if (alone_ == context && allocates_rightly(context, answer, blocks)) return {};
    return end_allocation_among_others(context, answer, conflict, blocks);
  }
  /// checker_reclaim.cpp: shrinkers that the context's open call asked have given frames back; it is judged
  /// by the time from here on.
  void begin_again(std::uint8_t context) noexcept;
  /// checker_outdated.cpp, under rc11: remember what is free now, after so many writes of the run;
  void note_instant(std::uint32_t writes) noexcept;
  /// and what the context's call, which has just been answered, gave or freed;
  struct Answered {
    std::uint32_t writes;
    std::uint8_t by;  ///< Context.
    std::int16_t at;  ///< Its clock's own lane.
  };
  void note_answer(std::uint8_t context, const Answered& answered,
                   std::span<const model::Block> blocks) noexcept;
  /// the context's open call, which began at this clock, saw what was the last only before write number
  /// `since`.
  void look_back(std::uint8_t context, std::uint32_t since, const Clock& begun) noexcept;
  void begin_balance(std::uint8_t context, const model::Situation& situation) noexcept;
  [[nodiscard]] Violation end_balance(std::uint8_t context, model::Status status, bool conflict,
                                      const model::Reclaimed& shrinkers) noexcept;
  /// The pools that were open to the context's last request.
  [[nodiscard]] model::PoolSet open_pools(std::uint8_t context) const noexcept {
    return open_[context].seen.open;
  }
  /// The context has moved to another CPU during its call: rooms of both are open to it.
  void moved(std::uint8_t context, std::uint8_t cpu) noexcept;

  /// The same for what gives one block of the order asked for.
  [[nodiscard]] Violation end_allocation(std::uint8_t context, const model::Answer& answer,
                                         bool conflict) noexcept {
    const model::Block block{answer.pfn, open_[context].request.order};
    return end_allocation(context, answer, conflict, {&block, 1});
  }

  /// Whether this block of the allocation answered last is live: not if a stale free had hit it before the
  /// answer.
  [[nodiscard]] bool placed(std::size_t block = 0) const noexcept { return (placed_ >> block & 1U) != 0; }

  void begin_free(std::uint8_t context, model::Pfn pfn, model::Order order, bool order_exists) noexcept {
    if (!begins_alone(context)) return begin_free_among_others(context, pfn, order, order_exists);
    Open& mine = open_[context];
    mine.is_free = true;
    mine.owed = false;
    mine.block = {pfn, order};
    mine.order_exists = order_exists;
    mine.lived = order_exists && state_.is_block(mine.block);
  }
  [[nodiscard]] Violation end_free(std::uint8_t context, model::Status status) noexcept {
    if (alone_ == context && frees_rightly(context, status)) return {};
    return end_free_among_others(context, status);
  }

  /// X6, of a void that is unmapped: drains of limbo, and what calls do to the mapping of its frames.
  void begin_drain(std::uint8_t context, const model::Drain& drain) noexcept;
  [[nodiscard]] Violation end_drain(std::uint8_t context, model::Status status,
                                    std::uint64_t drained) noexcept;
  [[nodiscard]] Violation unmap(std::uint8_t context, model::Pfn pfn, model::Frames frames) noexcept;
  [[nodiscard]] Violation remap(std::uint8_t context, model::Pfn pfn, model::Frames frames) noexcept;
  /// Whether an access to the frame would not fault.
  [[nodiscard]] bool reachable(model::Pfn pfn) const noexcept;

  /// X5: whether the frame has an owner who may count on its content: live, and no free of its block called.
  [[nodiscard]] bool owned(model::Pfn pfn) noexcept;
  /// Whether the frame was freed, by a caller who had no right to, after the context's allocation may have
  /// taken it and before it was answered. What the allocation still does to it is that caller's fault.
  [[nodiscard]] bool freed_early(std::uint8_t context, model::Pfn pfn) const noexcept;

  /// Whether no call is in progress.
  [[nodiscard]] bool is_idle() const noexcept { return in_progress_ == 0; }
  [[nodiscard]] bool has_highatomic() const noexcept { return has_highatomic_; }

  [[nodiscard]] const State& state() const noexcept { return state_; }
  [[nodiscard]] const model::Memory& memory() const noexcept { return *memory_; }
  [[nodiscard]] model::Frames free_frames() const noexcept { return state_.free_frames(); }

 private:
  /// A call in progress, but for what it has of each pool.
  struct OpenCall {
    bool is_free = false;
    model::Request request{};
    model::Frames need{};            ///< What the call holds while it is open; 0 if it must be refused.
    std::uint16_t freed_before = 0;  ///< Entries of freed_ before the call.
    model::Block block{};            ///< Of a free.
    bool order_exists = false;       ///< Of a free.
    bool lived = false;              ///< Of a free: its block was live at the call and has been since.
    bool old = false;                ///< Of a free: the block was given out again since the call.
    bool owed = false;    ///< Of a free: it has taken effect, or another of this block in its place.
    bool drains = false;  ///< It empties limbo, as far as it has to: a drain, or a request that may sleep.
    bool alone = true;    ///< Of what drains: nobody else did at the same time.
    bool counts_limbo = false;       ///< Judged as if what was in limbo at the call had been free (E2).
    std::uint32_t limbo_before = 0;  ///< Entries of limbo up to this number were there at the call.
    std::uint64_t unmapped = 0;      ///< Blocks that it has unmapped.
    /// Frames that it has unmapped, that others have been given since, and that it may not have counted yet.
    model::Frames uncounted{};
    std::uint8_t uncounted_in = 0;  ///< Their pool.
    model::Frames least_drained{};  ///< As least_unheld in the void, with what was in limbo at the call.
    model::Drain drain{};           ///< Of a drain.
  };
  struct Open : OpenCall {
    model::Evidence seen{};  ///< Its pools and what follows hold something only where a pool is open to it.
    /// Blocks of its order that calls it overlapped with could hold.
    std::array<std::int64_t, model::kMaxPools> holdable{};
    /// Under rc11: the first instant at which it held something there itself.
    std::array<std::uint16_t, model::kMaxPools> holds_from{};

    /// A kilobyte of pools, none of which is open any more, is left as it is.
    void begin() noexcept {
      static_cast<OpenCall&>(*this) = {};
      seen.open = seen.fragmented = seen.fragmented_outside = 0;
      seen.conflict = seen.again = false;
    }
  };

  /// What a request is entitled to, whatever else goes on.
  struct Entitled {
    std::uint64_t machine = 0;
    std::uint64_t key = 0;  ///< The request, and where it is made.
    model::PoolSet open = 0;
    bool understood = false;
    bool here = false;      ///< It may be made where it is made (C1).
    bool one_pool = false;  ///< It asks for one block, and can get it from `pool` alone, which is no room.
    bool wakes = false;
    bool may_fail = false;
    std::uint8_t pool = 0;
    std::int32_t low = 0, min = 0;  ///< Frames to be left in the first pass, and in the second.
  };

  // checker_alone.cpp
  [[nodiscard]] bool begins_alone(std::uint8_t context) noexcept {
    if (in_progress_ != 0 || !may_be_alone_) {
      if (alone_ != kNoCall) begin_among_others();
      return false;
    }
    alone_ = context;
    in_progress_ = std::uint32_t{1} << context;
    return true;
  }
  void begin_among_others() noexcept;
  void begin_allocation_among_others(std::uint8_t context, const model::Request& request,
                                     std::uint32_t cpus) noexcept;
  [[nodiscard]] Violation end_allocation_among_others(std::uint8_t context, const model::Answer& answer,
                                                      bool conflict,
                                                      std::span<const model::Block> blocks) noexcept;
  void begin_free_among_others(std::uint8_t context, model::Pfn pfn, model::Order order,
                               bool order_exists) noexcept;
  [[nodiscard]] Violation end_free_among_others(std::uint8_t context, model::Status status) noexcept;
  [[nodiscard]] bool allocates_rightly(std::uint8_t context, const model::Answer& answer,
                                       std::span<const model::Block> blocks) noexcept;
  [[nodiscard]] bool frees_rightly(std::uint8_t context, model::Status status) noexcept;
  [[nodiscard]] const Entitled& entitled(const model::Request& request, std::uint32_t cpus) noexcept;

  [[nodiscard]] model::Frames available(std::uint8_t pool) noexcept;
  [[nodiscard]] model::Frames held_by(const Open& open, std::uint8_t pool) const noexcept;
  void note_available(std::uint8_t pool) noexcept;
  [[nodiscard]] static std::int64_t hold(const model::Request& by, model::Order of,
                                         const model::Pool& in) noexcept;
  void open_to(Open& mine, model::PoolSet pools) noexcept;
  void note_apart() noexcept;
  void hit(model::Pfn pfn) noexcept;
  [[nodiscard]] bool may_have_set_apart(std::uint64_t pageblock) const noexcept;
  [[nodiscard]] std::int64_t being_freed(std::uint64_t first, std::uint64_t end) const noexcept;
  [[nodiscard]] model::Frames most_apart(std::uint8_t pool) const noexcept;
  [[nodiscard]] std::uint8_t pool_of(const model::Block& block) const noexcept;
  void begin_period() noexcept;
  [[nodiscard]] bool owe(const model::Block& block) noexcept;
  [[nodiscard]] Violation place(const model::Block& block) noexcept;
  [[nodiscard]] bool free_early(const model::Block& block) noexcept;
  [[nodiscard]] Violation settle_early(std::uint8_t context, std::span<const model::Block> given) noexcept;
  [[nodiscard]] Violation carried_out(std::uint8_t context) noexcept;
  [[nodiscard]] Violation refused(Open& mine) noexcept;
  [[nodiscard]] model::Clause judge(Open& mine, const model::Answer& answer) const noexcept;
  [[nodiscard]] model::Status reason_of_refusal(Open& mine, const model::Answer& said) const noexcept;
  [[nodiscard]] Violation judge_joint_floor(std::uint8_t context) noexcept;
  /// Blocks that stayed free throughout, and how many of them lie in pageblocks that were not set apart.
  struct FreeBlocks {
    std::int64_t all = 0;
    std::int64_t outside = 0;
  };
  [[nodiscard]] bool may_be_owned_yet(const model::Block& block) const noexcept;
  [[nodiscard]] FreeBlocks free_throughout(const Open& open, const model::Pool& pool) const noexcept;
  [[nodiscard]] Violation explain(model::Clause broken, const Open& mine,
                                  const model::Answer& answer) const noexcept;
  void forget_block(const model::Block& block) noexcept;
  void count_free(const model::Block& block) noexcept;
  void note_freed(const model::Block& block) noexcept;
  // checker_limbo.cpp
  void meet_drains(Open& mine) noexcept;
  [[nodiscard]] model::Frames limbo_of(const Open& open) const noexcept;
  [[nodiscard]] bool unmapped(const model::Block& block) const noexcept;
  [[nodiscard]] Violation receive(const model::Block& block) noexcept;
  void retire(const model::Block& block, std::uint8_t context) noexcept;
  void enter_limbo(const model::Block& block) noexcept;
  [[nodiscard]] std::uint8_t unmapping(const model::Block& block) const noexcept;
  [[nodiscard]] bool meets_limbo(const model::Block& block) const noexcept;
  void retire_early(const model::Block& block, std::uint8_t context) noexcept;
  void free_unmapped(std::uint8_t context) noexcept;
  void leave(std::size_t entry) noexcept;
  [[nodiscard]] Violation take_from_limbo(const model::Block& block) noexcept;
  static constexpr std::uint8_t kNoPool = 0xff;  ///< Of a block that lies in none.
  void end(std::uint8_t context) noexcept;
  template <class Visit>
  void each_open(Visit visit) noexcept {
    for (unsigned left = in_progress_; left != 0; left &= left - 1) {
      visit(open_[static_cast<std::size_t>(std::countr_zero(left))]);
    }
  }
  /// An open free of the block that `accepts`; null if there is none.
  template <class Accepts>
  [[nodiscard]] Open* free_of(const model::Block& block, Accepts accepts) noexcept {
    Open* found = nullptr;
    each_open([&](Open& other) {
      if (found == nullptr && other.is_free && other.order_exists && other.block == block && accepts(other)) {
        found = &other;
      }
    });
    return found;
  }

  /// X3: a free was answered ok for a block that nobody has been answered yet: one of these open allocations
  /// must have taken it already, and answer it: freed before its owner knew of it, through no fault of the
  /// allocator.
  struct Early {
    model::Block block{};
    std::uint32_t contexts = 0;  ///< Bit per context with an open allocation that can have taken it.
  };

  /// A success of the present busy period, for the joint judgement of floors.
  struct Taken {
    std::int64_t frames = 0;
    std::int64_t floor = 0;
    std::uint8_t context = 0;
    std::uint8_t pool = 0;
  };

  /// What is counted of each pool.
  struct Count {
    model::Frames free{};  ///< Frames that are free: answered free, and not given out since.
    model::Frames held{};  ///< What open allocations that may be served from here asked for, together.
    model::Frames owed{};  ///< Frames of blocks whose open free took effect: not free for others yet (E2).
    model::Frames available_at_rest{};  ///< When the busy period began.
    model::Frames freed_in_period{};
    std::int64_t highest_floor = 0;  ///< Of the period's successes.
  };

  /// Pageblocks of the machine in which something may have been set apart: a request that may do so was
  /// served from there. While such a request is in progress, any.
  std::array<std::uint64_t, kMaxFrames / 32 / 64 + 1> hit_{};
  std::uint32_t setting_apart_ = 0;  ///< Requests in progress that may.
  bool has_highatomic_ = false;
  bool any_hit_ = false;

  /// What was free at the beginning and the end of calls.
  struct Instant {
    std::uint32_t writes;
    struct Pool {
      model::Frames unheld, available;
    };
    std::array<Pool, model::kMaxPools> pools;
  };
  std::array<Instant, std::size_t{4} * kMaxCalls> instants_{};
  std::uint16_t instant_count_ = 0;
  /// A call that was answered, and what it makes of the counts had it not been answered yet.
  struct Over {
    Answered answered;
    std::uint16_t instant;  ///< The first one after its answer.
    std::array<Instant::Pool, model::kMaxPools> pools;
  };
  std::array<Over, std::size_t{2} * kMaxCalls> over_{};
  std::uint16_t over_count_ = 0;

  const model::Memory* memory_ = nullptr;
  History* history_ = nullptr;
  State state_{};
  std::array<Count, model::kMaxPools> counts_{};
  std::array<Open, std::size_t{2} * kMaxContexts> open_{};  ///< By context, then by context + kInner.
  std::uint32_t in_progress_ = 0;                           ///< Bit per open call.
  /// Blocks that became free during the run, in order; each call looks at those since it began.
  std::array<model::Block, std::size_t{kMaxCalls} * model::kMaxBulk> freed_{};
  std::uint16_t freed_count_ = 0;
  /// The busy period: from an instant with no call open to the next.
  std::array<Taken, kMaxCalls + kMaxContexts> taken_{};
  std::uint8_t taken_count_ = 0;
  /// An open allocation can have taken as many as it asks for; of a bulk one after the other, the same twice.
  std::array<Early, std::size_t{kMaxContexts} * model::kMaxBulk> early_{};
  std::uint16_t early_count_ = 0;
  Limbo limbo_{};
  std::array<std::uint32_t, std::size_t{2} * kMaxContexts>
      call_numbers_{};  ///< Of each place's present call.
  bool untold_ = false;
  /// The call in progress, if nothing has happened since its beginning but its own steps; kNoCall: none, or
  /// one of several, or one of which more is noted. Of it, open_ has what it asks for and nothing else.
  std::uint8_t alone_ = kNoCall;
  std::uint32_t alone_on_ = 0;  ///< Bit per CPU that it is on.
  bool may_be_alone_ = false;   ///< In this run.
  std::uint64_t machine_ = 0;
  std::array<Entitled, 256> entitled_{};
  std::uint64_t placed_ = 0;  ///< Bit per block of the allocation answered last.
};

}  // namespace labyrinth::machine
