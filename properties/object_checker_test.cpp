// The judgement of kmalloc and kfree: histories that must be accepted, and others that must not.
#include <gtest/gtest.h>

#include "checker_objects.hpp"

namespace labyrinth::machine {
namespace {

using model::Clause;
using model::Status;

constexpr model::Situation kTask{};

class ObjectHistory : public testing::Test {
 protected:
  ObjectHistory() { checker.begin_run({{4}, {0}, {10}}, {0}); }

  void ask(std::uint8_t context, std::uint64_t bytes, model::Gfp gfp = model::kAtomic) {
    checker.begin_kmalloc(context, {gfp, bytes, kTask});
  }
  Clause get(std::uint8_t context, std::uint64_t address, Status status = Status::kOk,
             bool conflict = false) {
    return checker.end_kmalloc(context, context, {status, false, address}, conflict).clause;
  }
  Clause kmalloc(std::uint64_t bytes, std::uint64_t address, Status status = Status::kOk) {
    ask(0, bytes);
    return get(0, address, status);
  }
  Clause kfree(std::uint64_t address, Status status) {
    checker.begin_kfree(0, address);
    return checker.end_kfree(0, status).clause;
  }

  ObjectChecker checker;
};

TEST_F(ObjectHistory, X1_LiveObjectsNeverOverlap) {
  EXPECT_EQ(kmalloc(2048, 0), Clause::kNone);
  EXPECT_EQ(kmalloc(2048, 2048), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 2112), Clause::X1);
  EXPECT_EQ(kmalloc(8192, 0), Clause::X1);
  EXPECT_EQ(kfree(2048, Status::kOk), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 2112), Clause::kNone);
}

TEST_F(ObjectHistory, X2_ObjectsAreAlignedAndInside) {
  EXPECT_EQ(kmalloc(2048, 1024), Clause::X2);
  EXPECT_EQ(kmalloc(192, 64 + 4096 - 128), Clause::X2) << "crosses the frame's end";
  EXPECT_EQ(kmalloc(192, 64), Clause::kNone);
  EXPECT_EQ(kmalloc(8192, 4096), Clause::X2);
  EXPECT_EQ(kmalloc(16, 4 * 4096), Clause::X2);
  EXPECT_EQ(kmalloc(8192, UINT64_MAX - 8191), Clause::X2);
}

TEST_F(ObjectHistory, X2_WhatMakesNoSenseIsRefusedAndNothingElse) {
  EXPECT_EQ(kmalloc(0, 0), Clause::X2);
  EXPECT_EQ(kmalloc(0, 0, Status::kBadArgument), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 0, Status::kBadArgument), Clause::X2);
  ask(0, 64, model::kAtomic | model::kExclusive);
  EXPECT_EQ(get(0, 0), Clause::X2);
  ask(0, 64, model::kKernel | model::kNofail);
  EXPECT_EQ(get(0, 0), Clause::X2);
  ask(0, 64, model::kKernel | model::kNoretry);
  EXPECT_EQ(get(0, 0, Status::kBadArgument), Clause::X2);
  EXPECT_EQ(kmalloc((4096U << 10) + 1, 0, Status::kBadArgument), Clause::kNone);
}

TEST_F(ObjectHistory, X3_AFreeIsTotalAndExact) {
  EXPECT_EQ(kmalloc(64, 128), Clause::kNone);
  EXPECT_EQ(kfree(128, Status::kBadArgument), Clause::X3);
  EXPECT_EQ(kfree(144, Status::kBadArgument), Clause::kNone);
  EXPECT_EQ(kfree(144, Status::kOk), Clause::X3);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::kNone);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::X3);
  EXPECT_EQ(kfree(128, Status::kBadArgument), Clause::kNone);
}

TEST_F(ObjectHistory, X3_AStaleFreeFreesWhatIsLiveAtItsAddress) {
  EXPECT_EQ(kmalloc(64, 128), Clause::kNone);
  checker.begin_kfree(1, 128);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::kNone);
  EXPECT_EQ(kmalloc(128, 128), Clause::kNone);
  EXPECT_EQ(checker.end_kfree(1, Status::kOk).clause, Clause::kNone);
  EXPECT_EQ(checker.find(128), nullptr);
}

TEST_F(ObjectHistory, X3_TwoFreesOfOneObjectAreNotBothRight) {
  EXPECT_EQ(kmalloc(64, 128), Clause::kNone);
  checker.begin_kfree(1, 128);
  checker.begin_kfree(2, 128);
  EXPECT_EQ(checker.end_kfree(1, Status::kOk).clause, Clause::kNone);
  EXPECT_EQ(checker.end_kfree(2, Status::kOk).clause, Clause::X3);
}

