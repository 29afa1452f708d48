// X6 in a Linux process: what nobody owns cannot be touched, and running over a block's end faults.
#include "labyrinth/void_window.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kFirst = 3;  // not aligned to anything
constexpr std::size_t kBytes = VoidWindow::kFrameBytes;

// Touches an address, and tells whether that faulted, and there.
class Touch {
 public:
  static bool faults(volatile std::byte* at) {
    struct sigaction action{};
    action.sa_sigaction = [](int, siginfo_t* info, void*) {
      fault_ = info->si_addr;
      siglongjmp(back_, 1);
    };
    action.sa_flags = SA_SIGINFO;
    struct sigaction before{};
    EXPECT_EQ(sigaction(SIGSEGV, &action, &before), 0);
    fault_ = nullptr;
    if (sigsetjmp(back_, 1) == 0) *at = std::byte{1};
    EXPECT_EQ(sigaction(SIGSEGV, &before, nullptr), 0);
    return fault_ == const_cast<std::byte*>(at);
  }

 private:
  static inline sigjmp_buf back_;
  static inline void* volatile fault_ = nullptr;
};

volatile sig_atomic_t sections = 0;  // where sleeping is not permitted

class Window : public ::testing::TestWithParam<VoidWindow::Guard> {
 protected:
  Window() {
    Config config{};
    config.first_pfn = kFirst;
    config.isolated = {kFrames, 0, 0, 0, 0, 0};
    config.max_order = 10;
    config.cpus = 1;
    config.port.cpu = [](void*) { return std::uint32_t{0}; };
    config.port.may_sleep = [](void*) { return sections == 0; };
    config.port.report_damage = [](void*, std::uint64_t pfn, std::uint64_t) { damaged = pfn; };
    window.serve(config.port);
    damaged = 0;
    EXPECT_TRUE(window);
    const std::size_t size = Allocator::metadata_size(config);
    metadata_ = make_metadata(size);
    allocator = Allocator::init(config, metadata_.get(), size);
    EXPECT_TRUE(allocator) << "the configuration was refused";
  }

  Page take(std::uint32_t order, Gfp gfp = kKernel) {
    Page page;
    allocator.alloc_page(gfp | kExclusive, Order{order}, page);
    EXPECT_EQ(page.status, Status::kOk);
    return page;
  }
  void free(const Page& page) { EXPECT_EQ(allocator.free_page(page.pfn, page.order), Status::kOk); }
  std::uint64_t drain() {
    std::uint64_t drained = 0;
    EXPECT_EQ(allocator.drain(UINT64_MAX, drained), Status::kOk);
    return drained;
  }
  std::byte* bytes_of(const Page& page) { return window.address_of(page.pfn); }
  static std::size_t size_of(const Page& page) {
    return static_cast<std::size_t>(page.order.frames().value) * kBytes;
  }
  // Of the process's mappings, those that begin in the window: a sanitizer maps for itself meanwhile.
  std::size_t mappings() {
    const auto first = reinterpret_cast<std::uintptr_t>(window.address_of({kFirst}));
    const auto end = reinterpret_cast<std::uintptr_t>(window.address_of({kFirst + kFrames}));
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
      const std::uintptr_t start = std::stoull(line, nullptr, 16);
      count += first <= start && start < end ? 1 : 0;
    }
    return count;
  }
  static bool is_full_of(const std::byte* bytes, std::size_t size, std::byte value) {
    return std::all_of(bytes, bytes + size, [value](std::byte byte) { return byte == value; });
  }

  static constexpr std::uint64_t kFrames = 4096;
  static inline std::uint64_t damaged = 0;
  VoidWindow window{Pfn{kFirst}, Frames{kFrames}, GetParam()};
  Allocator allocator;

 private:
  Metadata metadata_;
};

TEST_P(Window, X6_UseAfterFreeFaults) {
  for (const std::uint32_t order : {0u, 3u, 10u}) {
    const Page page = take(order);
    std::byte* const bytes = bytes_of(page);
    EXPECT_FALSE(Touch::faults(bytes));
    EXPECT_FALSE(Touch::faults(bytes + size_of(page) - 1));
    free(page);
    EXPECT_TRUE(Touch::faults(bytes)) << "order " << order;
    EXPECT_TRUE(Touch::faults(bytes + size_of(page) - 1));
  }
}

TEST_P(Window, X6_TheContentIsGone) {
  const Page page = take(4);
  std::fill_n(bytes_of(page), size_of(page), std::byte{0x11});
  free(page);
  const Page next = take(4);
  ASSERT_EQ(next.pfn, page.pfn);
  EXPECT_TRUE(is_full_of(bytes_of(next), size_of(next), std::byte{0}));
  const Page zeroed = take(4, kKernel | kZero);
  EXPECT_TRUE(is_full_of(bytes_of(zeroed), size_of(zeroed), std::byte{0}));
}

