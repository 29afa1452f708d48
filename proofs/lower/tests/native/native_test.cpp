// The lowered C, compiled natively, behaves as the C++ that it comes from: the same results and the same
// memory for a million random calls of each of cases.cpp, edge values favoured.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "cases.hpp"

namespace {

using labyrinth::lower::test::kBytes;
using labyrinth::lower::test::kCases;
using labyrinth::lower::test::kInputs;

constexpr std::uint32_t kCalls = 1'000'000;
const char* broken = nullptr;

struct alignas(4096) Memory {
  std::array<unsigned char, kBytes> bytes;
};

// The edges of every width, and anything.
std::uint64_t input(std::mt19937_64& random) {
  const std::uint64_t chosen = random();
  const unsigned bit = static_cast<unsigned>(chosen >> 8 & 63);
  switch (chosen % 8) {
    case 0:
      return chosen >> 8 & 7;
    case 1:
      return std::uint64_t{1} << bit;
    case 2:
      return (std::uint64_t{1} << bit) - 1;
    case 3:
      return ~(std::uint64_t{1} << bit);
    case 4:
      return std::uint64_t{0} - (std::uint64_t{1} << bit);
    case 5:
      return chosen & random();
    default:
      return random();
  }
}

class Native : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Native, BehavesAsTheSource) {
  std::mt19937_64 random(GetParam() + 1);
  const auto compiled = std::make_unique<Memory>();
  const auto lowered = std::make_unique<Memory>();
  std::generate(compiled->bytes.begin(), compiled->bytes.end(),
                [&] { return static_cast<unsigned char>(random()); });
  *lowered = *compiled;
  for (std::uint32_t call = 0; call < kCalls; ++call) {
    std::array<std::uint64_t, kInputs> inputs{};
    std::generate(inputs.begin(), inputs.end(), [&] { return input(random); });
    const std::uint64_t wanted = compute_as_compiled(GetParam(), inputs.data(), compiled->bytes.data());
    const std::uint64_t found = compute_as_lowered(GetParam(), inputs.data(), lowered->bytes.data());
    ASSERT_EQ(broken, nullptr) << broken << ", call " << call;
    ASSERT_EQ(wanted, found) << "call " << call;
    // Looking at all of it each time would be most of the time.
    if (call % 64 == 0 || call + 1 == kCalls) ASSERT_EQ(compiled->bytes, lowered->bytes) << "call " << call;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Native, testing::Range(0u, kCases));

}  // namespace

extern "C" {
void labyrinth_native_assert(bool holds, const char* text) {
  if (!holds && broken == nullptr) broken = text;
}
void labyrinth_native_assume(bool holds) { labyrinth_native_assert(holds, "an assumption is broken"); }
void labyrinth_native_stop() {
  ADD_FAILURE() << (broken == nullptr ? "stopped" : broken);
  std::abort();
}
// Never the same: what must not be looked at shows.
std::uint64_t labyrinth_native_any() {
  static std::uint64_t last = 0;
  return last += 0x9e37'79b9'7f4a'7c15;
}
}
