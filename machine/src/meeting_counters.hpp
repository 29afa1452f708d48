// Which accesses a run brought together, as counters for fuzzers: two schedules that execute the same code
// differ here.
//
// A meeting is a pair of places in the code whose accesses touch one location one after the other in
// different contexts, one of them a write: what it read from, or what it overwrote; and whether the earlier
// context was still in its call. Such pairs are the alias coverage of Krace (Xu, Kashyap, Zhao, Kim: S&P
// 2020).
#pragma once

#include <cstdint>
#include <span>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::machine {

class MeetingCounters {
 public:
  void count_in(std::span<std::uint8_t, kMeetingCounters> counters) noexcept { counters_ = counters.data(); }
  /// Places are counted from here, so that they are the same in every process.
  void measure_from(std::uintptr_t base) noexcept { base_ = static_cast<std::uint32_t>(base); }

  void note(std::uint32_t earlier, std::uint32_t later, bool within_call) noexcept {
    if (counters_ == nullptr) return;
    constexpr std::uint32_t kOdd = 0x9e37'79b1;  // Knuth's multiplicative hashing: the high bits are good.
    const std::uint32_t pair = (measured(earlier) * kOdd) ^ measured(later);
    const std::uint32_t mixed = (pair * 2 + (within_call ? 1U : 0U)) * kOdd;
    counters_[mixed >> 20] = 1;
  }

  /// While one stands, nothing is counted.
  class Pause {
   public:
    explicit Pause(MeetingCounters& meetings) noexcept : meetings_(meetings), counters_(meetings.counters_) {
      meetings.counters_ = nullptr;
    }
    ~Pause() { meetings_.counters_ = counters_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    MeetingCounters& meetings_;
    std::uint8_t* counters_;
  };

 private:
  [[nodiscard]] std::uint32_t measured(std::uint32_t site) const noexcept {
    return site == 0 ? 0 : site - base_;
  }

  static_assert(kMeetingCounters == std::size_t{1} << (32 - 20));
  std::uint8_t* counters_ = nullptr;
  std::uint32_t base_ = 0;
};

}  // namespace labyrinth::machine