TEST_P(Window, X6_BeforeTheFirstAndAfterTheLastFrameFaults) {
  EXPECT_TRUE(Touch::faults(window.address_of(Pfn{kFirst}) - 1));
  Page page = take(0, kMemalloc);
  std::vector<Page> all;
  for (; page.status == Status::kOk; allocator.alloc_page(kMemalloc | kExclusive, Order{0}, page))
    all.push_back(page);
  EXPECT_EQ(all.size(), kFrames);
  EXPECT_TRUE(Touch::faults(window.address_of(Pfn{kFirst}) - 1));
  const bool guarded = GetParam() == VoidWindow::Guard::kAfterEachBlock;
  EXPECT_TRUE(Touch::faults(window.address_of(Pfn{kFirst + kFrames - 1}) + kBytes));
  EXPECT_EQ(Touch::faults(window.address_of(Pfn{kFirst + 7}) + kBytes), guarded);
  for (const Page& each : all) free(each);
}

TEST_P(Window, X6_FreesInASignalHandlerAreQueuedAndDrainedLater) {
  static Allocator interrupted;
  static Page page;
  static Page next;
  interrupted = allocator;
  page = take(2);
  std::fill_n(bytes_of(page), size_of(page), std::byte{0x11});
  struct sigaction action{};
  action.sa_handler = [](int) {
    sections = sections + 1;
    errno = 77;
    static_cast<void>(interrupted.free_page(page.pfn, page.order));
    interrupted.alloc_page(kAtomic | kExclusive, Order{2}, next);
    if (errno != 77) next.status = Status::kBadArgument;
    sections = sections - 1;
  };
  struct sigaction before{};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  ASSERT_EQ(raise(SIGUSR1), 0);
  ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
  EXPECT_EQ(next.status, Status::kOk) << "mapping is possible in a handler, and leaves errno alone";
  EXPECT_NE(next.pfn, page.pfn) << "what the handler freed is in limbo";
  EXPECT_TRUE(is_full_of(bytes_of(page), size_of(page), std::byte{0xaa})) << "poisoned, and mapped still";
  EXPECT_EQ(drain(), 1u);
  EXPECT_TRUE(Touch::faults(bytes_of(page)));
  EXPECT_EQ(damaged, 0u);
}

TEST_P(Window, X6_AWriteIntoLimboIsReported) {
  const Page page = take(1);
  sections = 1;
  free(page);
  sections = 0;
  bytes_of(page)[kBytes] = std::byte{0};
  EXPECT_EQ(drain(), 1u);
  EXPECT_EQ(damaged, page.pfn.value);
}

TEST_P(Window, X6_LockedMemoryStaysInLimboUntilItIsUnlocked) {
  const Page page = take(0);
  // By number: AddressSanitizer makes mlock() do nothing.
  ASSERT_EQ(syscall(SYS_mlock, bytes_of(page), kBytes), 0);
  free(page);
  EXPECT_FALSE(Touch::faults(bytes_of(page)));
  EXPECT_EQ(drain(), 0u);
  ASSERT_EQ(syscall(SYS_munlock, bytes_of(page), kBytes), 0);
  EXPECT_EQ(drain(), 1u);
  EXPECT_TRUE(Touch::faults(bytes_of(page)));
}

TEST_P(Window, X4_MappingsOfFreeBlocksBecomeOneAgain) {
  const std::size_t before = mappings();
  for (std::uint32_t round = 0; round < 3; ++round) {
    std::vector<Page> pages;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      pages.push_back(take(i % 3));
      *bytes_of(pages.back()) = std::byte{1};
    }
    // In another order than they were taken in.
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t k = i; k < pages.size(); k += 2) free(pages[k]);
    }
  }
  EXPECT_LE(mappings(), before + 8);
}

TEST_P(Window, X6_AChildProcessDoesNotInheritIt) {
  const Page page = take(0);
  ASSERT_FALSE(Touch::faults(bytes_of(page)));
  EXPECT_EXIT(_exit(Touch::faults(bytes_of(page)) ? 0 : 1), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Guards, Window,
                         ::testing::Values(VoidWindow::Guard::kNone, VoidWindow::Guard::kAfterEachBlock),
                         [](const auto& guard) {
                           return guard.param == VoidWindow::Guard::kNone ? "None" : "AfterEachBlock";
                         });

TEST(GuardedWindow, X6_RunningOverABlockFaultsOnEitherSide) {
  VoidWindow window(Pfn{kFirst}, Frames{64});
  ASSERT_TRUE(window);
  for (std::uint64_t pfn : {4u, 8u, 16u}) {
    const Frames frames{static_cast<std::int64_t>(pfn)};
    ASSERT_TRUE(window.remap(Pfn{pfn}, frames));
    ASSERT_TRUE(window.remap(Pfn{2 * pfn}, Frames{1}));
    std::byte* const block = window.address_of(Pfn{pfn});
    EXPECT_FALSE(Touch::faults(block + pfn * kBytes - 1));
    EXPECT_TRUE(Touch::faults(block + pfn * kBytes)) << "the next block begins further on";
    EXPECT_TRUE(Touch::faults(block - 1));
    ASSERT_TRUE(window.unmap(Pfn{pfn}, frames));
    ASSERT_TRUE(window.unmap(Pfn{2 * pfn}, Frames{1}));
  }
}

TEST(EmptyWindow, IsRefused) {
  EXPECT_FALSE(VoidWindow(Pfn{0}, Frames{0}));
  EXPECT_FALSE(VoidWindow(Pfn{0}, Frames{-1}));
  EXPECT_FALSE(VoidWindow(Pfn{0}, Frames{INT64_MAX}));
}

}  // namespace
}  // namespace labyrinth::test
