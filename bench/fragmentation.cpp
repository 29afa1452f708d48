// What mobility grouping and the highatomic reserve buy: an ageing workload on a zone of 512 MiB, with and
// without.
//
// Content comes and goes in kinds, as in a kernel: movable pages (user memory) fill what is free, reclaimable
// and unmovable ones (caches, page tables) are fewer and live longer. After the ageing, what can be moved or
// dropped is: the blocks of order 9 that are free then are those that compaction could have made. Meanwhile
// an interrupt handler asks for blocks of order 3 that it soon frees.
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "labyrinth/allocator.hpp"

namespace {

using namespace labyrinth;

constexpr std::uint64_t kFrames = std::uint64_t{1} << 17;
constexpr std::uint32_t kOrder = 9;  // of a pageblock
constexpr std::uint64_t kSteps = 150'000;

struct Kind {
  Gfp gfp;
  double share;  // of the memory in use
};
constexpr std::array<Kind, 3> kKinds = {Kind{kKernel | kMovable, 0.60}, Kind{kKernel | kReclaimable, 0.15},
                                        Kind{kKernel, 0.10}};

struct Outcome {
  double order9_now = 0;    // share of the zone's order-9 blocks that are free after the ageing,
  double order9_after = 0;  // and after everything but unmovable content has left
  double atomic_served = 0;
};

class Ageing {
 public:
  Ageing(bool grouped, std::uint32_t highatomic, std::uint64_t seed) : random_(seed) {
    Config config{};
    config.zones[LABYRINTH_ZONE_NORMAL] = {kFrames, 512, 640, 768, 0, highatomic};
    config.max_order = kOrder;
    config.cpus = 1;
    config.ungrouped = !grouped;
    config.port.cpu = [](void*) { return std::uint32_t{0}; };
    config.port.may_sleep = [](void*) { return true; };
    const std::size_t size = Allocator::metadata_size(config);
    metadata_.reset(static_cast<std::byte*>(std::aligned_alloc(LABYRINTH_METADATA_ALIGNMENT, size)));
    allocator_ = Allocator::init(config, metadata_.get(), size);
  }

  Outcome run() {
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      turn_over(step % kKinds.size());
      if (step % 16 == 0) interrupt();
    }
    Outcome outcome;
    outcome.order9_now = free_order9();
    free_all(live_[0]);
    free_all(live_[1]);
    outcome.order9_after = free_order9();
    outcome.atomic_served = static_cast<double>(served_) / static_cast<double>(asked_);
    return outcome;
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  void turn_over(std::size_t kind) {
    std::vector<Page>& live = live_[kind];
    const auto wanted = static_cast<std::int64_t>(kKinds[kind].share * static_cast<double>(kFrames));
    while (!live.empty() && used_[kind] >= wanted) drop(kind);
    // A burst: a process starts, a directory is read.
    for (std::uint64_t burst = random_() % 24; burst != 0; --burst) {
      Page page;
      const std::uint32_t order = random_() % 8 == 0 ? static_cast<std::uint32_t>(random_() % 2) : 0;
      allocator_.alloc_page(kKinds[kind].gfp, Order{order}, page);
      if (page.status != Status::kOk) return;
      used_[kind] += page.order.frames().value;
      live.push_back(page);
    }
  }

  void drop(std::size_t kind) {
    std::vector<Page>& live = live_[kind];
    const std::size_t at = random_() % live.size();
    used_[kind] -= live[at].order.frames().value;
    static_cast<void>(allocator_.free_page(live[at].pfn, live[at].order));
    live[at] = live.back();
    live.pop_back();
  }

  // Packets: some arrive at once, and are gone soon.
  void interrupt() {
    for (std::uint64_t burst = random_() % 8; burst != 0; --burst) {
      Page page;
      allocator_.alloc_page(kAtomic, Order{3}, page);
      ++asked_;
      if (page.status != Status::kOk) continue;
      ++served_;
      packets_.push_back(page);
    }
    while (packets_.size() > 64) {
      static_cast<void>(allocator_.free_page(packets_.front().pfn, packets_.front().order));
      packets_.erase(packets_.begin());
    }
  }

  double free_order9() {
    std::vector<Page> blocks;
    Page page;
    while (allocator_.alloc_page(kKernel | kMemalloc, Order{kOrder}, page), page.status == Status::kOk) {
      blocks.push_back(page);
    }
    const double share = static_cast<double>(blocks.size()) / static_cast<double>(kFrames >> kOrder);
    free_all(blocks);
    return share;
  }

  void free_all(std::vector<Page>& pages) {
    for (const Page& page : pages) static_cast<void>(allocator_.free_page(page.pfn, page.order));
    pages.clear();
  }

  std::mt19937_64 random_;
  std::unique_ptr<std::byte, Free> metadata_;
  Allocator allocator_;
  std::array<std::vector<Page>, kKinds.size()> live_;
  std::array<std::int64_t, kKinds.size()> used_{};
  std::vector<Page> packets_;
  std::uint64_t asked_ = 0;
  std::uint64_t served_ = 0;
};

}  // namespace

int main() {
  constexpr std::uint32_t kHundredth = kFrames / 100 >> kOrder;
  fmt::print("{:<34} {:>12} {:>16} {:>18}\n", "512 MiB, 85 % in use; seed", "order 9 now", "without movable",
             "order 3, atomic");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const bool grouped : {false, true}) {
      for (const std::uint32_t highatomic : {0U, kHundredth}) {
        const Outcome outcome = Ageing(grouped, highatomic, seed).run();
        fmt::print("{:<34} {:>10.1f} % {:>14.1f} % {:>16.3f} %\n",
                   fmt::format("{}  {}, {}", seed, grouped ? "grouped" : "mixed",
                               highatomic != 0 ? "highatomic 1/100" : "no highatomic"),
                   100 * outcome.order9_now, 100 * outcome.order9_after, 100 * outcome.atomic_served);
      }
    }
  }
}
