// The memory of the frames.
#include "frames.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

namespace labyrinth::machine {

constinit Frames frames{};

namespace {

/// In four lanes, since each step waits for the one before it.
[[nodiscard]] std::uint64_t hash_of_frame(const std::byte* content) noexcept {
  std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
  for (std::size_t at = 0; at < kFrameBytes; at += sizeof lanes) {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), content + at, sizeof words);
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = (lanes[i] ^ words[i]) * 0x9e3779b97f4a7c15U;
  }
  std::uint64_t hash = 0;
  for (const std::uint64_t lane : lanes) hash = change(hash, lane);
  return hash;
}

}  // namespace

std::byte* Frames::base() noexcept {
  if (base_ == nullptr) {
    // A block is aligned by its address as it is by its number, and so is what allocators of today cut blocks
    // from (mimalloc: 32 MiB).
    constexpr std::size_t kAlignment = std::size_t{32} << 20;
    void* memory = mmap(nullptr, std::size_t{kMaxFrames} * kFrameBytes + kAlignment, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    const auto skipped = -reinterpret_cast<std::uintptr_t>(memory) % kAlignment;
    base_ = static_cast<std::byte*>(memory) + skipped;
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

bool Frames::save_places_slowly(std::uint32_t frame) noexcept {
  if (saved_places_count_ == kMaxSaved) return false;
  Places& saved = saved_places_[saved_places_count_++];
  saved.frame = frame;
  for (std::size_t i = 0; i < kOwnersPlaces.size(); ++i)
    std::memcpy(&saved.values[i], content(frame) + kOwnersPlaces[i], sizeof saved.values[i]);
  places_saved_in_[frame] = run_;
  return true;
}

std::uint64_t Frames::changes(std::uint64_t first, std::uint64_t count) const noexcept {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < saved_places_count_; ++i) {
    const Places& saved = saved_places_[i];
    if (saved.frame - first >= count) continue;
    for (std::size_t k = 0; k < kOwnersPlaces.size(); ++k) {
      const std::uintptr_t place = saved.frame * kFrameBytes + kOwnersPlaces[k];
      std::uint64_t now = 0;
      std::memcpy(&now, base_ + place, sizeof now);
      if (now != saved.values[k]) sum += change(place, now);
    }
  }
  for (std::uint32_t i = 0; i < saved_count_; ++i) {
    if (saved_frames_[i] - first >= count) continue;
    const std::byte* const now = base_ + saved_frames_[i] * kFrameBytes;
    if (std::memcmp(now, saved_ + i * kFrameBytes, kFrameBytes) == 0) continue;
    sum += change(saved_frames_[i], hash_of_frame(now));
  }
  return sum;
}

void Frames::rollback() noexcept {
  while (saved_count_ != 0) {
    --saved_count_;
    std::memcpy(content(saved_frames_[saved_count_]), saved_ + saved_count_ * kFrameBytes, kFrameBytes);
  }
  while (saved_places_count_ != 0) {
    const Places& saved = saved_places_[--saved_places_count_];
    for (std::size_t i = 0; i < kOwnersPlaces.size(); ++i)
      std::memcpy(content(saved.frame) + kOwnersPlaces[i], &saved.values[i], sizeof saved.values[i]);
  }
}

}  // namespace labyrinth::machine
