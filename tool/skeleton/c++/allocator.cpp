// The two calls of the bitmap, and its making.
#include "allocator.hpp"

#include <bit>
#include <new>

namespace {

constexpr std::uint64_t kBits = 64;
constexpr std::uint64_t words_for(std::uint64_t frames) { return (frames + kBits - 1) / kBits; }

}  // namespace

std::size_t FrameBitmap::size(std::uint64_t frames) noexcept {
  return sizeof(FrameBitmap) + words_for(frames) * sizeof(std::atomic<std::uint64_t>);
}

FrameBitmap* FrameBitmap::create(std::uint64_t frames, void* memory) noexcept {
  return new (memory) FrameBitmap(frames);
}

FrameBitmap::FrameBitmap(std::uint64_t frames) noexcept : frames_(frames), credits_(frames) {
  for (std::uint64_t i = 0; i < words_for(frames); ++i) new (words() + i) std::atomic<std::uint64_t>(0);
  // Bits of the last word that are no frames are taken for good.
  if (frames % kBits != 0) words()[frames / kBits] = ~std::uint64_t{0} << frames % kBits;
}

std::uint64_t FrameBitmap::alloc() noexcept {
  // acquire: pairs with the release in free(), so that the bit which the credit stands for is seen clear.
  std::uint64_t credits = credits_.load(std::memory_order_relaxed);
  do {
    if (credits == 0) return kNone;
  } while (!credits_.compare_exchange_weak(credits, credits - 1, std::memory_order_acquire,
                                           std::memory_order_relaxed));
  // Others may take the bits this looks at and free those that it has passed, so once through the words may
  // not be enough. Whenever it is not, somebody else has got on: that is what lock-free means.
  for (std::uint64_t i = 0;; i = (i + 1) % words_for(frames_)) {
    std::atomic<std::uint64_t>& word = words()[i];
    std::uint64_t bits = word.load(std::memory_order_relaxed);
    while (bits != ~std::uint64_t{0}) {
      const auto bit = static_cast<std::uint64_t>(std::countr_one(bits));
      // acquire: pairs with the release in free(), so that the last owner is done with the frame.
      if (word.compare_exchange_weak(bits, bits | std::uint64_t{1} << bit, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
        return i * kBits + bit;
      }
    }
  }
}

bool FrameBitmap::free(std::uint64_t frame) noexcept {
  if (frame >= frames_) return false;
  const std::uint64_t bit = std::uint64_t{1} << frame % kBits;
  // release: pairs with the acquire in alloc(). Of two frees of one frame, one finds the bit set.
  if ((words()[frame / kBits].fetch_and(~bit, std::memory_order_release) & bit) == 0) return false;
  credits_.fetch_add(1, std::memory_order_release);
  return true;
}
