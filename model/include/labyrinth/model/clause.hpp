// The requirements by identifier, each with the sentence a person reads when it is broken (design, section
// 4).
#pragma once

#include <cstdint>
#include <string_view>

namespace labyrinth::model {

/// One requirement. The enumerators are the stable identifiers of docs/requirements.md.
enum class Clause : std::uint8_t {
  kNone,
  X1,
  X2,
  X3,
  X4,
  X5,
  X6,
  N1,
  N2,
  N3,
  N4,
  E1,
  E2,
  E3,
  E4,
  C1,
  C2,
  C3,
  M1,
  L1
};

inline constexpr Clause kLastClause = Clause::L1;

[[nodiscard]] constexpr std::string_view name(Clause clause) noexcept {
  switch (clause) {
    case Clause::kNone:
      return "none";
    case Clause::X1:
      return "X1";
    case Clause::X2:
      return "X2";
    case Clause::X3:
      return "X3";
    case Clause::X4:
      return "X4";
    case Clause::X5:
      return "X5";
    case Clause::X6:
      return "X6";
    case Clause::N1:
      return "N1";
    case Clause::N2:
      return "N2";
    case Clause::N3:
      return "N3";
    case Clause::N4:
      return "N4";
    case Clause::E1:
      return "E1";
    case Clause::E2:
      return "E2";
    case Clause::E3:
      return "E3";
    case Clause::E4:
      return "E4";
    case Clause::C1:
      return "C1";
    case Clause::C2:
      return "C2";
    case Clause::C3:
      return "C3";
    case Clause::M1:
      return "M1";
    case Clause::L1:
      return "L1";
  }
  return "?";
}

[[nodiscard]] constexpr std::string_view sentence(Clause clause) noexcept {
  switch (clause) {
    case Clause::kNone:
      return "nothing was broken";
    case Clause::X1:
      return "a frame belongs to at most one live block";
    case Clause::X2:
      return "a block is aligned to its order and inside the memory given; orders and flags that do not "
             "exist are "
             "refused";
    case Clause::X3:
      return "free is total and exact: a live block's free always succeeds, anything else is answered "
             "bad_argument";
    case Clause::X4:
      return "nothing is lost: once everything is freed, everything can be allocated again";
    case Clause::X5:
      return "a block's content is its owner's between the answer and the free; what is to be zeroed is zero";
    case Clause::X6:
      return "exclusive blocks come only from the isolated zone, and carry nothing over from one owner to "
             "the "
             "next";
    case Clause::N1:
      return "a call that may not sleep reaches no blocking operation";
    case Clause::N2:
      return "a call returns within the declared number of steps when all others are stopped wherever they "
             "are";
    case Clause::N3:
      return "a call returns within the declared number of shared-memory steps, whatever others do";
    case Clause::N4:
      return "any call is permitted inside any interrupted call";
    case Clause::E1:
      return "after a success, what is left is not below the caller's floor, and no zone was passed over";
    case Clause::E2:
      return "exhausted and fragmented are answered only if, within the call, the memory not held by others "
             "was short";
    case Clause::E3:
      return "contended is answered only if another context took a conflicting step during the call";
    case Clause::E4:
      return "the reserves and rooms are given only to those entitled to them";
    case Clause::C1:
      return "a request that may sleep, made where sleeping is not permitted, is answered bad_context";
    case Clause::C2:
      return "a mapping reaches its frame and no other; local ones are a stack that never sleeps; mistakes "
             "are "
             "reported";
    case Clause::C3:
      return "background reclaim is woken when asked for and the count passes below low, and only then";
    case Clause::M1:
      return "no data race: conflicting accesses are ordered by happens-before or both atomic";
    case Clause::L1:
      return "answers are linearizable: some order of the calls that keeps precedence explains all of them";
  }
  return "?";
}

}  // namespace labyrinth::model
