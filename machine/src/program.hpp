// The program of a trace while it runs: each context's calls, made on the target and judged by the checker.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <utility>

#include "cache.hpp"
#include "checker.hpp"
#include "checker_objects.hpp"
#include "core.hpp"
#include "heap.hpp"
#include "labyrinth/machine/target.h"
#include "mapping_checker.hpp"
#include "plain.hpp"

namespace labyrinth::machine {

/// Beyond these the draining of a large machine would cost more than the run: X4 is then checked by what the
/// program itself can still get.
inline constexpr std::uint32_t kMaxDrainBlocks = 64;
inline constexpr std::uint32_t kMaxDrainFrames = 4096;

/// How many blocks of each order the span falls into when each is as large as alignment permits; returns
/// their sum.
[[nodiscard]] std::uint32_t maximal_blocks(const model::Span& span, model::Order max_order,
                                           std::span<std::uint32_t> blocks) noexcept;

class Program {
 public:
  void use(const labyrinth_target& target) noexcept;
  void turn_to(const labyrinth_target& target) noexcept;
  [[nodiscard]] bool prepare(const Trace& trace) noexcept;
  /// In use; null before the first.
  [[nodiscard]] const labyrinth_target* target() const noexcept { return target_; }
  void run(const Trace& trace, Strategy& strategy, bool drain, Outcome& outcome) noexcept;
  /// What the target could have written is put back, and not what it was seen to write.
  [[nodiscard]] bool is_plain() const noexcept { return known_[present_].is_plain; }
  /// The target's state in the arena: offsets of its first byte and of the first byte after it.
  [[nodiscard]] std::pair<std::size_t, std::size_t> state() const noexcept {
    return {prepared_->state, prepared_->heap};
  }
  /// Where the mapper's state begins in the arena; behind all else if there is none.
  [[nodiscard]] std::size_t mapper() const noexcept { return prepared_->mapper_state; }
  [[nodiscard]] Checker& checker() noexcept { return checker_; }
  /// Where the checker keeps the call that the present context is in.
  [[nodiscard]] static std::uint8_t here() noexcept {
    return static_cast<std::uint8_t>(core.now->index + (core.now->inner ? Checker::kInner : 0));
  }
  void lose_content(model::Pfn pfn, model::Frames count) noexcept;
  /// X5: the target reads or writes bytes of the objects' memory, from its start.
  void touch_objects(std::uint64_t address, std::uint64_t bytes) noexcept;
  /// Steps declared for the call in the present geometry; 0: none.
  [[nodiscard]] std::uint32_t declared_steps(const Call& call, std::uint32_t order) noexcept {
    const bool known = order <= model::kMaxOrder.value && !unmaps();
    if (known && call.op == Op::kAlloc) return prepared_->alloc_steps[order];
    if (known && call.op == Op::kFree) return prepared_->free_steps[order];
    return find_declared_steps(call, order);
  }

  // What a target calls; program_reclaim.cpp. All are made in the context that runs.
  /// The machine's shrinker: frees so many frames of what was handed over to it, or all of it; how many.
  [[nodiscard]] std::uint64_t shrink(std::uint64_t wanted) noexcept;
  void wake() noexcept;
  void wait() noexcept;
  /// N1 is broken, for this reason, unless the present call may sleep.
  void may_sleep_here(const char* reason) noexcept;

