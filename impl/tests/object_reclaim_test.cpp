// E2, N1 for small objects whose frames the page allocator has to reclaim: all of it happens there.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "labyrinth/objects.hpp"
#include "labyrinth/reclaim.h"
#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kFrames = 4;

// Four frames, all in a cache that gives them back when asked.
class ObjectReclaim : public testing::Test {
 protected:
  ObjectReclaim() {
    Config config{};
    config.zones[LABYRINTH_ZONE_NORMAL].frames = kFrames;
    config.max_order = 2;
    config.cpus = 1;
    Port& port = config.port;
    port.self = this;
    port.cpu = [](void*) { return 0U; };
    port.may_sleep = [](void*) { return true; };
    port.set_reclaiming = [](void* self, bool on) { return std::exchange(of(self).reclaiming_, on); };
    port.wait = [](void* self) { ++of(self).waits; };
    const std::size_t size = Allocator::metadata_size(config);
    metadata_ = make_metadata(size);
    allocator_ = Allocator::init(config, metadata_.get(), size);
    EXPECT_EQ(labyrinth_register_shrinker(allocator_.handle(), &shrinker_), LABYRINTH_OK);
    const ObjectsConfig objects_config{0, kFrames, 1, 0, nullptr, port, nullptr};
    const std::size_t objects_size = Objects::metadata_size(objects_config);
    objects_metadata_ = make_metadata(objects_size);
    objects = Objects::init(objects_config, allocator_, objects_metadata_.get(), objects_size);
    for (std::uint64_t i = 0; i < kFrames; ++i) {
      Page page;
      allocator_.alloc_page(kMemalloc, Order{0}, page);
      EXPECT_EQ(page.status, Status::kOk);
      cached_.push_back(page);
    }
  }

  Objects objects;
  int asked = 0;
  int waits = 0;
  bool keeps = false;  // The cache says that it gives something, and gives nothing.

 private:
  static ObjectReclaim& of(void* self) { return *static_cast<ObjectReclaim*>(self); }
  std::uint64_t scan(std::uint64_t frames) {
    ++asked;
    if (keeps) return 1;
    std::uint64_t given = 0;
    for (; given < frames && !cached_.empty(); ++given) {
      EXPECT_EQ(allocator_.free_page(cached_.back().pfn, Order{0}), Status::kOk);
      cached_.pop_back();
    }
    return given;
  }

  bool reclaiming_ = false;
  labyrinth_shrinker shrinker_{this, [](void* self, std::uint64_t frames) { return of(self).scan(frames); }};
  std::vector<Page> cached_;
  Metadata metadata_;
  Metadata objects_metadata_;
  Allocator allocator_;
};

TEST_F(ObjectReclaim, E2_WhoMaySleepGetsAnObjectFromWhatShrinkersGiveBack) {
  for (const std::uint64_t bytes : {64u, 8192u}) {
    const ObjectAnswer answer = objects.kmalloc(kKernel, Bytes{bytes});
    EXPECT_EQ(answer.status, Status::kOk) << bytes;
    EXPECT_GT(std::exchange(asked, 0), 0) << bytes;
    EXPECT_EQ(objects.kfree(answer.address), Status::kOk);
    objects.trim();
  }
}

TEST_F(ObjectReclaim, N1_AtomicRequestsReachNoShrinker) {
  EXPECT_EQ(objects.kmalloc(kAtomic | kMemalloc, Bytes{64}).status, Status::kExhausted);
  EXPECT_EQ(asked, 0);
}

TEST_F(ObjectReclaim, E2_NoretryBoundsTheRoundsOfThePageItNeeds) {
  keeps = true;
  EXPECT_EQ(objects.kmalloc(kKernel, Bytes{64}).status, Status::kExhausted);
  EXPECT_EQ(std::exchange(asked, 0), static_cast<int>(LABYRINTH_RECLAIM_ROUNDS));
  EXPECT_EQ(objects.kmalloc(kKernel | kNoretry, Bytes{64}).status, Status::kExhausted);
  EXPECT_EQ(asked, 1);
}

TEST_F(ObjectReclaim, X2_NofailIsAPromiseThatObjectsDoNotGive) {
  for (const std::uint64_t bytes : {64u, 8192u}) {
    EXPECT_EQ(objects.kmalloc(kKernel | kNofail, Bytes{bytes}).status, Status::kBadArgument) << bytes;
  }
  EXPECT_EQ(asked + waits, 0);
}

}  // namespace
}  // namespace labyrinth::test
