// What a worker and its coordinator tell each other without messages, in memory they share: so that a worker
// can look after each run whether something is asked of it.
#pragma once

#include <atomic>
#include <cstdint>

#include "labyrinth/machine/journal.hpp"

namespace labyrinth::tool {

enum class Request : std::uint32_t {
  kNone,
  kSplit,  ///< Give away some of what is left.
  kStop,   ///< Report, and leave the rest undone.
};

struct alignas(64) Board {
  std::atomic<Request> request{Request::kNone};
  std::atomic<std::uint32_t> deepest{0};
  std::atomic<std::uint32_t> preemptions{0};
  std::atomic<std::uint64_t> program{0};     ///< The one that is being explored.
  std::atomic<std::uint64_t> executions{0};  ///< All that the worker has made, roughly.
  std::atomic<double> left{0};               ///< Of its work, about, in programs.
  machine::Journal journal;                  ///< Of its runs.
};

}  // namespace labyrinth::tool
