// C++ that the native test compiles twice, as it is and lowered: the allocator's pure functions and two of
// its classes, and constructs in which C and C++ differ, or LLVM and both. Nothing in it is undefined, for
// any input.
#include "cases.hpp"

#include <array>
#include <bit>
#include <limits>

#include "allocator_cases.hpp"

#ifndef LABYRINTH_SIDE
#  define LABYRINTH_SIDE compute_as_compiled
#endif

namespace {

// Narrow numbers: each operation promotes, and its result is cut again.
template <typename T>
std::uint64_t narrow(Inputs in, unsigned char* /*memory*/) {
  const T a = cut<T>(in[0]);
  const T b = cut<T>(in[1]);
  const auto by = static_cast<unsigned>(in[2] % (sizeof(T) * 8));
  T sum = a;
  sum = static_cast<T>(sum + static_cast<T>(b >> 1));
  std::uint64_t mixed = wide(sum);
  mixed = mixed * 31 + wide(static_cast<T>(~a));
  mixed = mixed * 31 + wide(static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b)));
  mixed = mixed * 31 + wide(static_cast<T>(static_cast<std::uint64_t>(a) << by));
  mixed = mixed * 31 + wide(static_cast<T>(a >> by));
  mixed = mixed * 31 + (static_cast<T>(a ^ b) < a ? 1 : 0) + (a < b ? 2 : 0) + (a >= b ? 4 : 0);
  if (b != 0 && !(std::numeric_limits<T>::is_signed && b == static_cast<T>(-1)))
    mixed = mixed * 31 + wide(static_cast<T>(a / b)) * 7 + wide(static_cast<T>(a % b));
  return mixed;
}

std::uint64_t sums(Inputs in, unsigned char* /*memory*/) {
  std::int32_t small = 0;
  std::int64_t large = 0;
  std::uint64_t found = 0;
  if (__builtin_add_overflow(cut<std::int32_t>(in[0]), cut<std::int32_t>(in[1]), &small)) found |= 1;
  found = found * 3 + wide(small);
  if (__builtin_mul_overflow(cut<std::int64_t>(in[2]), cut<std::int64_t>(in[3]), &large)) found |= 2;
  found = found * 3 + wide(large);
  std::uint16_t narrow_sum = 0;
  if (__builtin_sub_overflow(cut<std::uint16_t>(in[4]), cut<std::uint16_t>(in[5]), &narrow_sum)) found ^= 4;
  return found * 3 + narrow_sum;
}

std::uint64_t bits_of(Inputs in, unsigned char* /*memory*/) {
  const auto a = cut<std::uint8_t>(in[0]);
  const auto b = cut<std::uint16_t>(in[1]);
  const auto c = cut<std::uint32_t>(in[2]);
  const std::uint64_t d = in[3];
  std::uint64_t all =
      wide(std::countl_zero(a)) + 9 * wide(std::countr_zero(b)) + 300 * wide(std::popcount(c));
  all = all * 131 + wide(std::countl_zero(d)) + 70 * wide(std::bit_width(c)) + wide(std::countr_one(a));
  all = all * 131 + std::rotl(a, cut<int>(in[4]) % 64) + 256 * wide(std::rotr(b, cut<int>(in[5]) % 64));
  return all * 131 + std::rotl(c, cut<int>(in[5]) % 128) + std::rotr(d, cut<int>(in[4]) % 128);
}

std::uint64_t wide_numbers(Inputs in, unsigned char* /*memory*/) {
  const auto product = static_cast<unsigned __int128>(in[0]) * in[1];
  const auto sum = static_cast<__int128>(cut<std::int64_t>(in[2])) + cut<std::int64_t>(in[3]);
  const unsigned by = in[4] % 128;
  const auto quotient = product / (static_cast<unsigned __int128>(in[5]) + 1);
  return wide(product >> by) ^ wide(sum >> 3) ^ wide(product >> 64) ^ wide(quotient) ^ (sum < 0 ? 1 : 0);
}

struct Small {
  std::uint8_t a;
  std::uint16_t b;
  bool c;
  std::int16_t d = -5;
};
struct Large {
  std::uint64_t a;
  Small parts[3];
  std::int32_t z;
};
[[gnu::noinline]] Small turned(Small from) { return {cut<std::uint8_t>(from.b), from.a, !from.c, from.d}; }
[[gnu::noinline]] Large changed(Large from, std::uint32_t at) {
  from.parts[at] = turned(from.parts[(at + 1) % 3]);
  from.a += from.parts[2].b;
  from.z ^= from.parts[at].c ? 1 : -2;
  return from;
}

std::uint64_t structs(Inputs in, unsigned char* /*memory*/) {
  Large one{in[0],
            {{cut<std::uint8_t>(in[1]), cut<std::uint16_t>(in[2]), (in[3] & 1) != 0, 6}, {}, {1, 2, true}},
            3};
  const Large other = changed(one, cut<std::uint32_t>(in[4] % 3));
  one = changed(other, cut<std::uint32_t>(in[5] % 3));
  std::uint64_t all = one.a * 7 + wide(one.z);
  for (const Small& each : one.parts)
    all = all * 31 + each.a + each.b * std::uint64_t{256} + (each.c ? 1 : 0);
  return all ^ other.a;
}

