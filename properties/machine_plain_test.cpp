// Plain targets, whose accesses nobody sees: all that a run could have written is put back, calls are ordered
// as they come, and the model judges as it does with hooks. The targets are hooks_target.cpp's toys.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>

#include "arena_bytes.hpp"
#include "core.hpp"
#include "loaded_object.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;

/// As hooks_target.cpp has them.
struct ToyGlobals {
  std::uint64_t calls;
  std::uint8_t bytes[64];
  std::uint64_t* heap;
};
enum Way : int { kRight = 0, kLeaks = 4 };

struct Toy {
  explicit Toy(const char* path) {
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    table = reinterpret_cast<const labyrinth_target* (*)(int)>(dlsym(library, "toy_table"));
    globals = reinterpret_cast<ToyGlobals* (*)()>(dlsym(library, "toy_globals"))();
  }
  const labyrinth_target* (*table)(int) = nullptr;
  ToyGlobals* globals = nullptr;
};

class MachinePlain : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(plain_.table, nullptr) << dlerror(); }

  /// Two CPUs: the first allocates twice, the second frees what the first one got and allocates it anew.
  [[nodiscard]] static Trace program() {
    Trace trace;
    trace.geometry = one_zone(2, 8, 1, 2, 3);
    trace.geometry.max_order = 0;
    trace.context_count = 2;
    trace.call_count = 4;
    trace.context_storage[0] = {Level::kTask, 0, 0, 2};
    trace.context_storage[1] = {Level::kTask, 1, 2, 2};
    trace.call_storage[0] = trace.call_storage[1] = trace.call_storage[3] = {.gfp = model::kAtomic.bits};
    trace.call_storage[2] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = 0};
    return trace;
  }

  Toy plain_{LABYRINTH_TARGET_DIR "/plain/hooks_target.so"};
  Toy hooked_{LABYRINTH_TARGET_DIR "/hooks_target.so"};
  Machine machine_;
  GoOn go_on_;
};

TEST_F(MachinePlain, StateAndGlobalsAreAsBeforeTheRun) {
  machine_.use(*plain_.table(kRight));
  const Trace trace = program();
  ASSERT_TRUE(machine_.prepare(trace));
  const ToyGlobals before = *plain_.globals;
  const auto arena_before = arena_bytes();
  for (int run = 0; run < 3; ++run) {
    const Outcome& outcome = machine_.run(trace, go_on_);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason;
    EXPECT_EQ(outcome.accesses, 0U);  // or it is not a plain one
    EXPECT_EQ(std::memcmp(&before, plain_.globals, sizeof before), 0);
    EXPECT_EQ(plain_.globals->heap, nullptr);
    EXPECT_EQ(outcome.results[3].pfn, outcome.results[0].pfn);
  }
  EXPECT_TRUE(arena_bytes() == arena_before);  // what it took from the heap, too
}

TEST_F(MachinePlain, WhatIsLostIsFoundInEachRun) {
  machine_.use(*plain_.table(kLeaks));
  const Trace trace = program();
  for (int run = 0; run < 3; ++run) {
    const Outcome& outcome = machine_.run(trace, go_on_);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kViolation);
    EXPECT_EQ(outcome.violation.clause, Clause::X4) << outcome.violation.reason;
  }
}

TEST_F(MachinePlain, TwoTargetsInTurnAnswerAsEachDoesAlone) {
  const Trace trace = program();
  machine_.use(*plain_.table(kRight));
  for (int run = 0; run < 3; ++run) {
    machine_.turn_to(*plain_.table(kRight));
    EXPECT_EQ(machine_.run(trace, go_on_).kind, Outcome::Kind::kClean);
    machine_.turn_to(*plain_.table(kLeaks));
    EXPECT_EQ(machine_.run(trace, go_on_).kind, Outcome::Kind::kViolation);
  }
}

TEST_F(MachinePlain, ATargetWithHooksIsStillSeenAfterAPlainOne) {
  ASSERT_NE(hooked_.table, nullptr) << dlerror();
  const Trace trace = program();
  machine_.use(*plain_.table(kRight));
  EXPECT_EQ(machine_.run(trace, go_on_).accesses, 0U);
  machine_.use(*hooked_.table(kRight));
  const Outcome& outcome = machine_.run(trace, go_on_);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_GT(outcome.accesses, 0U);
  EXPECT_EQ(hooked_.globals->calls, 0U);
}

/// What the machine may pass over: accesses there can neither race nor leave anything behind.
TEST_F(MachinePlain, ConstantsAreWhatNobodyCanWrite) {
  const labyrinth_target* const table = hooked_.table(kRight);
  const auto constants = loaded_object(table).constants();
  const auto first = reinterpret_cast<std::uintptr_t>(constants.data());
  const std::uintptr_t last = first + constants.size();
  const auto has = [&](auto* what) {
    const auto at = reinterpret_cast<std::uintptr_t>(what);
    return at >= first && at < last;
  };
  EXPECT_TRUE(has(table->alloc));
  EXPECT_TRUE(has(table->name));
  EXPECT_FALSE(has(hooked_.globals));
  std::ifstream maps("/proc/self/maps");
  std::uintptr_t seen = 0;
  for (std::string line; std::getline(maps, line);) {
    const std::uintptr_t begin = std::stoull(line, nullptr, 16);
    const std::uintptr_t end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    if (end <= first || begin >= last) continue;
    EXPECT_NE(line[line.find(' ') + 2], 'w') << line;
    seen += std::min(end, last) - std::max(begin, first);
  }
  EXPECT_GT(seen, 0U);
}

TEST_F(MachinePlain, AnAddressOfNoObjectHasNoConstants) {
  EXPECT_TRUE(loaded_object(this).constants().empty());
}

}  // namespace
}  // namespace labyrinth::machine::testing
