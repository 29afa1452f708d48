// Where a target's edge counters register themselves: they are passed on to the fuzzer, if one is linked in.
//
// labyrinth_add_target() links with --wrap, so that the machine learns where the counters are: what create()
// covers is the same for all traces and only costs the fuzzer time, so it is wiped before the run.
#include "coverage.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace labyrinth::machine {
namespace {

/// One range an instrumented object of a target; of further ones the counters are left alone.
constexpr std::size_t kMaxRanges = 64;
std::span<std::uint8_t> ranges[kMaxRanges];
std::size_t range_count = 0;
std::span<std::byte> tables[kMaxRanges];
std::size_t table_count = 0;
/// Of more counters the rest goes on counting.
std::uint8_t kept[std::size_t{64} << 10];

/// Calls `copy(counters, kept)` for what there is room for.
template <class Copy>
void each_kept(Copy copy) noexcept {
  std::size_t at = 0;
  for (const std::span<std::uint8_t> range : coverage()) {
    const std::size_t size = std::min(range.size(), sizeof kept - at);
    copy(range.data(), kept + at, size);
    at += size;
  }
}

}  // namespace

std::span<const std::span<std::uint8_t>> coverage() noexcept { return {ranges, range_count}; }

void keep_coverage() noexcept {
  each_kept([](const std::uint8_t* counters, std::uint8_t* to, std::size_t size) {
    std::memcpy(to, counters, size);
  });
}

void return_to_coverage() noexcept {
  each_kept([](std::uint8_t* counters, const std::uint8_t* from, std::size_t size) {
    std::memcpy(counters, from, size);
  });
}

std::span<const std::span<std::byte>> edge_tables() noexcept { return {tables, table_count}; }

void forget_coverage() noexcept {
  for (const std::span<std::uint8_t> range : coverage()) std::ranges::fill(range, std::uint8_t{0});
}

}  // namespace labyrinth::machine

using namespace labyrinth::machine;

extern "C" {

// libFuzzer's definitions win over these where it is linked in.
__attribute__((weak)) void __sanitizer_cov_8bit_counters_init(char*, char*) {}
__attribute__((weak)) void __sanitizer_cov_pcs_init(const std::uintptr_t*, const std::uintptr_t*) {}

void __wrap___sanitizer_cov_8bit_counters_init(char* begin, char* end) {
  if (range_count < kMaxRanges)
    ranges[range_count++] = {reinterpret_cast<std::uint8_t*>(begin), reinterpret_cast<std::uint8_t*>(end)};
  __sanitizer_cov_8bit_counters_init(begin, end);
}

void __wrap___sanitizer_cov_pcs_init(const std::uintptr_t* begin, const std::uintptr_t* end) {
  auto* const first = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(begin));
  if (table_count < kMaxRanges)
    tables[table_count++] = {first, sizeof *begin * static_cast<std::size_t>(end - begin)};
  __sanitizer_cov_pcs_init(begin, end);
}

}  // extern "C"
