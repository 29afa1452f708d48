// What a void that is unmapped owes between a free and the next owner: which frames can be reached, and which
// blocks are in limbo (model/limbo.hpp). The checker's memory of it; the rules are checker_limbo.cpp's.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/state.hpp"

namespace labyrinth::machine {

class Limbo {
 public:
  enum class Mapping : std::uint8_t {
    kNone,   ///< No address reaches it: so it is at first.
    kFresh,  ///< Mapped, and nobody has been given it since.
    kUsed,   ///< Mapped, and somebody's since.
  };

  /// A block whose free has been answered while its frames were still mapped.
  struct Entry {
    model::Block block{};
    std::uint32_t born = 0;          ///< Entries are numbered.
    std::uint8_t leaving = kNoCall;  ///< The context whose call in progress has unmapped it, or kNoCall.
  };

  /// Who changed a frame's mapping last: a context, in a call of its by number.
  struct By {
    std::uint8_t context = 0;
    std::uint32_t call = 0;
    friend constexpr bool operator==(const By&, const By&) = default;
  };

  void begin_run(const model::Memory& memory) noexcept {
    ++run_;
    count_ = born_ = 0;
    span_ = {};
    for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
      if (memory.pools[i].unmaps) span_ = memory.pools[i].span;
    }
  }

  /// Of the void, if it is unmapped.
  [[nodiscard]] const model::Span& span() const noexcept { return span_; }
  [[nodiscard]] bool covers(model::Pfn pfn) const noexcept { return span_.contains(pfn, {0}); }

  [[nodiscard]] Mapping mapping(model::Pfn pfn) const noexcept {
    const Frame& frame = frames_[at(pfn)];
    return frame.run == run_ ? frame.mapping : Mapping::kNone;
  }
  void set(model::Pfn pfn, Mapping mapping, By by) noexcept { frames_[at(pfn)] = {run_, mapping, by}; }
  /// Of a frame that has been mapped in this run.
  [[nodiscard]] By changed_by(model::Pfn pfn) const noexcept { return frames_[at(pfn)].by; }

  [[nodiscard]] std::span<Entry> entries() noexcept { return {entries_.data(), count_}; }
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return {entries_.data(), count_}; }
  [[nodiscard]] std::uint32_t born() const noexcept { return born_; }
  void add(const model::Block& block, std::uint8_t leaving) noexcept {
    if (count_ < entries_.size()) entries_[count_++] = {block, ++born_, leaving};
  }
  void remove(std::size_t index) noexcept { entries_[index] = entries_[--count_]; }

 private:
  struct Frame {
    std::uint32_t run = 0;
    Mapping mapping = Mapping::kNone;
    By by{};
  };
  [[nodiscard]] std::size_t at(model::Pfn pfn) const noexcept { return pfn.value - span_.first.value; }

  model::Span span_{};
  std::uint32_t run_ = 0;
  std::array<Frame, kMaxFrames> frames_{};  ///< By distance from its first frame.
  std::array<Entry, kMaxCalls + kMaxContexts> entries_{};
  std::uint32_t count_ = 0;
  std::uint32_t born_ = 0;
};

/// Whether the blocks have a frame in common.
[[nodiscard]] constexpr bool meet(const model::Block& left, const model::Block& right) noexcept {
  const auto size = [](const model::Block& block) {
    return static_cast<std::uint64_t>(block.order.frames().count);
  };
  return left.pfn.value < right.pfn.value + size(right) && right.pfn.value < left.pfn.value + size(left);
}

}  // namespace labyrinth::machine