std::uint64_t choose(Inputs in, unsigned char* /*memory*/) {
  std::uint64_t result = in[1];
  switch (cut<std::int32_t>(in[0])) {
    case -1:
      result += 1;
      [[fallthrough]];
    case 0:
      result *= 3;
      break;
    case std::numeric_limits<std::int32_t>::min():
      return 17;
    case 1 ... 5:
      result ^= in[2];
      break;
    default:
      result = in[3];
  }
  switch (cut<std::uint8_t>(in[2])) {
    case 0x80:
      return result + 1;
    case 0xff:
      return result + 2;
    default:
      return result;
  }
}

std::uint64_t loops(Inputs in, unsigned char* /*memory*/) {
  std::uint64_t a = in[0];
  std::uint64_t b = in[1];
  std::uint32_t rounds = 0;
  for (; rounds < 40; ++rounds) {
    if (rounds % 3 == 1) continue;
    const std::uint64_t last = a;
    a = b;
    b = last + (b >> 1);
    if ((b & 0xff) == in[2] % 256) break;
  }
  do {
    a ^= b << (rounds % 7);
  } while (++rounds % 5 != 0);
  return a * 3 + b + rounds;
}

constexpr std::array<std::int16_t, 8> kTable = {-1, 2, -300, 4, 5, -32768, 32767, 0};

std::uint64_t arrays(Inputs in, unsigned char* /*memory*/) {
  std::array<std::array<std::int16_t, 4>, 3> grid{};
  for (std::uint32_t i = 0; i < 12; ++i) grid[i / 4][i % 4] = kTable[(in[0] >> i) % 8];
  grid[in[1] % 3][in[2] % 4] = cut<std::int16_t>(in[3]);
  const std::int16_t* const end = &grid[2][0] + 4;
  const auto back = -static_cast<std::int64_t>(in[4] % 4) - 1;
  std::int64_t sum = end[back];
  for (const auto& row : grid) {
    for (const std::int16_t each : row) sum = sum * 3 + each;
  }
  return wide(sum);
}

std::uint64_t bytes(Inputs in, unsigned char* memory) {
  const std::uint64_t from = in[0] % 64;
  const std::uint64_t to = in[1] % 64;
  __builtin_memmove(memory + to, memory + from, in[2] % 48);
  __builtin_memcpy(memory + 200 + to, memory + from, in[2] % 48);
  __builtin_memset(memory + 128 + from, cut<int>(in[3] & 0xff), in[4] % 16);
  std::uint32_t word = 0;
  __builtin_memcpy(&word, memory + from, sizeof word);
  Small kept{cut<std::uint8_t>(in[5]), 1, false, 2};
  Small copied = kept;
  copied.b = cut<std::uint16_t>(word);
  return word + copied.a * 5ull + copied.b;
}

using Unary = std::int32_t (*)(std::int32_t);
std::int32_t halved(std::int32_t of) { return of / 2; }
std::int32_t masked(std::int32_t of) { return of & 0x5555; }
std::int32_t shifted(std::int32_t of) { return of >> 3; }
constexpr Unary kFunctions[] = {halved, masked, shifted};

std::uint64_t indirect(Inputs in, unsigned char* /*memory*/) {
  return wide(kFunctions[in[0] % 3](cut<std::int32_t>(in[1]))) + wide(kFunctions[in[2] % 3](7));
}

std::uint32_t ackermann(std::uint32_t a, std::uint32_t b) {
  if (a == 0) return b + 1;
  return b == 0 ? ackermann(a - 1, 1) : ackermann(a - 1, ackermann(a, b - 1));
}

std::uint64_t recursion(Inputs in, unsigned char* /*memory*/) {
  return ackermann(cut<std::uint32_t>(in[0] % 3), cut<std::uint32_t>(in[1] % 4));
}

template <typename T>
std::uint64_t atomics(Inputs in, unsigned char* memory) {
  auto& cell = *::new (memory) std::atomic<T>(cut<T>(in[0]));
  std::uint64_t all = wide(cell.fetch_add(cut<T>(in[1])));
  all = all * 31 + wide(cell.fetch_sub(cut<T>(in[2])));
  all = all * 31 + wide(cell.fetch_and(cut<T>(in[3])));
  all = all * 31 + wide(cell.fetch_xor(cut<T>(in[4])));
  T expected = cut<T>(in[5]);
  if (cell.compare_exchange_strong(expected, cut<T>(in[0]))) all += 7;
  all = all * 31 + wide(expected) + wide(cell.exchange(cut<T>(in[2])));
  expected = cut<T>(in[2]);
  if (cell.compare_exchange_strong(expected, 1)) all += 9;
  return all * 31 + wide(cell.load());
}

using Case = std::uint64_t (*)(Inputs, unsigned char*);
constexpr std::array<Case, labyrinth::lower::test::kCases> kAll = {narrow<std::uint8_t>,
                                                                   narrow<std::int8_t>,
                                                                   narrow<std::uint16_t>,
                                                                   narrow<std::int16_t>,
                                                                   narrow<std::uint32_t>,
                                                                   narrow<std::uint64_t>,
                                                                   sums,
                                                                   bits_of,
                                                                   wide_numbers,
                                                                   structs,
                                                                   choose,
                                                                   loops,
                                                                   arrays,
                                                                   bytes,
                                                                   indirect,
                                                                   recursion,
                                                                   atomics<std::uint8_t>,
                                                                   atomics<std::int16_t>,
                                                                   atomics<std::uint32_t>,
                                                                   atomics<std::int64_t>,
                                                                   words,
                                                                   entitlements,
                                                                   credits,
                                                                   ownership};

}  // namespace

extern "C" std::uint64_t LABYRINTH_SIDE(std::uint32_t which, const std::uint64_t* in, unsigned char* memory) {
  return kAll[which](in, memory);
}
