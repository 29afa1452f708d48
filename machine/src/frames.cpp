// The memory of the frames.
#include "frames.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

namespace labyrinth::machine {

constinit Frames frames{};

std::byte* Frames::base() noexcept {
  if (base_ == nullptr) {
    void* memory = mmap(nullptr, std::size_t{kMaxFrames} * kFrameBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    base_ = static_cast<std::byte*>(memory);
  }
  return base_;
}

bool Frames::save_slowly(std::uint32_t frame) noexcept {
  if (saved_ == nullptr) {
    void* memory = mmap(nullptr, std::size_t{kMaxSaved} * kFrameBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    saved_ = static_cast<std::byte*>(memory);
  }
  if (saved_count_ == kMaxSaved) return false;
  std::memcpy(saved_ + saved_count_ * kFrameBytes, content(frame), kFrameBytes);
  saved_frames_[saved_count_++] = frame;
  saved_in_[frame] = run_;
  return true;
}

bool Frames::unchanged() const noexcept {
  for (std::uint32_t i = 0; i < saved_count_; ++i) {
    const std::byte* const now = base_ + saved_frames_[i] * kFrameBytes;
    if (std::memcmp(now, saved_ + i * kFrameBytes, kFrameBytes) != 0) return false;
  }
  return true;
}

void Frames::rollback() noexcept {
  while (saved_count_ != 0) {
    --saved_count_;
    std::memcpy(content(saved_frames_[saved_count_]), saved_ + saved_count_ * kFrameBytes, kFrameBytes);
  }
}

}  // namespace labyrinth::machine