TEST_F(ObjectHistory, X3_AFreeMayHitAnObjectBeforeItsOwnerIsAnswered) {
  ask(1, 64);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::kNone);
  EXPECT_EQ(get(1, 128), Clause::kNone);
  EXPECT_EQ(checker.find(128), nullptr);
  ask(1, 64);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::kNone);
  EXPECT_EQ(get(1, 256), Clause::X3) << "it freed nothing, as it turns out";
}

TEST_F(ObjectHistory, X3_AnAllocationThatBeganAfterTheFreeDoesNotExplainIt) {
  ask(1, 64);
  EXPECT_EQ(kfree(128, Status::kOk), Clause::kNone);
  ask(2, 64);
  EXPECT_EQ(get(2, 128), Clause::kNone);
  EXPECT_EQ(get(1, 256), Clause::X3);
}

TEST_F(ObjectHistory, E2_ExhaustedNeedsAClassAndAMemoryThatAreFull) {
  EXPECT_EQ(kmalloc(2048, 0, Status::kExhausted), Clause::E2) << "all is free";
  for (std::uint64_t at = 0; at < 3 * 4096; at += 4096) EXPECT_EQ(kmalloc(4096, at), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 3 * 4096), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 0, Status::kExhausted), Clause::E2) << "the slab has room";
  EXPECT_EQ(kmalloc(128, 0, Status::kExhausted), Clause::kNone);
  EXPECT_EQ(kmalloc(4096, 0, Status::kExhausted), Clause::kNone);
}

TEST_F(ObjectHistory, E2_AClassMayKeepOneEmptyFrameUntilItIsTrimmed) {
  EXPECT_EQ(kmalloc(64, 0), Clause::kNone);
  EXPECT_EQ(kfree(0, Status::kOk), Clause::kNone);
  for (std::uint64_t at = 4096; at < 4 * 4096; at += 4096) EXPECT_EQ(kmalloc(4096, at), Clause::kNone);
  EXPECT_EQ(kmalloc(128, 0, Status::kExhausted), Clause::kNone) << "64's empty frame is not 128's";
  EXPECT_EQ(kmalloc(64, 0, Status::kExhausted), Clause::E2) << "but it is 64's";
  checker.trimmed();
  EXPECT_EQ(kmalloc(128, 0, Status::kExhausted), Clause::E2);
}

TEST_F(ObjectHistory, E2_WhatACallInProgressMayHoldIsNotAskedFor) {
  for (std::uint64_t at = 0; at < 3 * 4096; at += 4096) EXPECT_EQ(kmalloc(4096, at), Clause::kNone);
  ask(1, 64);
  EXPECT_EQ(kmalloc(4096, 0, Status::kExhausted), Clause::kNone);
  EXPECT_EQ(get(1, 0, Status::kContended, true), Clause::kNone);
}

TEST_F(ObjectHistory, E2_FragmentedOnlyIfNoBlockIsFree) {
  EXPECT_EQ(kmalloc(4096, 4096), Clause::kNone);
  EXPECT_EQ(kmalloc(8192, 0, Status::kFragmented), Clause::E2);
  EXPECT_EQ(kmalloc(4096, 2 * 4096), Clause::kNone);
  EXPECT_EQ(kmalloc(8192, 0, Status::kFragmented), Clause::kNone);
  EXPECT_EQ(kmalloc(64, 0, Status::kFragmented), Clause::E2);
}

TEST_F(ObjectHistory, E1_APageIsNotTakenBelowTheFloor) {
  checker.begin_run({{4}, {4}, {10}}, {0});
  ask(0, 64, model::kNowait);
  EXPECT_EQ(get(0, 0), Clause::E1);
  ask(0, 64, model::kMemalloc);
  EXPECT_EQ(get(0, 0), Clause::kNone);
  ask(0, 64, model::kNowait);
  EXPECT_EQ(get(0, 64), Clause::kNone) << "whoever asks may have any free object";
}

TEST_F(ObjectHistory, E3_C1_C3_AsForBlocks) {
  EXPECT_EQ(kmalloc(64, 0, Status::kContended), Clause::E3);
  ask(0, 64, model::kKernel);
  EXPECT_EQ(get(0, 0, Status::kBadContext), Clause::C1);
  ask(0, 64, model::kMemalloc);
  EXPECT_EQ(checker.end_kmalloc(0, 0, {Status::kOk, true, 0}, false).clause, Clause::C3);
}

}  // namespace
}  // namespace labyrinth::machine
