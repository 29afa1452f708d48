// The frames a target manages, and the watch over their content (X5).
//
// Two watches: a hook into a frame that is live is a violation at once; and each owner's use of its frames,
// from the answer to the free, counts as a write of them, which must happen-before the next owner's: an
// allocator that hands a frame over without release and acquire is caught here although it never touches the
// frame.
#pragma once

#include <array>
#include <cstdint>

#include "core.hpp"

namespace labyrinth::machine {

inline constexpr std::size_t kFrameBytes = 4096;

class Frames {
 public:
  /// The address of the first frame, mapped at first use; memory is taken up only by frames that a target
  /// touches.
  [[nodiscard]] std::byte* base() noexcept;

  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept {
    return address - reinterpret_cast<std::uintptr_t>(base_) < std::size_t{kMaxFrames} * kFrameBytes &&
           base_ != nullptr;
  }
  [[nodiscard]] std::uint32_t frame_at(std::uintptr_t address) const noexcept {
    return static_cast<std::uint32_t>((address - reinterpret_cast<std::uintptr_t>(base_)) / kFrameBytes);
  }

  /// Keeps the frame's content for rollback(), once a run: before anything of it is written. False if there
  /// is no place left.
  [[nodiscard]] bool save(std::uint32_t frame) noexcept {
    return saved_in_[frame] == run_ || save_slowly(frame);
  }
  /// The same for the places alone that an owner writes to: most frames that have an owner are touched by
  /// nobody else.
  [[nodiscard]] bool save_places(std::uint32_t frame) noexcept {
    return saved_in_[frame] == run_ || places_saved_in_[frame] == run_ || save_places_slowly(frame);
  }
  /// Both ends and the middle of a frame: 8 bytes each.
  static constexpr std::array<std::size_t, 3> kOwnersPlaces = {0, kFrameBytes / 2, kFrameBytes - 8};
  /// As Shadow::changes(): of the frames that a target has touched;
  [[nodiscard]] std::uint64_t changes() const noexcept;
  /// and of what owners have written to others.
  [[nodiscard]] std::uint64_t changes_by_owners() const noexcept;
  void rollback() noexcept;

  [[nodiscard]] std::byte* content(std::uint32_t frame) noexcept { return base_ + frame * kFrameBytes; }

  /// Forget all use; costs nothing.
  void begin_run() noexcept { ++run_; }

  /// Nobody has used these frames yet.
  void forget(std::uint32_t first, std::uint32_t count) noexcept {
    for (std::uint32_t frame = first; frame < first + count; ++frame) uses_[frame] = {};
  }

  /// The present context uses the frames [first, first + count), offsets in the zone. Returns the context
  /// whose use is not ordered before this, or kNoCall.
  [[nodiscard]] std::uint8_t use(std::uint32_t first, std::uint32_t count) noexcept {
    const Running& me = *core.now;
    const Use mine{run_, me.clock.of(me.index), me.index};
    std::uint8_t unordered = kNoCall;
    for (std::uint32_t frame = first; frame < first + count; ++frame) {
      const Use last = uses_[frame];
      if (last.run == run_ && last.clock > me.clock.of(last.context)) unordered = last.context;
      uses_[frame] = mine;
    }
    return unordered;
  }

 private:
  struct Use {
    std::uint32_t run = 0;
    std::int16_t clock = 0;
    std::uint8_t context = 0;
  };
  static constexpr std::uint32_t kMaxSaved = 8192;
  [[nodiscard]] bool save_slowly(std::uint32_t frame) noexcept;
  [[nodiscard]] bool save_places_slowly(std::uint32_t frame) noexcept;

  struct Places {
    std::uint32_t frame;
    std::array<std::uint64_t, kOwnersPlaces.size()> values;
  };

  std::byte* base_ = nullptr;
  std::byte* saved_ = nullptr;  ///< The contents, one behind the other.
  std::uint32_t saved_count_ = 0;
  std::array<std::uint32_t, kMaxSaved> saved_frames_{};
  std::array<std::uint32_t, kMaxFrames> saved_in_{};  ///< The run in which a frame was saved last.
  /// Saved before any whole frame that they lie in, if that was saved too.
  std::array<Places, kMaxSaved> saved_places_;
  std::uint32_t saved_places_count_ = 0;
  std::array<std::uint32_t, kMaxFrames> places_saved_in_{};
  std::uint32_t run_ = 0;
  std::array<Use, kMaxFrames> uses_{};
};

[[gnu::visibility("hidden")]] extern Frames frames;
inline constexpr const char* kNoPlaceForFrames = "the run has used the content of more than 8192 frames";

[[nodiscard]] inline bool in_frames(std::uintptr_t address) noexcept { return frames.contains(address); }

/// A target's access hit a frame: a violation if the frame is live (program.cpp knows). Keeps its content.
void touch_frame(std::uintptr_t address) noexcept;

/// A target read or wrote so many bytes of frames at once: each frame counts as used, and no byte of it as a
/// location of its own.
void touch_frames(std::uintptr_t address, std::size_t bytes) noexcept;
/// Whether it lies in the objects' memory, behind all frames that are handed out as such.
[[nodiscard]] bool in_objects(std::uintptr_t address) noexcept;
inline constexpr std::size_t kRangeOfFrames =
    64;  ///< Bytes from which on an access is taken to be of frames.

}  // namespace labyrinth::machine
