// Global slots: which frame each of them reaches and who counts on it, without locks.
//
// Invariant: at most one slot in use holds a frame. Slots are put to use one at a time: to whom belongs the
// *turn*, a word that names a slot, a frame and a number, is decided by one compare-exchange, and then
// carried out by whoever comes by, interrupted or not. So who looked through all slots during one and the
// same turn knows that none was put to use meanwhile: a frame that was in none of them still is in none, and
// slots that were all in use were so at once.
//
//      idle ──turn──> pinned ──set_slot, ready──> users ──last unmap──> idle
//                       ^ pin: another map() of the frame │
//                       └─────────────────────────────────┘
//
// A map() in progress pins its slot, so that the slot is nobody else's while set_slot() runs, whatever bogus
// unmaps do: they take users alone. Two map() calls that find a slot not ready both call set_slot, with the
// same frame.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "labyrinth/mapping.h"
#include "labyrinth/types.hpp"
#include "mapping_words.hpp"

namespace labyrinth::mapping {

class Slots {
 public:
  // How often a map() looks through the slots before it answers kContended, how often a call repeats a
  // compare-exchange that it lost, and how often a map() waits.
  static constexpr std::uint32_t kRounds = 4;
  static constexpr std::uint32_t kTries = 16;
  static constexpr std::uint32_t kWaits = LABYRINTH_MAX_MAP_WAITS;

  Slots(const labyrinth_mapper_config& config, std::byte* metadata) noexcept;
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // `frame` is an offset from first_pfn, inside the mapper. Sleeping is permitted.
  [[nodiscard]] Status map(Word frame, void*& address) noexcept;
  [[nodiscard]] Status unmap(Word frame) noexcept;
  // Relaxed: a waiter compares it with itself alone.
  [[nodiscard]] std::uint32_t freed() const noexcept { return freed_.load(std::memory_order_relaxed); }

  [[nodiscard]] static std::size_t size_of(std::uint32_t count) noexcept { return count * sizeof(Slot); }
  [[nodiscard]] std::uint64_t map_steps() const noexcept;
  [[nodiscard]] std::uint64_t unmap_steps() const noexcept;

 private:
  struct Slot {
    std::atomic<Word> word{0};
    std::atomic<void*> address{nullptr};
  };
  // What one look through all slots found, and the turn that it fell into.
  struct View {
    Word turn = 0;
    std::uint32_t slot = kNoSlot;  // Best to use: the frame's own, if `found` or if it is idle with it.
    Word word = 0;
    bool found = false;  // In use, by this frame.
  };
  [[nodiscard]] View look_for(Word frame) const noexcept;
  [[nodiscard]] Status try_map(Word frame, std::uint32_t& slot) noexcept;
  [[nodiscard]] Status pin(std::uint32_t slot, Word word, Word frame, std::uint32_t& tries) noexcept;
  void carry_out(Word turn) noexcept;
  [[nodiscard]] void* finish(std::uint32_t slot, Word frame) noexcept;
  [[nodiscard]] std::uint32_t after(std::uint32_t slot) const noexcept {
    return slot + 1 < count_ ? slot + 1 : 0;
  }

  const labyrinth_map_port port_;
  const std::uint64_t first_pfn_;
  const std::uint32_t count_;
  Slot* slots_ = nullptr;
  std::atomic<Word> turn_{nobodys(0)};
  std::atomic<std::uint32_t> freed_{0};
};

}  // namespace labyrinth::mapping
