// Counts the hooks that each construct of hooks_constructs.cpp calls, as clang and as g++ compile it.
//
// Expectations are words: p<n> points of the schedule; an atomic access by kind, bytes and memory order; r<n>
// and w<n> locations of n bytes read and written by plain accesses.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using Construct = void (*)(unsigned char*);
alignas(64) unsigned char memory[64];

constexpr const char* kKinds[] = {"load", "store", "exchange", "add",  "sub",
                                  "and",  "or",    "xor",      "nand", "cas"};

class Library {
 public:
  explicit Library(const char* name)
      : handle_(dlopen((std::string(LABYRINTH_TARGET_DIR) + '/' + name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) error_ = dlerror();
  }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] Construct find(const std::string& name) const {
    return reinterpret_cast<Construct>(dlsym(handle_, ("construct_" + name).c_str()));
  }

 private:
  void* handle_;
  std::string error_;
};

/// What the construct did to the machine, in the words of the table.
[[nodiscard]] std::string run(Construct construct) {
  std::memset(memory, 0, sizeof memory);
  std::string words;
  Recorder recorder;
  Scenario scenario;
  scenario.observe(&recorder);
  scenario.task(0, [&] {
    construct(memory);
    if (core.now->access != 0) words += "p" + std::to_string(core.now->access) + ' ';
    for (const AccessRecord& access : recorder.accesses) {
      words += access.volatile_access ? "volatile-" : "";
      words += kKinds[static_cast<int>(access.kind)] + std::to_string(access.bytes) + '.' +
               std::to_string(access.order) + (access.succeeded ? " " : "-failed ");
    }
    for (const Cell& cell : core.shadow.cells()) {
      if ((cell.kinds & kPlainReads) != 0) words += 'r' + std::to_string(cell.size) + ' ';
    }
    for (const Cell& cell : core.shadow.cells()) {
      if ((cell.kinds & kPlainWrites) != 0) words += 'w' + std::to_string(cell.size) + ' ';
    }
  });
  const Outcome& outcome = scenario.run();
  scenario.observe(nullptr);
  if (outcome.kind != Outcome::Kind::kClean) words += outcome.violation.reason;
  if (!words.empty()) words.pop_back();
  return words;
}

struct Expected {
  std::string name;
  std::string clang;
  std::string gcc;
  Expected(std::string name_, std::string both) : name(std::move(name_)), clang(both), gcc(std::move(both)) {}
  Expected(std::string name_, std::string clang_, std::string gcc_)
      : name(std::move(name_)), clang(std::move(clang_)), gcc(std::move(gcc_)) {}
};

[[nodiscard]] std::vector<Expected> table() {
  std::vector<Expected> all{
      {"read1", "r1"},
      {"read2", "r2"},
      {"read4", "r4"},
      {"read8", "r8"},
      {"read16", "r8 r8"},
      {"write1", "w1"},
      {"write2", "w2"},
      {"write4", "w4"},
      {"write8", "w8"},
      {"write16", "w8 w8"},
      {"increment1", "r1 w1"},
      {"increment4", "r4 w4"},
      {"increment8", "r8 w8"},
      {"unaligned_read4", "r4"},
      {"unaligned_write4", "w4"},
      {"unaligned_across", "w2 w2"},
      {"read_bit_field", "r4"},
      {"volatile_read1", "p1 volatile-load1.0"},
      {"volatile_read4", "p1 volatile-load4.0"},
      {"volatile_read8", "p1 volatile-load8.0"},
      {"volatile_write2", "p1 volatile-store2.0"},
      {"volatile_write8", "p1 volatile-store8.0"},
      {"sync_add32", "p1 add4.5"},
      {"sync_lock32", "p2 exchange4.5 store4.3", "p2 exchange4.2 store4.3"},
      {"sync_strong128", "p1 cas16.5"},
      {"flag", "p1 exchange1.2"},
      {"add_and_fetch32", "p1 add4.0"},
      {"thread_fence", ""},
      {"signal_fence", ""},
      {"memcpy20", "r8 r8 r4 w8 w8 w4"},
      {"memmove20", "r8 r8 r4 w8 w8 w4"},
      {"memset20", "w8 w8 w4"},
      {"memcpy_unknown", "r8 r4 w8 w4"},
      {"memcpy3_of_a_local", "w3"},
      {"struct_copy3", "r3 w3"},
      {"struct_copy48", "r8 r8 r8 r8 r8 r8 w8 w8 w8 w8 w8 w8"},
      {"struct_copy16", "r8 r8 w8 w8"},
      {"struct_zero48", "w8 w8 w8 w8 w8 w8"},
      {"loop_zero48", "w8 w8 w8 w8 w8 w8"},
      {"heap", "w4 w8"},
      {"operator_new", "w4 w8"},
      {"thread_local_count", "r4 w4 w4"},
      {"own_stack", ""},
  };
  for (const int bytes : {1, 2, 4, 8}) {
    const std::string bits = std::to_string(8 * bytes), size = std::to_string(bytes);
    all.emplace_back("load" + bits, "p1 load" + size + ".2");
    all.emplace_back("store" + bits, "p1 store" + size + ".3");
    all.emplace_back("exchange" + bits, "p1 exchange" + size + ".4");
    all.emplace_back("add" + bits, "p1 add" + size + ".0");
    for (const char* operation : {"sub", "and", "or", "xor", "nand"}) {
      all.emplace_back(operation + bits, std::string("p1 ") + operation + size + ".5");
    }
    all.emplace_back("strong" + bits, "p1 cas" + size + ".4");
    all.emplace_back("strong_fails" + bits, "p1 cas" + size + ".2-failed");
    all.emplace_back("weak" + bits, "p1 cas" + size + ".3");
  }
  return all;
}

