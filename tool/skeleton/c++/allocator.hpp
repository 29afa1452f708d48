// A page allocator for single frames: a bit for each, 64 to a word. Lock-free and without sleep, so that any
// context may call it: a task, an interrupt handler, and whoever interrupts either half way through.
//
// Credits come first. A frame is free twice over: its bit is clear, and the counter has a credit for it. Who
// allocates takes a credit before a bit; who frees clears the bit before returning the credit. So a credit
// always leads to a clear bit, and the counter alone decides that nothing is left: a search that found no
// bit may have looked at each word just before a frame was freed there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

class FrameBitmap {
 public:
  static constexpr std::uint64_t kNone = UINT64_MAX;

  /// Bytes of memory that a bitmap of so many frames lives in.
  [[nodiscard]] static std::size_t size(std::uint64_t frames) noexcept;
  /// A bitmap, all of its frames free, in `memory`: size(frames) zeroed bytes, aligned to 8.
  [[nodiscard]] static FrameBitmap* create(std::uint64_t frames, void* memory) noexcept;

  /// A frame that is the caller's until it is freed, counted from 0; kNone if all are taken.
  [[nodiscard]] std::uint64_t alloc() noexcept;
  /// False, and nothing has changed: the frame was free already, or there is no such frame.
  [[nodiscard]] bool free(std::uint64_t frame) noexcept;

 private:
  explicit FrameBitmap(std::uint64_t frames) noexcept;
  [[nodiscard]] std::atomic<std::uint64_t>* words() noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }

  const std::uint64_t frames_;
  std::atomic<std::uint64_t> credits_;
  // Behind this object: the words. A set bit is a frame that is taken.
};
