// Plain targets: compiled without hooks. They run call by call at the speed of shipping code. Since nobody
// sees what they write, all that they could have written is put back after each run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/machine/target.h"

namespace labyrinth::machine {

/// Variables of a plain target's object: what of it can be written, but for the counters of what is covered.
/// So many bytes, of larger ones the beginning.
inline constexpr std::size_t kMaxGlobals = std::size_t{64} << 10;

class Plain {
 public:
  /// Of the target that is in use from here on.
  void use(const labyrinth_target& table) noexcept;

  /// A target was created in these bytes of the arena, which begin at a multiple of 8: runs start from what
  /// they hold now.
  static void keep(std::size_t begin, std::size_t end) noexcept;
  /// As Shadow::changes().
  [[nodiscard]] static std::uint64_t changes(std::size_t begin, std::size_t end) noexcept;

  /// Around each run: of its target's variables, and of the bytes of the arena that were kept.
  void begin_run() noexcept;
  /// `used`: from `end` to there the run has taken what it took from the heap.
  void rollback(std::size_t begin, std::size_t end, std::size_t used) noexcept;

 private:
  static constexpr std::size_t kMaxParts = 8;
  std::span<std::byte> parts_[kMaxParts];
  std::size_t part_count_ = 0;
  std::byte kept_[kMaxGlobals];
};

}  // namespace labyrinth::machine
