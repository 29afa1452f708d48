// A small world of objects for calls and the calls that interrupt them: what each of them may answer, how
// many steps it may take, and that nothing is lost.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "object_fixture.hpp"
#include "object_hooks.hpp"

namespace labyrinth::test {

enum class Op { kSmall, kTiny, kWhole, kBlock, kFree, kFreeTwice, kTrim, kForeign };
inline constexpr std::uint32_t kOps = 8;
inline constexpr std::uint64_t kBytes[] = {1024, 16, 4096, 8192};  // of the first four

struct Largest {
  std::uint64_t taken = 0;
  std::uint64_t declared = 0;
};

// A small world that calls, and calls that interrupt them, act on.
class World {
 public:
  World(std::uint64_t frames, std::uint32_t seed)
      : objects_({.first_pfn = 3, .frames = frames}), random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  [[nodiscard]] std::int64_t free_pages() const { return objects_.zone->free_frames().value; }

  // One call; `is_alone` if nothing else runs during it, so that it has nobody to blame.
  void call(Op op, bool is_alone, bool must_succeed = false) {
    switch (op) {
      case Op::kFree:
      case Op::kFreeTwice:
        free_one(op == Op::kFreeTwice, is_alone);
        break;
      case Op::kTrim:
        measured(objects_->trim_steps(), trims, [&] { objects_->trim(); });
        break;
      case Op::kForeign:
        swap_page();
        break;
      default:
        allocate(kBytes[static_cast<std::size_t>(op)], is_alone, must_succeed);
    }
  }

  // Frees every address of the first frames that is not known to be live: what a call in progress makes may
  // be hit, and nothing else.
  void guess() {
    const bool was_on = access_hook.is_on;
    access_hook.is_on = false;
    const Shape& shape = objects_.zone.shape();
    for (std::uint64_t at = shape.first_pfn * kPage; at < (shape.first_pfn + shape.frames) * kPage;
         at += 16) {
      if (objects_.shadow.live().count(at) != 0) continue;
      if (objects_->kfree(Address{at}) == Status::kOk) guessed_.push_back(Address{at});
    }
    access_hook.is_on = was_on;
  }

  void expect_nothing_is_lost() {
    while (!live_.empty()) free_one(false, true);
    if (page_.status == Status::kOk) swap_page();
    objects_->trim();
    EXPECT_EQ(objects_.pages_in_use(), 0) << "X4";
    for (const std::uint64_t bytes : {16u, 1024u}) {
      if (bytes == 16 && objects_.zone.shape().frames > 4) continue;  // many, and the small worlds show it
      const std::vector<Address> all = objects_.take_all(kMemalloc, bytes);
      EXPECT_EQ(all.size(), objects_.zone.shape().frames * (kPage / bytes)) << "X4";
      objects_.free_all(all);
      objects_->trim();
      EXPECT_EQ(objects_.pages_in_use(), 0) << "X4";
    }
  }

  static inline Largest allocs, frees, trims;
  static inline std::uint32_t contended = 0;

 private:
  // What interrupts the call counts its own steps, and leaves this one's as they were.
  template <typename Call>
  void measured(std::uint64_t declared, Largest& largest, const Call& call) {
    const AccessHook outer = access_hook;
    access_hook.accesses = 0;
    access_hook.is_on = true;
    call();
    const std::uint64_t taken = access_hook.accesses;
    access_hook.is_on = outer.is_on;
    access_hook.accesses = outer.accesses;
    EXPECT_LE(taken, declared) << "N3";
    if (taken * std::max<std::uint64_t>(largest.declared, 1) > largest.taken * declared ||
        largest.taken == 0) {
      largest = {taken, declared};
    }
  }

  void allocate(std::uint64_t bytes, bool is_alone, bool must_succeed) {
    ObjectAnswer answer;
    measured(objects_->kmalloc_steps(Bytes{bytes}), allocs,
             [&] { answer = objects_->kmalloc(kMemalloc, Bytes{bytes}); });
    contended += answer.status == Status::kContended ? 1 : 0;
    if (!guessed_.empty()) {
      EXPECT_EQ(guessed_, std::vector<Address>{answer.address}) << "X3: freed what nobody made";
      guessed_.clear();
      return;
    }
    if (answer.status == Status::kOk) {
      objects_.shadow.take(answer.address, labyrinth_kmalloc_size(bytes));
      live_.push_back(answer.address);
      return;
    }
    EXPECT_NE(answer.status, Status::kBadArgument);
    if (is_alone) {
      EXPECT_NE(answer.status, Status::kContended) << "E3";
    }
    if (must_succeed) {
      EXPECT_EQ(answer.status, Status::kOk) << "E2: there was room beyond what the interrupted call holds";
    }
  }

  void free_one(bool twice, bool is_alone) {
    if (live_.empty()) return;
    std::swap(live_[below(static_cast<std::uint32_t>(live_.size()))], live_.back());
    const Address address = live_.back();
    live_.pop_back();  // before the call: an interrupt must not free it, too
    objects_.shadow.give(address);
    Status status{};
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(address); });
    EXPECT_EQ(status, Status::kOk) << "X3";
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(Address{address.value + 8}); });
    EXPECT_EQ(status, Status::kBadArgument) << "X3";
    // Again, if nobody can have it anew by then: otherwise it would rightly be freed.
    if (!twice || !is_alone) return;
    measured(objects_->kfree_steps(), frees, [&] { status = objects_->kfree(address); });
    EXPECT_EQ(status, Status::kBadArgument) << "X3";
  }

  // Somebody else's page, who knows nothing of objects.
  void swap_page() {
    const bool was_on = access_hook.is_on;
    access_hook.is_on = false;
    if (page_.status == Status::kOk) {
      EXPECT_EQ(objects_.zone.free(page_), Status::kOk);
      page_.status = Status::kBadArgument;
    } else {
      page_ = objects_.zone.alloc(kMemalloc, 0);
    }
    access_hook.is_on = was_on;
  }

  TestObjects objects_;
  std::mt19937 random_;
  std::vector<Address> live_;
  std::vector<Address> guessed_;  // freed while they were being made
  Page page_;
};

}  // namespace labyrinth::test
