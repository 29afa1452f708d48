// Every small program of a shape: each task and handler makes its few calls, each call in turn every kind of
// call. What the standard explorations explore.
#pragma once

#include <cstdint>
#include <vector>

#include "call_pattern.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

struct Shape {
  std::uint8_t cpus = 2;
  std::uint8_t tasks = 1;     ///< On each CPU.
  std::uint8_t idle = 0;      ///< CPUs besides, which have no task of their own.
  std::uint8_t calls = 2;     ///< Of each task.
  std::uint8_t handlers = 0;  ///< On CPU 0, of one call each.
  std::vector<model::Level> levels{model::Level::kHardirq};  ///< Of the handlers, in turn; lower ones first.
  std::vector<model::Gfp> flags{model::kAtomic};
  std::vector<std::uint8_t> orders{0};
  std::uint32_t frames = 0;      ///< Of the one zone; 0: as many as the program asks for in all, so that each
                                 ///< order of its calls is decided by a watermark or by the last block.
  std::uint32_t highatomic = 0;  ///< Pageblocks that the zone may set apart for highatomic requests.
  std::vector<CallPattern> only{};    ///< Programs of these alone; none: all,
  std::vector<CallPattern> except{};  ///< but of these.
};

/// A call allocates with one of the flags and one of the orders, or frees: the last block of its own context
/// that it has not freed, or else the first one of another context.
class SmallPrograms {
 public:
  explicit SmallPrograms(Shape shape);
  /// Numbers below this one name a program; those that make no sense are left out by make().
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// False: a program in which some free has nothing to free, or that the shape leaves out.
  [[nodiscard]] bool make(std::uint64_t number, machine::Trace& trace) const;

 private:
  Shape shape_;
  std::uint64_t kinds_ = 0;  ///< Of one call.
  std::uint64_t count_ = 0;
};

}  // namespace labyrinth::tool