 private:
  /// After a call begins or ends. Only under rc11 are calls judged by what was before them.
  void note_instant() noexcept {
    if (core.rc11) checker_.note_instant(core.writes);
  }
  void note_answer(std::uint8_t slot, model::Status status, std::span<const model::Block> blocks) noexcept {
    if (!core.rc11) return;
    const std::int16_t answered_at = core.now->clock.of(core.now->index);
    if (status != model::Status::kOk) blocks = {};
    checker_.note_answer(slot, {core.writes, core.now->index, answered_at}, blocks);
    note_instant();
  }
  /// The present call is about to be judged.
  void look_back(std::uint8_t context) noexcept {
    if (core.now->missed != 0) checker_.look_back(context, core.now->missed, core.now->clock_began);
  }
  // program_start.cpp: blocks that live from the start.
  [[nodiscard]] bool bring_about(std::span<const model::Block> wanted) noexcept;
  [[nodiscard]] bool bring_about(std::span<const model::Block> wanted, const model::Pool& pool,
                                 model::Order order) noexcept;
  [[nodiscard]] bool empty_caches(const model::Pool& pool) noexcept;
  [[nodiscard]] bool give_back(const std::bitset<kMaxFrames>& first_frames, model::Order order) noexcept;
  void begin_live() noexcept;
  void create(std::size_t slot, std::span<const model::Block> live) noexcept;
  void learn_steps() noexcept;
  void run_context(std::uint8_t context) noexcept;
  void allocate(std::uint8_t index, Call call) noexcept;
  /// The checker objects to an answer.
  void object(const Violation& broken) noexcept;
  /// What an allocation got.
  struct Given {
    std::array<model::Block, model::kMaxBulk> blocks;
    std::uint8_t count = 0;
    [[nodiscard]] std::span<const model::Block> span() const noexcept { return {blocks.data(), count}; }
  };
  /// The request that the model judges a call by, and the call itself on the target.
  [[nodiscard]] model::Request request_of(const Call& call) const noexcept;
  [[nodiscard]] bool offers(const Call& call) const noexcept;
  [[nodiscard]] bool makes_sense(const model::Request& request) const noexcept;
  /// E4: what plain requests must not get, as the target says it, word by word, when nothing else runs.
  void look_at_set_apart(const Call& call) noexcept;
  void judge_set_apart(const Given& given) noexcept;
  [[nodiscard]] bool is_set_apart(std::uint64_t pfn) const noexcept;
  [[nodiscard]] labyrinth_target_answer call_target(const Call& call, Given& given) noexcept;
  void free(std::uint8_t index, const Call& call) noexcept;
  /// Declared for freeing all that a bulk or an exact allocation asked for; 0: none.
  [[nodiscard]] std::uint32_t steps_of_frees(const Call& allocation) noexcept;
  void kmalloc(std::uint8_t index, const Call& call) noexcept;
  void kfree(std::uint8_t index, const Call& call) noexcept;
  [[nodiscard]] std::uint32_t find_declared_steps(const Call& call, std::uint32_t order) noexcept;
  [[nodiscard]] std::uint32_t declared_object_steps(const Call& call) noexcept;
  void create_objects(const labyrinth_target_geometry& asked) noexcept;
  [[nodiscard]] bool serves_objects() const noexcept { return prepared_->objects != nullptr; }
  [[nodiscard]] std::byte* object_content(std::uint64_t address) noexcept;
  void leave_in_object(const ObjectChecker::Object& object, model::Gfp gfp) noexcept;
  void find_in_object(const ObjectChecker::Object& object) noexcept;
  [[nodiscard]] model::Status free_object(std::uint64_t address) noexcept;
  void drain_objects() noexcept;
  void drain_kmalloc(std::uint64_t bytes, model::Status expected) noexcept;
  void set_mask(Op op) noexcept;
  [[nodiscard]] bool unmaps() const noexcept { return geometry_.zones[kVoid].unmaps; }
  struct Drained {
    model::Status status;
    std::uint64_t blocks;
  };
  [[nodiscard]] Drained drain_target(const Call& call) noexcept;
  void drain_limbo(std::uint8_t index, const Call& call) noexcept;
  void drain_last() noexcept;
  /// The present call is about what that one got.
  void look_at(std::uint8_t call) const noexcept {
    if ((handed_over_ >> call & 1U) != 0) core.meet(call, false);
  }
  /// Whether the call got something that nobody has taken away from its owner.
  [[nodiscard]] bool gave(std::uint8_t call) const noexcept {
    const CallResult& got = outcome_->results[call];
    return got.state == CallResult::State::kAnswered && got.status == LABYRINTH_TARGET_OK &&
           allocates(trace_->call_storage[call].op) && (taken_away_ >> call & 1U) == 0;
  }
  // program_reclaim.cpp
  void cache(std::uint8_t index, const Call& call) noexcept;
  void balance(std::uint8_t index, bool sleeps_first) noexcept;
  [[nodiscard]] bool waits_for_frames() const noexcept;
  [[nodiscard]] bool take_away() noexcept;
  [[nodiscard]] bool still_owned(const model::Block& block, std::uint8_t call) noexcept;
  model::Frames free_within(const model::Block& block) noexcept;
  [[nodiscard]] model::Reclaimed reclaimed(std::uint8_t mark) noexcept;
  void judge_sleeping_side(const model::Request& request, const model::Answer& answer,
                           std::uint8_t mark) noexcept;
  // program_mapping.cpp
  [[nodiscard]] void* create_mapper(const labyrinth_target_geometry& asked) noexcept;
  void begin_mappings() noexcept;
  [[nodiscard]] std::uint32_t declared_map_steps(model::Way way, bool unmaps) const noexcept;
  void judge_preemption(std::uint8_t before, bool maps, model::Way way, model::Status status) const noexcept;
  void judge_reach() noexcept;
  void skip(std::uint8_t index) noexcept;
  void answered_mapping(std::uint8_t index, model::Status status, model::Pfn pfn,
                        std::uint64_t address) noexcept;
  void run_mapping(std::uint8_t index, const Call& call) noexcept;
  /// `index` kNoCall: on the machine's own account.
  void map(std::uint8_t index, model::Pfn pfn, model::Way way) noexcept;
  void unmap(std::uint8_t index, model::Pfn pfn, model::Way way, std::uint64_t address) noexcept;
  void unwind(std::uint8_t context) noexcept;
  void map_aside(model::Pfn pfn) noexcept;
  void unmap_aside(model::Pfn pfn) noexcept;
  void drain_mappings() noexcept;
  void drain() noexcept;
  /// As Shadow::changes(), of what the target could write.
  [[nodiscard]] std::uint64_t changes_of_state() const noexcept;
  [[nodiscard]] bool drain_pool(const model::Pool& pool) noexcept;
  [[nodiscard]] model::Gfp drain_gfp(const model::Pool& pool) const noexcept;
  void drain_allocate(model::Gfp gfp, model::Order order, model::Status expected) noexcept;
  /// `slot`: the open call that the checker takes it for.
  [[nodiscard]] model::Status free_block(model::Block block, std::uint8_t slot) noexcept;
  void use_content(model::Block block) noexcept;
  void find_content(model::Block block, model::Gfp gfp) noexcept;
  void leave_content(model::Block block) noexcept;
  void lose_owner(model::Block block) noexcept;
  void answered(std::uint8_t index, std::uint8_t status, std::uint64_t pfn, bool wake) noexcept;

