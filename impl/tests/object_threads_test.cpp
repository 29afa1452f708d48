// Real threads: no two live objects overlap while all CPUs allocate and free every kind of object, give bogus
// addresses, and trim; and no page is lost afterwards.
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "object_fixture.hpp"

namespace labyrinth::test {
namespace {

thread_local std::uint32_t this_cpu = 0;

// Who owns which granule. Plain accesses: under ThreadSanitizer a race on them is a missing happens-before
// between two owners (M1).
class Granules {
 public:
  explicit Granules(const Shape& shape)
      : first_(shape.first_pfn * kPage), owned_(shape.frames * (kPage / 16)) {}

  void take(Address address, std::uint64_t bytes) { mark(address, bytes, 0, 1); }
  void give(Address address, std::uint64_t bytes) { mark(address, bytes, 1, 0); }

 private:
  void mark(Address address, std::uint64_t bytes, char from, char to) {
    for (std::uint64_t at = (address.value - first_) / 16, end = at + (bytes + 15) / 16; at < end; ++at) {
      char& owned = owned_[at];
      if (owned != from) ADD_FAILURE() << "X1: granule " << at << " has two owners";
      owned = to;
    }
  }

  std::uint64_t first_;
  std::vector<char> owned_;
};

struct Hammering {
  Shape shape;
  std::vector<std::uint64_t> bytes;  // to ask kmalloc for
  std::size_t hold = 16;             // objects that a thread holds at most
  std::uint32_t trims = 200;         // calls between two trims
  int calls = 40000;
};

void hammer(const Hammering& what) {
  const std::vector<labyrinth_cache> caches{{48, 16}, {2000, 16}};
  TestZone pages(what.shape);
  Port port{};
  port.cpu = [](void*) { return this_cpu; };
  port.may_sleep = [](void*) { return true; };
  const ObjectsConfig config{
      what.shape.first_pfn, what.shape.frames, what.shape.cpus, 2, caches.data(), port, nullptr};
  const std::size_t size = Objects::metadata_size(config);
  const Metadata metadata = make_metadata(size);
  const Objects objects = Objects::init(config, *pages, metadata.get(), size);
  ASSERT_TRUE(objects);

  struct Held {
    Address address;
    std::uint64_t bytes;
  };
  Granules granules(what.shape);
  const auto body = [&](std::uint32_t cpu) {
    this_cpu = cpu;
    std::mt19937 random(cpu + 1);
    std::vector<Held> mine;
    const auto give = [&](const Held& held) {
      granules.give(held.address, held.bytes);
      EXPECT_EQ(objects.kfree(held.address), Status::kOk) << "X3: a live object's free failed";
    };
    for (int i = 0; i < what.calls; ++i) {
      // Bogus frees all the time: inside of an object wherever it is, so they must neither succeed nor
      // disturb.
      const std::uint64_t anywhere = random() % (what.shape.frames * kPage / 16) * 16 + 8;
      EXPECT_EQ(objects.kfree(Address{what.shape.first_pfn * kPage + anywhere}), Status::kBadArgument);
      if (!mine.empty() && mine.back().bytes > 16) {
        EXPECT_EQ(objects.kfree(Address{mine.back().address.value + 16}), Status::kBadArgument);
      }
      if (random() % what.trims == 0) objects.trim();
      if (mine.size() < what.hold && random() % 2 == 0) {
        const bool is_cached = random() % 8 == 0;
        const auto cache = static_cast<std::uint32_t>(random() % 2);
        const std::uint64_t wish = what.bytes[random() % what.bytes.size()];
        const ObjectAnswer answer = is_cached ? objects.cache_alloc(CacheId{cache}, kMemalloc)
                                              : objects.kmalloc(kMemalloc, Bytes{wish});
        const std::uint64_t bytes = is_cached ? caches[cache].size : labyrinth_kmalloc_size(wish);
        if (answer.status == Status::kOk) {
          granules.take(answer.address, bytes);
          mine.push_back({answer.address, bytes});
        } else {
          EXPECT_TRUE(answer.status == Status::kExhausted || answer.status == Status::kContended ||
                      (answer.status == Status::kFragmented && wish > kPage));
        }
      } else if (!mine.empty()) {
        std::swap(mine[random() % mine.size()], mine.back());
        give(mine.back());
        mine.pop_back();
      }
    }
    for (const Held& held : mine) give(held);
  };
  std::vector<std::thread> running;
  for (std::uint32_t cpu = 0; cpu < 8; ++cpu) running.emplace_back(body, cpu);
  for (std::thread& thread : running) thread.join();

  objects.trim();
  pages.expect_nothing_is_lost();
  std::vector<Address> all;
  for (;;) {
    const ObjectAnswer answer = objects.kmalloc(kMemalloc, Bytes{64});
    if (answer.status != Status::kOk) break;
    all.push_back(answer.address);
  }
  EXPECT_EQ(all.size(), what.shape.frames * 64) << "X4";
  for (const Address address : all) EXPECT_EQ(objects.kfree(address), Status::kOk);
}

TEST(ObjectThreads, X1_X3_X4_M1_AllSizes) {
  hammer({.shape = {.first_pfn = 100, .frames = 9000, .cpus = 8},
          .bytes = {8, 20, 60, 90, 120, 190, 250, 500, 1000, 2000, 4096, 10000},
          .hold = 200});
}

TEST(ObjectThreads, X1_X3_X4_M1_OneClassInTwoFrames) {
  hammer({.shape = {.frames = 2, .max_order = 0, .cpus = 2}, .bytes = {1024}, .hold = 2, .trims = 20});
}

TEST(ObjectThreads, X1_X3_X4_M1_SlabsThatComeAndGo) {
  hammer({.shape = {.first_pfn = 9, .frames = 70, .cpus = 8},
          .bytes = {2048, 1024, 4096},
          .hold = 3,
          .trims = 4});
}

TEST(ObjectThreads, X1_X3_X4_M1_FramesThatChangeHands) {
  hammer({.shape = {.frames = 3, .max_order = 0, .cpus = 8},
          .bytes = {16, 96, 2048, 4096},
          .hold = 2,
          .trims = 8});
}

}  // namespace
}  // namespace labyrinth::test
