// Holds what kmalloc and kfree answer against the model, online, as the Checker does for blocks.
//
// An object's name is its address, whatever its size: a free that takes effect when another object is live
// there frees that one. So a free in progress may be the one that ended any object at its address since it
// was called, and which of several it was shows in their answers.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/objects.hpp"

namespace labyrinth::machine {

class ObjectChecker {
 public:
  struct Object {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;   ///< As asked for.
    std::uint64_t extent = 0;  ///< As taken up.
    std::uint8_t call = kNoCall;
    bool watched = false;  ///< X5: its owner's alone from the answer on, whatever the order of the instants.
    [[nodiscard]] bool overlaps(std::uint64_t first, std::uint64_t length) const noexcept {
      return address < first + length && first < address + extent;
    }
  };

  /// `batch`: the most frames that a call in progress may hold instead of what it asked for.
  void begin_run(const model::ObjectMemory& memory, model::Frames batch) noexcept;

  void begin_kmalloc(std::uint8_t context, const model::ObjectRequest& request) noexcept;
  [[nodiscard]] Violation end_kmalloc(std::uint8_t context, std::uint8_t call,
                                      const model::ObjectAnswer& answer, bool conflict) noexcept;
  /// The object answered last, if it is live: not if a stale free had hit it before the answer.
  [[nodiscard]] const Object* placed() const noexcept { return placed_; }

  void begin_kfree(std::uint8_t context, std::uint64_t address) noexcept;
  [[nodiscard]] Violation end_kfree(std::uint8_t context, model::Status status) noexcept;

  /// The live object at that address; null if there is none.
  [[nodiscard]] const Object* find(std::uint64_t address) const noexcept;
  /// X5: the watched object that these bytes meet, unless a free of it is in progress; or null.
  [[nodiscard]] const Object* owned(std::uint64_t address, std::uint64_t bytes) const noexcept;
  /// Whether a free was answered ok before what it freed was: from then on who owns what is not certain.
  [[nodiscard]] bool is_uncertain() const noexcept { return uncertain_; }
  /// The object that became live first; null if none is left.
  [[nodiscard]] const Object* any() const noexcept { return live_count_ == 0 ? nullptr : live_.data(); }
  /// Frames that nothing is kept in any more: the target has been told to give back what is empty.
  void trimmed() noexcept { used_classes_ = strays_ = 0; }

 private:
  struct Open {
    bool is_free = false;
    bool lived = false;  ///< Of a free: its object was live at the call and has been since.
    bool old = false;    ///< Of a free: the address was given out again since the call.
    bool owed = false;   ///< Of a free: it has taken effect, or another of this address in its place.
    model::ObjectRequest request{};
    model::ObjectEvidence seen{};
    model::Frames held{};  ///< Frames that it may hold, whatever it does.
    Object object{};       ///< Of a free: its address; and what it ended, if it is owed.
  };
  struct Early {
    std::uint64_t address = 0;
    std::uint16_t contexts = 0;
  };

  template <class Visit>
  void each_open(Visit visit) noexcept {
    for (unsigned left = in_progress_; left != 0; left &= left - 1) {
      visit(open_[static_cast<std::size_t>(std::countr_zero(left))]);
    }
  }
  [[nodiscard]] Open* free_of(std::uint64_t address, bool owed) noexcept;
  [[nodiscard]] bool is_being_freed(std::uint64_t address) const noexcept;
  void begin(std::uint8_t context) noexcept;
  void end(std::uint8_t context) noexcept;
  void take_stock() noexcept;
  void count(Open& mine) const noexcept;
  void may_keep(std::uint64_t extent) noexcept;
  void kill(std::uint64_t address) noexcept;
  [[nodiscard]] bool owe(const Object& object) noexcept;
  [[nodiscard]] Violation place(const Object& object) noexcept;
  [[nodiscard]] Violation settle_early(std::uint8_t context, std::uint64_t address, bool ok) noexcept;
  [[nodiscard]] Violation carried_out(Open& mine) noexcept;
  [[nodiscard]] Violation refused(Open& mine) noexcept;

  /// The calls of a program, and those that take everything at the end.
  static constexpr std::size_t kMaxLive = kMaxCalls + 2 * 64 + 2;

  model::ObjectMemory memory_{};
  model::Frames batch_{};
  std::array<Object, kMaxLive> live_{};
  std::uint16_t live_count_ = 0;
  std::array<Open, kMaxContexts> open_{};
  std::uint16_t in_progress_ = 0;
  std::array<Early, kMaxContexts> early_{};
  std::uint8_t early_count_ = 0;
  bool uncertain_ = false;
  const Object* placed_ = nullptr;
  std::uint16_t used_classes_ = 0;  ///< Bit per class that may keep an empty frame: one each,
  std::int32_t strays_ = 0;         ///< and one for each call that overlapped another.
};

}  // namespace labyrinth::machine
