// The memory of the frames.
#include "frames.hpp"

#include <sys/mman.h>

#include <cstdlib>

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

}  // namespace labyrinth::machine