  const labyrinth_target* target_ = nullptr;
  const Trace* trace_ = nullptr;
  Outcome* outcome_ = nullptr;
  /// A target created for a geometry, in its own part of the arena. Fuzzers change the geometry all the time,
  /// and creating a target costs as much as running it.
  struct Prepared {
    const labyrinth_target* target = nullptr;
    std::uint64_t number = 0;   ///< Of target and machine; the same when they are created anew.
    std::uint64_t created = 0;  ///< Of all that were created, from 1.
    void* self = nullptr;       ///< The target's handle; null: nothing is prepared here.
    void* objects = nullptr;    ///< The handle for its objects' memory; null: there is none.
    model::Frames objects_batch{};
    void* mapper = nullptr;  ///< That of its mapper; null: the machine has none.
    Geometry geometry{};
    std::array<model::Block, kMaxCalls> live_storage{};  ///< What lives from the start.
    std::uint8_t live_count = 0;
    const char* refused = nullptr;  ///< What it called in create() that the machine has no part for.
    bool live_failed = false;       ///< The target is there, but not with those blocks.
    model::Memory memory{};
    HeapMark after_create{};
    std::size_t begin = 0;  ///< Offsets in the arena: where its part begins, and its state,
    std::size_t state = 0;
    std::size_t heap = 0;  ///< and what it took from the heap on top.
    std::size_t mapper_state = 0;
    std::array<std::uint32_t, model::kMaxOrder.value + 1> alloc_steps{};
    std::array<std::uint32_t, model::kMaxOrder.value + 1> free_steps{};
    [[nodiscard]] std::span<const model::Block> live() const noexcept {
      return {live_storage.data(), live_count};
    }
  };
  /// Small machines have 64 KiB of the arena each; the last place, for the others, has the rest.
  static constexpr std::size_t kPrepared = 97;
  static constexpr std::uint32_t kSmallFrames = 4096;

  /// Targets that the machine goes back and forth between; of others the first make room.
  struct Known {
    const labyrinth_target* target = nullptr;
    bool is_plain = false;
    Plain plain{};
    std::span<const std::byte> constants{};
  };
  std::array<Known, 2> known_{};
  std::size_t present_ = 0;  ///< Of these.
  void* self_ = nullptr;     ///< The target's handle for `geometry_`.
  Geometry geometry_{};
  Prepared* prepared_ = nullptr;
  /// The target and the machine that were asked for last, with no blocks from the start; null: nothing yet.
  const labyrinth_target* prepared_for_ = nullptr;
  Geometry asked_geometry_{};
  std::array<Prepared, kPrepared> all_prepared_{};
  std::uint64_t uses_ = 0;     ///< Calls of use().
  std::uint64_t created_ = 0;  ///< Calls of create().
  /// States, with everything freed, from which everything could be taken: as many as there was room for.
  std::array<std::uint64_t, 32768> drained_{};
  Checker checker_{};
  ObjectChecker object_checker_{};
  MappingChecker mappings_{};
  bool watches_content_ = false;  ///< The trace has requests that ask for content: owners write into frames.
  std::array<Given, kMaxCalls> given_;
  /// Bit per 32 frames: set apart when the present call began. Larger machines are not looked at.
  std::array<std::uint64_t, kSmallFrames / 32 / 64 + 1> set_apart_{};
  bool looked_ = false;
  std::array<Clock, kMaxCalls>
      answered_at_{};  ///< Per allocation or mapping: its context's clock at the answer.
  Cache cache_{};
  std::uint64_t taken_away_ =
      0;  ///< Bit per call: what it got is the shrinker's, or was taken from its owner.
  std::uint64_t handed_over_ = 0;  ///< Bit per call: calls of other contexts are about what it got.
  std::array<model::Frames, kMaxContexts> asked_{};  ///< Of the shrinker, by the context's present call.
  std::array<std::uint8_t, kMaxContexts> stuck_{};   ///< Times its present call has waited in vain.
  std::array<bool, kMaxContexts> woke_{};            ///< Background reclaim, in the context's present call.
  std::array<std::uint8_t, kMaxFrames> owner_{};  ///< Per first frame of a live block: the call that got it.
};

[[gnu::visibility("hidden")]] extern Program program;

}  // namespace labyrinth::machine
