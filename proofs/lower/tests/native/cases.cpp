// C++ that the native test compiles twice, as it is and lowered: the allocator's pure functions and two of
// its classes, and constructs in which C and C++ differ, or LLVM and both. Nothing in it is undefined, for
// any input.
#include "cases.hpp"

#include <array>
#include <bit>
#include <limits>

#include "credits.cpp"
#include "entitlement.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "ownership.cpp"
#include "ownership_word.hpp"

#ifndef LABYRINTH_SIDE
#  define LABYRINTH_SIDE compute_as_compiled
#endif

namespace {

using Inputs = const std::uint64_t*;
using labyrinth::Frames;
using labyrinth::Gfp;
using labyrinth::Order;

template <typename T>
T cut(std::uint64_t value) {
  return static_cast<T>(value);
}

template <typename T>
std::uint64_t wide(T value) {
  return static_cast<std::uint64_t>(value);
}

// Narrow numbers: each operation promotes, and its result is cut again.
template <typename T>
std::uint64_t narrow(Inputs in) {
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

std::uint64_t sums(Inputs in) {
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

std::uint64_t bits_of(Inputs in) {
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

std::uint64_t wide_numbers(Inputs in) {
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

std::uint64_t structs(Inputs in) {
  Large one{in[0],
            {{cut<std::uint8_t>(in[1]), cut<std::uint16_t>(in[2]), (in[3] & 1) != 0, 6}, {}, {1, 2, true}},
            3};
  const Large other = changed(one, cut<std::uint32_t>(in[4] % 3));
  one = changed(other, cut<std::uint32_t>(in[5] % 3));
  std::uint64_t all = one.a * 7 + wide(one.z);
  for (const Small& each : one.parts) all = all * 31 + each.a + each.b * 256u + (each.c ? 1 : 0);
  return all ^ other.a;
}

std::uint64_t choose(Inputs in) {
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

std::uint64_t loops(Inputs in) {
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

const std::array<std::int16_t, 8> kTable = {-1, 2, -300, 4, 5, -32768, 32767, 0};

std::uint64_t arrays(Inputs in) {
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

std::uint64_t indirect(Inputs in) {
  return wide(kFunctions[in[0] % 3](cut<std::int32_t>(in[1]))) + wide(kFunctions[in[2] % 3](7));
}

std::uint32_t ackermann(std::uint32_t a, std::uint32_t b) {
  if (a == 0) return b + 1;
  return b == 0 ? ackermann(a - 1, 1) : ackermann(a - 1, ackermann(a, b - 1));
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
  if (cell.compare_exchange_strong(expected = cut<T>(in[2]), 1)) all += 9;
  return all * 31 + wide(cell.load());
}

std::uint64_t words(Inputs in) {
  using namespace labyrinth;
  const Order order{cut<std::uint32_t>(in[1] % 5)};
  const std::uint32_t start = cut<std::uint32_t>(in[2] % 32) >> order.value << order.value;
  std::uint64_t all = used_frames(in[0]) * 3 + free_count(in[0]) + free_blocks(in[0], order);
  const FreeFrames lowest = lowest_free(in[0], cut<std::uint32_t>(in[3] % 40));
  all = all * 31 + lowest.bits + lowest.count + node_bit(order, start);
  all = all * 31 + node_start(order, node_bit(order, start)) + node_order(node_bit(order, start)).value;
  const auto begin = cut<std::uint32_t>(in[4] % 33);
  const auto end = begin + cut<std::uint32_t>(in[5] % (33 - begin));
  return all * 31 + fenced_word(begin, end) + pieces(0, cut<std::uint32_t>(in[3] % 32) + 1);
}

std::uint64_t entitlements(Inputs in) {
  using namespace labyrinth;
  const Gfp gfp{cut<std::uint32_t>(in[0])};
  const Watermarks marks{{cut<std::int32_t>(in[1])}, {cut<std::int32_t>(in[2])}, {0}};
  const Pass pass = (in[3] & 1) != 0 ? Pass::kLow : Pass::kMin;
  std::uint64_t all = (is_known(gfp) ? 1u : 0u) + (sets_apart(gfp) ? 2u : 0u) +
                      (draws_on_highatomic(gfp) ? 4u : 0u) + (names_room(gfp) ? 8u : 0u) +
                      16u * highest_zone(gfp);
  all = all * 31 + wide(floor_of(gfp, pass, marks, Frames{cut<std::int32_t>(in[4])}).value);
  const auto zone = model::highest_zone(model::Gfp{gfp.bits});
  return all * 31 + (zone ? wide(*zone) + 1 : 0) + (model::sets_apart(model::Gfp{gfp.bits}) ? 1 : 0);
}

std::uint64_t credits(Inputs in, unsigned char* memory) {
  using namespace labyrinth;
  const Geometry geometry(in[0] % 100, in[1] % 2000 + 1, Order{cut<std::uint32_t>(in[2] % 6)});
  Credits tree(geometry, reinterpret_cast<std::byte*>(memory));
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    Patience patience;
    ChunkIndex chunk = 0;
    all = all * 31 + (tree.take_from_root(Frames{1}, Frames{cut<std::int64_t>(in[3] % 8)}) ? 1 : 0);
    const auto hint = cut<ChunkIndex>(in[4 + i % 2] % geometry.chunks());
    if (tree.descend(hint, patience, chunk)) all = all * 31 + chunk;
    if ((in[5] >> i & 1) != 0) tree.credit_path(chunk, Frames{1});
    all = all * 31 + patience.left() + tree.next_promising(hint, 0, geometry.chunks(), Frames{32});
  }
  return all + wide(tree.root().value);
}

std::uint64_t ownership(Inputs in, unsigned char* memory) {
  using namespace labyrinth;
  const Geometry geometry(in[0] % 40, 512 + in[1] % 512, Order{7});
  auto* const storage = reinterpret_cast<std::byte*>(memory);
  Ownership owned(geometry, storage, storage + 1024);
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto word = cut<WordIndex>((in[2] >> (4 * i)) % 16);
    const Order order{cut<std::uint32_t>((in[3] >> (3 * i)) % 5)};
    Patience patience;
    Word seen = owned.look(word);
    const Offset frame = owned.claim_in_word(word, seen, order, 1u << order.value, patience);
    all = all * 31 + frame + seen;
    if (frame != kNoFrame && (in[4] >> i & 1) != 0) all = all * 31 + wide(owned.release(frame, order));
    all = all * 31 + wide(owned.release(cut<Offset>((in[5] >> (5 * i)) % 512), order));
  }
  Patience patience;
  all = all * 31 + (owned.claim_words(1, Order{6}, 64, patience) ? 1 : 0) +
        (owned.are_words_free(2, Order{6}) ? 2 : 0);
  return all;
}

}  // namespace

extern "C" std::uint64_t LABYRINTH_SIDE(std::uint32_t which, const std::uint64_t* in, unsigned char* memory) {
  switch (which) {
    case 0:
      return narrow<std::uint8_t>(in);
    case 1:
      return narrow<std::int8_t>(in);
    case 2:
      return narrow<std::uint16_t>(in);
    case 3:
      return narrow<std::int16_t>(in);
    case 4:
      return narrow<std::uint32_t>(in);
    case 5:
      return narrow<std::uint64_t>(in);
    case 6:
      return sums(in);
    case 7:
      return bits_of(in);
    case 8:
      return wide_numbers(in);
    case 9:
      return structs(in);
    case 10:
      return choose(in);
    case 11:
      return loops(in);
    case 12:
      return arrays(in);
    case 13:
      return bytes(in, memory);
    case 14:
      return indirect(in);
    case 15:
      return ackermann(static_cast<std::uint32_t>(in[0] % 3), static_cast<std::uint32_t>(in[1] % 4));
    case 16:
      return atomics<std::uint8_t>(in, memory);
    case 17:
      return atomics<std::int16_t>(in, memory);
    case 18:
      return atomics<std::uint32_t>(in, memory);
    case 19:
      return atomics<std::int64_t>(in, memory);
    case 20:
      return words(in);
    case 21:
      return entitlements(in);
    case 22:
      return credits(in, memory);
    case 23:
      return ownership(in, memory);
    default:
      return words(in + 0) ^ choose(in);
  }
}
