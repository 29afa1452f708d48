// The history of one run: each allocation and free with its arguments, its answer, and which of the others
// had been answered when it was called.
//
// Precedence is a relation among the operations and nothing more: that of real time, under rc11 that of
// happens-before, and whoever knows another says so with set_before(). A free of what a bulk
// or an exact allocation gave is several operations, one after another.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/relation.hpp"
#include "labyrinth/model/state.hpp"

namespace labyrinth::machine {

/// Bit per operation of a history.
using OperationSet = std::uint32_t;

struct Operation {
  bool is_free = false;
  bool answered = false;
  bool conflict = false;      ///< Another context took a conflicting step (E3).
  bool order_exists = false;  ///< Of a free.
  std::uint8_t context = 0;
  std::uint8_t call = 0;  ///< Index in Trace::calls.
  std::uint8_t rank = 0;  ///< Its answer was the so manieth, from 0.
  model::Request request{};
  model::PoolSet open = 0;  ///< That may serve the allocation.
  model::Answer answer{};   ///< Of a free: the status.
  model::Block block{};     ///< Of a free.
  std::uint16_t first_block = 0;
  std::uint16_t block_count = 0;  ///< What a success gave.
  OperationSet before = 0;        ///< Those that precede it: answered before it was called.
  std::int16_t answered_at = 0;   ///< In the lane of its context's clock.
};

class History {
 public:
  static constexpr std::uint8_t kMost = 20;
  static constexpr std::int64_t kMostFrames = 4096;  ///< Larger machines cost more to judge than to run.

  /// What is not of the history, because of the machine, is said in why_not(). `memory` outlives the run.
  /// `live`: blocks that have an owner from the start.
  void begin_run(const model::Memory& memory, std::span<const model::Block> live = {}) noexcept;
  /// `place`: the caller's context, whose call it is; beyond kMaxContexts: a free within that call. Each
  /// returns the operation's number, below kMost, or kMost if it is not kept.
  std::uint8_t begin_allocation(std::uint8_t place, const model::Request& request,
                                model::PoolSet open) noexcept;
  std::uint8_t begin_free(std::uint8_t place, const model::Block& block, bool order_exists) noexcept;
  /// `open`: the pools that were open to it at any time of the call.
  void end_allocation(std::uint8_t place, const model::Answer& answer, bool conflict, model::PoolSet open,
                      std::span<const model::Block> given) noexcept;
  void end_free(std::uint8_t place, model::Status status) noexcept;
  /// The program: calls that it cannot tell of set it aside.
  void look_at(std::span<const Call> calls) noexcept;
  /// What comes is not of the program: kept as long as there is room.
  void end_program() noexcept { ended_ = true; }
  /// What comes is no part of it.
  void close() noexcept { closed_ = true; }
  /// The online rules object to the last answer.
  void object() noexcept { objected_ = !closed_; }
  [[nodiscard]] bool objected() const noexcept { return objected_; }
  /// Something happens that the operations do not tell of.
  void set_aside(const char* why) noexcept {
    if (why_not_ == nullptr && !closed_) why_not_ = why;
  }
  /// Precedence otherwise than by time; it must be transitive and without cycles.
  void set_before(std::uint8_t operation, OperationSet before) noexcept {
    operations_[operation].before = before;
  }

  /// Why the history tells less than all that matters; null if it tells all.
  [[nodiscard]] const char* why_not() const noexcept { return why_not_; }
  [[nodiscard]] const model::Memory& memory() const noexcept { return *memory_; }
  [[nodiscard]] std::span<const Operation> operations() const noexcept {
    return {operations_.data(), count_};
  }
  [[nodiscard]] std::span<const model::Block> given(const Operation& operation) const noexcept {
    return {blocks_.data() + operation.first_block, operation.block_count};
  }
  /// What has an owner before all operations.
  [[nodiscard]] std::span<const model::Block> live() const noexcept {
    return {live_storage_.data(), live_count_};
  }
  /// How many have been answered.
  [[nodiscard]] std::uint8_t answers() const noexcept { return answers_; }

 private:
  [[nodiscard]] OperationSet preceding() const noexcept;
  [[nodiscard]] Operation* begin(std::uint8_t place) noexcept;
  [[nodiscard]] Operation* end(std::uint8_t place) noexcept;

  const model::Memory* memory_ = nullptr;
  const char* why_not_ = nullptr;
  bool ended_ = false, closed_ = false, objected_ = false;
  std::uint8_t count_ = 0;
  std::uint8_t answers_ = 0;
  OperationSet answered_ = 0;
  std::uint16_t block_count_ = 0;
  std::uint8_t live_count_ = 0;
  std::array<model::Block, kMaxCalls> live_storage_{};
  std::array<Operation, kMost> operations_{};
  std::array<std::uint8_t, kMaxContexts> present_{};  ///< The operation of each place.
  std::array<model::Block, std::size_t{kMost} * model::kMaxBulk> blocks_{};
};

}  // namespace labyrinth::machine
