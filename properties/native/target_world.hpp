// Any target as the workload of real threads: what it is asked for, and what its answers have to be.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/target.h"
#include "workload.hpp"

namespace labyrinth::native {

using shipping::Call;
using shipping::Handle;
using shipping::Thread;

/// A target that has been created, with its memory, which stays for good.
struct Created {
  const labyrinth_target* table = nullptr;
  labyrinth_target_geometry geometry{};
  void* self = nullptr;
  std::byte* frames = nullptr;
};

/// On the first machine that the target accepts, of `frames` frames, 0: any. With `self` null if it accepts
/// none. It has one zone, NORMAL, with watermarks if the target can have them; no void, no rooms, no objects.
[[nodiscard]] Created create(const labyrinth_target& table, std::uint32_t cpus, std::uint64_t frames);
/// "96 frames from 5, blocks up to order 5, 4 CPUs".
[[nodiscard]] std::string words_of(const labyrinth_target_geometry& geometry);

class TargetWorld : public shipping::Workload {
 public:
  static constexpr std::uint64_t kMostExamined = 4096;  ///< Frames.

  /// Of what was created. `handlers_allocate`: else they only free.
  TargetWorld(const Created& created, bool handlers_allocate);

  [[nodiscard]] std::string_view name() const override { return created_.table->name; }
  void act(Thread& thread) override;
  void enter(Thread& thread) override;
  void examine(std::uint64_t round) override;
  [[nodiscard]] labyrinth_status release(Thread& thread, Handle handle) override;
  [[nodiscard]] std::uint64_t* words(std::uint64_t granule) const override;
  [[nodiscard]] bool writes_to_free_frames() const override { return true; }

  /// One allocation, judged and marked; nothing if it was refused.
  [[nodiscard]] Handle allocate(Thread& thread, std::uint32_t order, std::uint32_t gfp);
  /// Of a request that is entitled to everything and may be made anywhere.
  [[nodiscard]] std::uint32_t gfp_for_all() const;
  /// Takes blocks of that order until it is refused, or has `most` frames; marks them, and frees them again.
  /// Says how many.
  std::uint64_t take_all(Thread& thread, std::uint32_t order, std::uint64_t most);
  /// X4 can be decided: a machine as large as this can be taken up.
  [[nodiscard]] bool examines() const { return created_.geometry.frames <= kMostExamined; }
  [[nodiscard]] const labyrinth_target_geometry& geometry() const { return created_.geometry; }

  /// Of labyrinth_machine_wake().
  void wake() override { woken_.store(true, std::memory_order_release); }

 private:
  [[nodiscard]] bool can(std::uint64_t capability) const { return (created_.table->can & capability) != 0; }
  [[nodiscard]] std::uint32_t any_gfp(Thread& thread) const;
  [[nodiscard]] bool judge(Thread& thread, Call call, std::uint32_t gfp, std::uint32_t order,
                           const labyrinth_target_answer& answer, std::uint64_t wakes);
  void allocate_bulk(Thread& thread);
  void allocate_exact(Thread& thread);
  void balance(Thread& thread);
  void free_what_is_not_live(Thread& thread);

  Created created_;
  bool handlers_allocate_;
  std::vector<std::uint64_t> blocks_at_start_;
  std::atomic<bool> woken_{false};
};

}  // namespace labyrinth::native
