// The two searches of linearize.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/machine/history.hpp"
#include "linearize_memo.hpp"

namespace labyrinth::machine {

enum class Found : std::uint8_t { kOrder, kNoOrder, kGaveUp };

/// The operations in the order in which they are tried: that of their answers, since most took effect not
/// long before.
struct Lineup {
  std::array<std::uint8_t, History::kMost> order{};
  std::uint8_t count = 0;
  OperationSet required = 0;  ///< Those whose answers are known: each has to be explained.

  Lineup(const History& history, std::uint8_t answers) noexcept;
};

/// Who owns what (X1, X3). A success takes its blocks, a free that was carried out gives its block back, and
/// one that was refused needs an instant at which there was no such block. Nothing else has to do with it.
///
/// The memo's key is the set of the operations that have taken their place in the order. It determines who
/// owns what, since the answers are known: the blocks of the set's successes without those of its frees, each
/// of which took away exactly one.
class OwnerSearch {
 public:
  [[nodiscard]] Found run(const History& history, std::uint8_t answers) noexcept;

 private:
  struct Done {
    OperationSet set = 0;
    [[nodiscard]] std::uint64_t hash() const noexcept { return mix(0, set); }
    friend constexpr bool operator==(const Done&, const Done&) = default;
  };
  [[nodiscard]] bool explains(Done done) noexcept;
  void settle(Done& done) const noexcept;
  [[nodiscard]] bool has_effect(std::uint8_t operation) const noexcept;
  [[nodiscard]] bool apply(const Operation& operation) noexcept;
  void undo(const Operation& operation) noexcept;
  [[nodiscard]] bool can_hide_an_owner() const noexcept;

  const History* history_ = nullptr;
  const Lineup* lineup_ = nullptr;
  model::State<History::kMostFrames> owners_{};
  DeadStates<Done, 1U << 14> dead_;
  bool gave_up_ = false;
};

/// How many frames of each pool count as free (E1, E2, C3, and what the relation says of an answer by
/// itself). A success counts its frames off, a free that was carried out counts them back; before, each looks
/// around, and what it sees from its beginning to its place in the order is the relation's evidence.
class CountSearch {
 public:
  /// What is known of a call, in three bits for each pool, must fit into a word.
  static constexpr std::uint8_t kMostPools = 21;

  [[nodiscard]] Found run(const History& history, std::uint8_t answers) noexcept;
  /// Whether the order found was found only with what successes may have seen of blocks.
  [[nodiscard]] bool by_blocks() const noexcept { return by_blocks_; }

 private:
  /// The counts follow from `done`, as owners do. What calls have seen does not, so it is part of the key.
  /// For calls that are over it is forgotten.
  struct Path {
    OperationSet begun = 0;
    OperationSet done = 0;  ///< Has taken its place.
    std::array<std::uint64_t, History::kMost> seen{};
    [[nodiscard]] std::uint64_t hash() const noexcept;
    friend constexpr bool operator==(const Path&, const Path&) = default;
  };
  /// What of an operation does not change during the search.
  struct Fixed {
    model::Frames need{};     ///< 0: it must be refused, whatever there is.
    model::Frames given{};    ///< Of a success.
    model::PoolSet pool = 0;  ///< That a success or a free is about; none, or one.
    model::PoolSet fragmented = 0;
    std::array<model::Frames, kMostPools> low{}, min{},
        held{};  ///< Floors, and what it may hold in progress.
  };

  void prepare() noexcept;
  [[nodiscard]] model::PoolSet find_fragmented(std::uint8_t operation) const noexcept;
  [[nodiscard]] bool can_be_fragmented(std::uint8_t operation, std::uint8_t pool) const noexcept;
  [[nodiscard]] bool was_free_throughout(std::uint8_t operation, const model::Block& block) const noexcept;
  [[nodiscard]] bool explains(Path path) noexcept;
  void settle(Path& path) noexcept;
  [[nodiscard]] bool look(std::uint8_t operation, Path& path) const noexcept;
  [[nodiscard]] bool permits(std::uint8_t operation, const Path& path) noexcept;
  [[nodiscard]] OperationSet over(const Path& path) const noexcept;
  [[nodiscard]] model::Frames held_by(std::uint8_t operation, std::uint8_t pool,
                                      const Path& path) const noexcept;
  [[nodiscard]] bool holds_something(std::uint8_t operation, const Path& path) const noexcept;
  [[nodiscard]] bool answered(std::uint8_t operation) const noexcept {
    return (lineup_->required >> operation & 1U) != 0;
  }
  [[nodiscard]] bool is_taken(const model::Block& block, const Path& path) const noexcept;
  void count(std::uint8_t operation, int sign) noexcept;

  const History* history_ = nullptr;
  const Lineup* lineup_ = nullptr;
  std::array<Fixed, History::kMost> fixed_{};
  std::array<model::Frames, kMostPools> free_{};
  model::Evidence evidence_{};
  DeadStates<Path, 1U << 12> dead_;
  bool gave_up_ = false;
  bool by_blocks_ = false;
};

}  // namespace labyrinth::machine
