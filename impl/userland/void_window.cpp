// mprotect() decides what can be touched, madvise(MADV_DONTNEED) destroys what was there.
#include "labyrinth/void_window.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace labyrinth {
namespace {

constexpr unsigned char kPoison = 0xaa;

// The functions are called from signal handlers, which must not change errno for those they interrupted.
class ErrnoKept {
 public:
  ErrnoKept() noexcept : kept_(errno) {}
  ~ErrnoKept() { errno = kept_; }
  ErrnoKept(const ErrnoKept&) = delete;
  ErrnoKept& operator=(const ErrnoKept&) = delete;

 private:
  int kept_;
};

[[nodiscard]] const VoidWindow& window_of(void* self) noexcept {
  return *static_cast<const VoidWindow*>(self);
}
[[nodiscard]] Frames count(std::uint64_t frames) noexcept { return {static_cast<std::int64_t>(frames)}; }

}  // namespace

VoidWindow::VoidWindow(Pfn first, Frames frames, Guard guard) noexcept
    : first_(first), stride_(guard == Guard::kNone ? 1 : 2) {
  if (frames.value < 1 || frames.value > static_cast<std::int64_t>(LABYRINTH_MAX_FRAMES)) return;
  if (sysconf(_SC_PAGESIZE) != static_cast<long>(kFrameBytes)) return;
  const std::size_t size = bytes_of(frames) * stride_ + 2 * kFrameBytes;
  void* const start =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return;
  // Used once while it is one mapping: what it is split into afterwards can then become one again. Mappings
  // that are first used apart stay apart (Linux: anon_vma), and there may be only so many.
  *static_cast<volatile std::byte*>(start) = std::byte{0};
  // Of a process that has locked all of its future memory, too (see the constructor's comment).
  munlock(start, size);
  const bool good = mprotect(start, size, PROT_NONE) == 0 && madvise(start, size, MADV_DONTNEED) == 0 &&
                    madvise(start, size, MADV_DONTFORK) == 0 && madvise(start, size, MADV_DONTDUMP) == 0;
  if (!good) {
    munmap(start, size);
    return;
  }
  start_ = static_cast<std::byte*>(start);
  base_ = start_ + kFrameBytes;
  size_ = size;
}

VoidWindow::~VoidWindow() {
  if (start_ != nullptr) munmap(start_, size_);
}

bool VoidWindow::unmap(Pfn pfn, Frames frames) const noexcept {
  const ErrnoKept kept;
  std::byte* const block = address_of(pfn);
  // Twice: the first one finds out whether it can be done at all, while nothing has changed; the second one
  // destroys what an owner that does not know better may have written in between.
  return madvise(block, bytes_of(frames), MADV_DONTNEED) == 0 &&
         mprotect(block, bytes_of(frames), PROT_NONE) == 0 &&
         madvise(block, bytes_of(frames), MADV_DONTNEED) == 0;
}

bool VoidWindow::remap(Pfn pfn, Frames frames) const noexcept {
  const ErrnoKept kept;
  return mprotect(address_of(pfn), bytes_of(frames), PROT_READ | PROT_WRITE) == 0;
}

void VoidWindow::poison(Pfn pfn, Frames frames) const noexcept {
  std::memset(address_of(pfn), kPoison, bytes_of(frames));
}

bool VoidWindow::is_poisoned(Pfn pfn, Frames frames) const noexcept {
  const std::byte* const block = address_of(pfn);
  // Equal to its own first byte all along.
  return block[0] == std::byte{kPoison} && std::memcmp(block, block + 1, bytes_of(frames) - 1) == 0;
}

void VoidWindow::serve(Port& port) noexcept {
  port.self = this;
  // What has just been mapped is zero: the kernel gives it memory at the first touch.
  port.zero = [](void*, std::uint64_t, std::uint64_t) {};
  port.poison = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    window_of(self).poison(Pfn{pfn}, count(frames));
  };
  port.is_poisoned = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return window_of(self).is_poisoned(Pfn{pfn}, count(frames));
  };
  port.unmap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return window_of(self).unmap(Pfn{pfn}, count(frames));
  };
  port.remap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return window_of(self).remap(Pfn{pfn}, count(frames));
  };
}

}  // namespace labyrinth
