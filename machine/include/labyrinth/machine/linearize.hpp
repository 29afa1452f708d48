// Linearizability of a history: whether some order of the operations, one that keeps precedence, explains
// every answer. The algorithm is that of Wing and Gong (Testing and Verifying Concurrent Objects, JPDC 1993),
// with the memo of Lowe (Testing for Linearizability, CCPE 2017).
//
// The allocator is taken for two objects, who owns which block (X1, X3) and how many frames of each pool are
// counted as free (E1, E2, C3), and a call for an operation of each. Linearizability is local (Herlihy and
// Wing, TOPLAS 1990, Theorem 1): each object is judged for itself, and a call may take effect on them at two
// different instants. docs/linearizability.md says why it has to be so, and how this compares with the online
// rules of the checker.
#pragma once

#include <cstdint>
#include <memory>

#include "labyrinth/machine/history.hpp"
#include "labyrinth/machine/verdict.hpp"

namespace labyrinth::machine {

class Linearizer {
 public:
  enum class Verdict : std::uint8_t {
    kExplained,
    kUnexplained,
    kNotJudged,  ///< Result::reason says why.
  };
  struct Result {
    Verdict verdict = Verdict::kExplained;
    const char* reason = "";     ///< A sentence in static storage.
    std::uint8_t operation = 0;  ///< Of an unexplained history: the answer up to which it was explained.
    /// It is explained only if a success passed over blocks that others had taken meanwhile.
    bool by_blocks = false;
    [[nodiscard]] bool explained() const noexcept { return verdict == Verdict::kExplained; }
  };

  Linearizer();
  ~Linearizer();
  Linearizer(const Linearizer&) = delete;
  Linearizer& operator=(const Linearizer&) = delete;

  /// Calls that have not been answered may have taken effect, or not. No heap is used.
  [[nodiscard]] Result judge(const History& history) noexcept;

  /// The two objects, by themselves. `answers`: only so many answers are known.
  [[nodiscard]] Result judge_owners(const History& history, std::uint8_t answers) noexcept;
  [[nodiscard]] Result judge_counts(const History& history, std::uint8_t answers) noexcept;

 private:
  struct Searches;
  [[nodiscard]] Result judge_prefix(const History& history, std::uint8_t answers) noexcept;
  std::unique_ptr<Searches> searches_;
};

}  // namespace labyrinth::machine
