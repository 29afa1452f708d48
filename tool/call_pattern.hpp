// Patterns of a shape's programs, such as 0|2,6/any,free: which order each call of each context asks for, or
// that it frees. Contexts are told apart by slashes, the calls of one by commas, what one call may be by
// bars.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

class CallPattern {
 public:
  /// `calls`: of each context of the programs, in their order. Nothing, and why in `error`: it is none for
  /// these.
  [[nodiscard]] static std::optional<CallPattern> of(std::string_view text,
                                                     std::span<const std::uint8_t> calls, std::string& error);
  [[nodiscard]] bool matches(const machine::Trace& trace) const noexcept;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// How many programs of calls of these orders, with so many flags, match, those without sense included.
  [[nodiscard]] std::uint64_t programs(std::span<const std::uint8_t> orders, std::size_t flags) const;

 private:
  /// Bit per order; the next one: a free.
  using Kinds = std::uint16_t;
  static constexpr Kinds kFree = Kinds{1} << (model::kMaxOrder.value + 1);
  static constexpr Kinds kAny = kFree | (kFree - 1);
  [[nodiscard]] static Kinds kinds_of(std::string_view call);

  std::string text_;
  std::vector<Kinds> calls_;  ///< In the order of Trace::calls.
};

}  // namespace labyrinth::tool