void holds(const Library& library, std::string Expected::* column) {
  ASSERT_EQ(library.error(), "");
  for (const Expected& expected : table()) {
    const Construct construct = library.find(expected.name);
    ASSERT_NE(construct, nullptr) << expected.name;
    EXPECT_EQ(run(construct), expected.*column) << expected.name;
  }
}

TEST(Hooks, OfEachConstructAsClangCompilesIt) { holds(Library("hooks_clang.so"), &Expected::clang); }
TEST(Hooks, OfEachConstructAsGccCompilesIt) { holds(Library("hooks_gcc.so"), &Expected::gcc); }

TEST(Hooks, OutsideOfARunDoTheAccessAndNothingElse) {
  for (const char* name : {"hooks_clang.so", "hooks_gcc.so"}) {
    const Library library(name);
    ASSERT_EQ(library.error(), "");
    const auto after = [&](const char* construct) {
      std::memset(memory, 0, sizeof memory);
      library.find(construct)(memory);
      std::uint32_t value = 0;
      std::memcpy(&value, memory, sizeof value);
      return value;
    };
    EXPECT_EQ(after("increment4"), 1U);
    EXPECT_EQ(after("add32"), 3U);
    EXPECT_EQ(after("exchange32"), 1U);
    EXPECT_EQ(after("sub32"), 0xffff'ffffU);
    EXPECT_EQ(after("or32"), 5U);
    EXPECT_EQ(after("xor32"), 6U);
    EXPECT_EQ(after("nand32"), 0xffff'ffffU);
    EXPECT_EQ(after("strong32"), 9U);
    EXPECT_EQ(after("strong_fails32"), 0U);
    EXPECT_EQ(after("weak64"), 9U);
    EXPECT_EQ(after("sync_strong128"), 5U);
    EXPECT_EQ(after("memset20"), 0x0101'0101U);
    EXPECT_EQ(after("volatile_write8"), 1U);
    library.find("thread_fence")(memory);
    EXPECT_EQ(core.shadow.count(), 0U);
    EXPECT_FALSE(core.active());
  }
}

TEST(Hooks, AThreadLocalBelongsToItsTaskAndBeginsAnewInEachRun) {
  const Library library("hooks_clang.so");
  ASSERT_EQ(library.error(), "");
  const Construct count = library.find("thread_local_count");
  for (int round = 0; round < 2; ++round) {
    std::memset(memory, 0, sizeof memory);
    Scenario scenario;
    scenario.task(0, [&] {
      count(memory);
      count(memory + 4);
    });
    scenario.task(0, [&] { count(memory + 8); });
    EXPECT_EQ(scenario.run().kind, Outcome::Kind::kClean);
    EXPECT_EQ(memory[0], 8);
    EXPECT_EQ(memory[4], 9);
    EXPECT_EQ(memory[8], 8);
  }
}

TEST(Hooks, TheHeapGivesTheSameAddressesInEachRun) {
  for (const char* name : {"hooks_clang.so", "hooks_gcc.so"}) {
    const Library library(name);
    ASSERT_EQ(library.error(), "");
    std::vector<std::uint64_t> addresses;
    for (int round = 0; round < 3; ++round) {
      for (const char* construct : {"heap", "operator_new"}) {
        EXPECT_EQ(run(library.find(construct)), "w4 w8");
        std::uint64_t address = 0;
        std::memcpy(&address, memory + 8, sizeof address);
        addresses.push_back(address);
        EXPECT_TRUE(core.shadow.in_arena(address));
      }
    }
    EXPECT_EQ(addresses, std::vector<std::uint64_t>(6, addresses[0]));
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
