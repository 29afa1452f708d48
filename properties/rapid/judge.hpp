// Judges: what a property says of a run, from calls and answers alone.
//
// A judge knows nothing of model/ and of the machine's checker, and is as naive as it can be: a second,
// independent reading of the requirement. Where time order leaves open what was true, it says nothing; so it
// forbids less than the checker, and what it forbids is wrong in any reading.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/observer.hpp"

namespace labyrinth::properties {

/// What a judge objects to. `reason` is a sentence in static storage.
struct Breach {
  std::uint8_t call = machine::kNoCall;
  const char* reason = "";
  std::int64_t seen = 0, permitted = 0;
};

class Judge : public machine::Observer {
 public:
  /// Before each run; both outlive it.
  void begin(const machine::Machine& machine, const machine::Trace& trace) noexcept {
    machine_ = &machine;
    trace_ = &trace;
    breach_.reset();
    reset();
  }
  /// After a run that came to its end without a verdict of the machine.
  virtual void finish(const machine::Outcome&) noexcept {}
  [[nodiscard]] const std::optional<Breach>& breach() const noexcept { return breach_; }

  void on_access(const machine::AccessRecord&) override {}
  void on_departure(std::uint8_t, std::uint8_t) override {}
  void on_handler(std::uint8_t, bool) override {}
  void on_call(std::uint8_t) override {}
  void on_answer(std::uint8_t) override {}
  void on_mapping(std::uint64_t, std::uint64_t, bool) override {}
  void on_free_within(std::uint64_t, std::uint8_t) override {}

 protected:
  virtual void reset() noexcept {}
  [[nodiscard]] const machine::Machine& machine() const noexcept { return *machine_; }
  [[nodiscard]] const machine::Trace& trace() const noexcept { return *trace_; }
  [[nodiscard]] const machine::Call& call(std::uint8_t index) const noexcept {
    return trace_->call_storage[index];
  }
  [[nodiscard]] const machine::CallResult& result(std::uint8_t call) const noexcept {
    return machine_->outcome().results[call];
  }
  [[nodiscard]] model::Status status(std::uint8_t call) const noexcept {
    return static_cast<model::Status>(result(call).status);
  }
  void object(const Breach& breach) noexcept {
    if (!breach_) breach_ = breach;
  }

 private:
  const machine::Machine* machine_ = nullptr;
  const machine::Trace* trace_ = nullptr;
  std::optional<Breach> breach_;
};

/// First frame and order.
struct Extent {
  std::uint64_t pfn = 0;
  std::uint8_t order = 0;
  [[nodiscard]] std::uint64_t end() const noexcept { return pfn + (std::uint64_t{1} << order); }
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// A few blocks: what one call got, or frees.
class Extents {
 public:
  void add(const Extent& extent) noexcept { storage_[count_++] = extent; }
  [[nodiscard]] std::span<const Extent> all() const& noexcept { return {storage_.data(), count_}; }
  void all() const&& = delete;  // It would outlive the blocks.

 private:
  std::array<Extent, 16> storage_{};
  std::size_t count_ = 0;
};

/// By the names of the flags, the highest zone that a request may have.
[[nodiscard]] std::uint32_t highest_zone(std::uint32_t gfp) noexcept;
/// Whether the call is one that may sleep, where that is permitted.
[[nodiscard]] bool can_sleep(const machine::Call& call) noexcept;
/// Frames that an allocation asks for.
[[nodiscard]] std::uint64_t frames_asked(const machine::Call& call) noexcept;
/// What the allocation `call`, which was given `pfn`, owns; of a bulk nothing: its frames are not next to
/// each other.
[[nodiscard]] Extents blocks_of(const machine::Call& call, std::uint64_t pfn) noexcept;
/// What the free frees, or tries to. None if it is of a bulk as a whole, or of an order beyond any.
[[nodiscard]] Extents blocks_freed(const machine::Trace& trace, std::uint8_t free,
                                   const machine::Outcome& outcome) noexcept;

/// Frees and allocations that overlap. A free that names what an allocation on its way is about to give frees
/// that block (design, X3: a stale free), so that whoever gets it may not own it at all.
class StaleFrees {
 public:
  void reset() noexcept { known_.fill({}); }
  void begin_allocation(std::uint8_t context) noexcept { known_[context] = {true, false, 0, {}, {}}; }
  void begin_free(std::uint8_t context, const Extents& blocks) noexcept {
    known_[context] = {false, true, 0, {}, blocks};
    for (const Extent& block : blocks.all()) free(block);
  }
  void end(std::uint8_t context) noexcept { known_[context].asking = known_[context].freeing = false; }
  /// A block is freed within another call.
  void free(const Extent& block) noexcept {
    for (Known& it : known_) {
      if (it.asking && it.count++ < it.seen.size()) it.seen[it.count - 1] = block;
    }
  }
  /// Whether a free may have hit this block of the allocation that ends there, or may still do so.
  [[nodiscard]] bool may_hit(std::uint8_t context, const Extent& block) const noexcept {
    const Known& me = known_[context];
    if (me.count > me.seen.size()) return true;
    if (std::find(me.seen.begin(), me.seen.begin() + me.count, block) != me.seen.begin() + me.count)
      return true;
    return std::any_of(known_.begin(), known_.end(), [&](const Known& it) {
      const auto blocks = it.blocks.all();
      // A free of which the blocks are not known may be of any.
      return it.freeing && (blocks.empty() || std::find(blocks.begin(), blocks.end(), block) != blocks.end());
    });
  }

 private:
  struct Known {
    bool asking = false, freeing = false;
    std::uint8_t count = 0;
    std::array<Extent, 12> seen{};  ///< Freed by others during an allocation.
    Extents blocks{};               ///< That a free is of.
  };
  std::array<Known, machine::kMaxContexts> known_{};
};

using MakeJudge = std::unique_ptr<Judge> (*)();
[[nodiscard]] std::unique_ptr<Judge> judge_owners();     ///< X1: no frame has two owners.
[[nodiscard]] std::unique_ptr<Judge> judge_frees();      ///< X3
[[nodiscard]] std::unique_ptr<Judge> judge_places();     ///< X2, X6 and E4: where a block may lie.
[[nodiscard]] std::unique_ptr<Judge> judge_floors();     ///< E1
[[nodiscard]] std::unique_ptr<Judge> judge_refusals();   ///< E2 and X4: with nobody else about.
[[nodiscard]] std::unique_ptr<Judge> judge_wakes();      ///< C3
[[nodiscard]] std::unique_ptr<Judge> judge_conflicts();  ///< E3
[[nodiscard]] std::unique_ptr<Judge> judge_sleepers();   ///< C1 and N1
[[nodiscard]] std::unique_ptr<Judge> judge_returns();    ///< N3 and N4: every call is answered, and in time.
[[nodiscard]] std::unique_ptr<Judge> judge_stacks();     ///< C2

}  // namespace labyrinth::properties
