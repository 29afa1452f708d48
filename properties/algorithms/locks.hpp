// Locks for two threads, 0 and 1, of loads and stores and a few exchanges, each with a wrong variant or two.
#pragma once

#include <array>
#include <cstdint>

#include "../machine_fixture.hpp"

namespace labyrinth::machine::testing {

/// Of compare-exchanges; its waiting loop writes nothing as long as it fails.
class ExchangeLock {
 public:
  void lock(unsigned) {
    while (!held_.compare_exchange(0, 1, false)) {
    }
  }
  void unlock(unsigned) { held_.store(0, kRelease); }

 private:
  Location held_;
};

enum class Tickets : std::uint8_t {
  kCorrect,
  kInTwoSteps,    ///< Draws a ticket by a load and a store: two may draw the same.
  kLooksRelaxed,  ///< Does not see what the one before it has done.
};

template <Tickets kVariant>
class TicketLock {
 public:
  void lock(unsigned) {
    std::uint32_t ticket = 0;
    if (kVariant != Tickets::kInTwoSteps) {
      ticket = next_.add(1, kRelaxed);
    } else {
      ticket = next_.load(kRelaxed);
      next_.store(ticket + 1, kRelaxed);
    }
    while (serving_.load(kVariant == Tickets::kLooksRelaxed ? kRelaxed : kAcquire) != ticket) {
    }
  }
  void unlock(unsigned) { serving_.store(serving_.load(kRelaxed) + 1, kRelease); }

 private:
  Location next_, serving_;
};

enum class Peterson : std::uint8_t {
  kCorrect,
  kTurnFirst,       ///< Gives the turn away before it says that it wants the lock.
  kNoTurn,          ///< Both may wait for each other for good.
  kReleaseAcquire,  ///< Both may miss that the other one wants the lock.
};

/// Peterson (Information Processing Letters 12, 1981).
template <Peterson kVariant>
class PetersonLock {
 public:
  void lock(unsigned self) {
    const unsigned other = 1 - self;
    if (kVariant == Peterson::kTurnFirst) turn_.store(other, kStore);
    wants_[self].store(1, kStore);
    if (kVariant != Peterson::kTurnFirst && kVariant != Peterson::kNoTurn) turn_.store(other, kStore);
    while (wants_[other].load(kLoad) != 0 && (kVariant == Peterson::kNoTurn || turn_.load(kLoad) == other)) {
    }
  }
  void unlock(unsigned self) { wants_[self].store(0, kRelease); }

 private:
  static constexpr int kStore = kVariant == Peterson::kReleaseAcquire ? kRelease : kSeqCst;
  static constexpr int kLoad = kVariant == Peterson::kReleaseAcquire ? kAcquire : kSeqCst;
  std::array<Location, 2> wants_;
  Location turn_;
};

enum class Dekker : std::uint8_t {
  kCorrect,
  kLooksOnce,  ///< Who has the turn does not wait for the other one to step back.
};

/// Dekker, after Dijkstra (EWD 123, 1965).
template <Dekker kVariant>
class DekkerLock {
 public:
  void lock(unsigned self) {
    const unsigned other = 1 - self;
    wants_[self].store(1, kSeqCst);
    while (wants_[other].load(kSeqCst) != 0) {
      if (turn_.load(kSeqCst) == other) {
        wants_[self].store(0, kSeqCst);
        while (turn_.load(kSeqCst) == other) {
        }
        wants_[self].store(1, kSeqCst);
      }
      if (kVariant == Dekker::kLooksOnce) return;
    }
  }
  void unlock(unsigned self) {
    turn_.store(1 - self, kSeqCst);
    wants_[self].store(0, kSeqCst);
  }

 private:
  std::array<Location, 2> wants_;
  Location turn_;
};

}  // namespace labyrinth::machine::testing
