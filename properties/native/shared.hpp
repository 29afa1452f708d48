// What a child process leaves to its parent, in memory that both have: whatever becomes of the child, what it
// found until then is there.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "complaints.hpp"
#include "crew.hpp"
#include "step_tracer.hpp"

namespace labyrinth::native {

/// A finding of the trap flag: in the pair of this number, before that instruction of the call.
struct Found {
  std::uint32_t pair = 0;
  step::Stop at{};
  std::uintptr_t ended_at = 0;  ///< The instruction of a crash or of a call that hangs, or 0.
  shipping::Complaint complaint;
  std::uint64_t runs = 0;  ///< Of the pair that broke something; the first one is told.
};

/// What was done with a call and a handler's calls at each of its instructions.
struct PairResult {
  std::uint32_t instructions = 0;  ///< Of the call with no handler in it.
  std::uint32_t points = 0;        ///< Of these, those at which the handler was delivered,
  std::uint32_t missed = 0;        ///< and those that the call did not come to again.
  bool cut = false;                ///< It has more than step::kMostInstructions: the rest was not tried.
  bool done = false;
  std::uint32_t next = 0;  ///< The instruction that is being tried.
};

struct Shared {
  static constexpr std::size_t kMostPairs = 96;

  shipping::Complaints complaints;
  std::atomic<bool> finished{false};  ///< The child said all that it had to say.
  std::atomic<bool> stop{false};      ///< It is asked to.
  std::atomic<std::uintptr_t> ended_at{0};
  std::array<char, 400> note{};     ///< Why nothing can be said.
  std::array<char, 160> machine{};  ///< That the target was created for.
  bool examines = false;            ///< X4 is checked.
  shipping::StressResult result;
  // Of the trap flag:
  std::array<PairResult, kMostPairs> pairs;
  std::array<Found, kMostPairs> found;
  std::atomic<std::uint32_t> found_count{0};
  std::atomic<std::uint64_t> runs{0};
  std::array<step::Stop, step::kMostInstructions> stops;
  std::uint32_t stop_count = 0;
  bool missed = false;

  void say(std::string_view words);
};

/// The one there is, made at the first call.
[[nodiscard]] Shared& shared();

}  // namespace labyrinth::native
