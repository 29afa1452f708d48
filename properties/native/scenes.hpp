// What a handler at every instruction interrupts, in which state of the target, and what it does there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "target_world.hpp"

namespace labyrinth::native {

/// A call, by a task or a handler.
enum class Move : std::uint8_t {
  kAlloc,
  kAllocLarge,  ///< Of the order kLarge, or the largest.
  kFree,        ///< Of a block that was there before; handler and task have one each.
  kFreeLarge,
  kFreeFirst,  ///< Of what this handler got first.
};
inline constexpr std::uint32_t kLarge = 2;

struct Sequence {
  const char* name;
  std::vector<Move> moves;
};

/// A task's call, one move; and a handler's.
struct Pair {
  bool last_frame = false;  ///< All but one frame are taken; else a few are.
  Sequence call;
  Sequence handler;
};
/// "last frame: free / handler: alloc, alloc, free the first".
[[nodiscard]] std::string name_of(const Pair& pair);

/// All that make sense for a target that can do this. Wholly taken up only where that is possible.
[[nodiscard]] std::vector<Pair> pairs(std::uint64_t can, bool takes_up_all, bool handlers_allocate);

/// The target of a pair: does the task's call when asked to, and the handler's in an interrupt.
class PairWorld final : public TargetWorld {
 public:
  PairWorld(const Created& created, const Pair& pair) : TargetWorld(created, true), pair_(pair) {}

  /// Brings about the scene.
  void prepare(Thread& thread);
  /// The interrupted call.
  void call(Thread& thread) { move(thread, pair_.call.moves.front(), task_); }
  /// The handler.
  void interrupt(Thread& thread) override;
  /// Complains of what has not the marks of its owner, gives all back, and takes all there is.
  void finish(Thread& thread);
  [[nodiscard]] bool interrupted() const { return interrupts_ != 0; }

 private:
  /// What one of the two has.
  struct Side {
    Handle small{};
    Handle large{};
    std::array<Handle, 4> got{};
    std::size_t count = 0;
  };
  void move(Thread& thread, Move move, Side& side);
  void give_back(Thread& thread, Handle& handle);

  const Pair& pair_;
  Side task_;
  Side handler_;
  std::vector<Handle> taken_;
  std::uint32_t interrupts_ = 0;
};

}  // namespace labyrinth::native
