// Correct allocators, simulated: each call takes effect in steps at random instants between its call and its
// answer.
//
// What they answer is right by construction, so a checker that objects is wrong. Two designs, since they show
// different histories: one whose calls are atomic, and one that takes credits first and frames later, as the
// reference does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker.hpp"
#include "labyrinth/machine/random.hpp"

namespace labyrinth::machine::testing {

using model::Answer;
using model::Block;
using model::Frames;
using model::Gfp;
using model::Order;
using model::Pfn;
using model::Request;
using model::Status;

[[nodiscard]] inline bool is_request(const model::Memory& memory, const Request& request) {
  return model::sensible(memory, request, model::open_pools(memory, request.gfp, 1, request.situation.level));
}

/// What an allocator knows: which frames are free, which blocks are live, how many frames nobody has a credit
/// for.
class SimulatedZone {
 public:
  explicit SimulatedZone(const model::Memory& zone)
      : zone_(zone),
        taken_(static_cast<std::size_t>(zone.span().frames.count), false),
        credits_(zone.span().frames) {}

  [[nodiscard]] const model::Memory& zone() const { return zone_; }
  [[nodiscard]] Frames credits() const { return credits_; }

  /// The request's fate as far as the count decides it; takes the credits if it goes on.
  [[nodiscard]] std::optional<Status> take_credits(const Request& request, bool& wake) {
    const Frames left = credits_ - request.order.frames();
    wake = request.gfp.has(model::kKswapdReclaim) && left < zone_.pools[0].marks.low;
    if (left < model::floor_of(request.gfp, model::Pass::kMin, zone_.pools[0])) return Status::kExhausted;
    credits_ = left;
    return std::nullopt;
  }
  void give_credits(Order order) { credits_ += order.frames(); }

  [[nodiscard]] std::vector<Block> free_blocks(Order order) const {
    std::vector<Block> blocks;
    const auto size = static_cast<std::uint64_t>(order.frames().count);
    const std::uint64_t first = zone_.span().first.value, end = first + taken_.size();
    for (std::uint64_t pfn = (first + size - 1) / size * size; pfn + size <= end; pfn += size) {
      bool free = true;
      for (std::uint64_t frame = pfn; frame < pfn + size; ++frame) free = free && !taken_[frame - first];
      if (free) blocks.push_back({{pfn}, order});
    }
    return blocks;
  }
  void claim(const Block& block) {
    mark(block, true);
    live_.push_back(block);
  }
  /// Whether the block was live; it no longer is. Its frames stay taken.
  [[nodiscard]] bool kill(const Block& block) { return std::erase(live_, block) != 0; }
  void clear(const Block& block) { mark(block, false); }

 private:
  void mark(const Block& block, bool taken) {
    const std::uint64_t first = block.pfn.value - zone_.span().first.value;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(block.order.frames().count); ++i)
      taken_[first + i] = taken;
  }
  model::Memory zone_;
  std::vector<bool> taken_;
  std::vector<Block> live_;
  Frames credits_;
};

/// One call while it is in progress: advance() takes its next step and tells whether the answer is ready.
class SimulatedCall {
 public:
  static SimulatedCall allocation(const Request& request) {
    SimulatedCall call;
    call.request_ = request;
    return call;
  }
  static SimulatedCall free(const Block& block, bool order_exists) {
    SimulatedCall call;
    call.is_free_ = true;
    call.block_ = block;
    call.exists_ = order_exists;
    return call;
  }

  [[nodiscard]] bool is_free() const { return is_free_; }
  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] const Block& block() const { return block_; }
  [[nodiscard]] const Answer& answer() const { return answer_; }

  [[nodiscard]] bool advance(SimulatedZone& zone, bool atomic, std::uint64_t& random) {
    do {
      if (is_free_ ? step_of_free(zone) : step_of_allocation(zone, random)) return true;
    } while (atomic);
    return false;
  }

 private:
  enum class Next { kDecide, kClaim, kUndo, kClear, kReturn };

  [[nodiscard]] bool step_of_allocation(SimulatedZone& zone, std::uint64_t& random) {
    switch (next_) {
      case Next::kDecide: {
        if (!is_request(zone.zone(), request_)) {
          answer_.status = Status::kBadArgument;
          return true;
        }
        if (request_.gfp.has(model::kDirectReclaim) && !model::may_sleep(request_.situation)) {
          answer_.status = Status::kBadContext;
          return true;
        }
        const auto refused = zone.take_credits(request_, answer_.wake);
        if (refused) answer_.status = *refused;
        next_ = Next::kClaim;
        return refused.has_value();
      }
      case Next::kClaim: {
        const auto blocks = zone.free_blocks(request_.order);
        if (blocks.empty()) {
          next_ = Next::kUndo;
          return false;
        }
        block_ = blocks[random_below(random, static_cast<std::uint32_t>(blocks.size()))];
        zone.claim(block_);
        answer_.pfn = block_.pfn;
        return true;
      }
      default:
        zone.give_credits(request_.order);
        answer_.status = Status::kFragmented;
        answer_.wake = request_.gfp.has(model::kKswapdReclaim);
        return true;
    }
  }
  [[nodiscard]] bool step_of_free(SimulatedZone& zone) {
    switch (next_) {
      case Next::kDecide:
        next_ = Next::kClear;
        if (exists_ && zone.kill(block_)) return false;
        answer_.status = Status::kBadArgument;
        return true;
      case Next::kClear:
        zone.clear(block_);
        next_ = Next::kReturn;
        return false;
      default:
        zone.give_credits(block_.order);
        return true;
    }
  }

  bool is_free_ = false;
  bool exists_ = true;
  Next next_ = Next::kDecide;
  Request request_{};
  Block block_{};
  Answer answer_{};
};

}  // namespace labyrinth::machine::testing
