// A void of one word for proofs: a stand-in for its zone, a port that notes what is done to the one block
// that this context has to do with, and what each access may find and do (void.cpp, void-limbo.cpp).
//
// Rely: nobody clears a bit of a block that another has in its hands. Geometry: 8 frames, a block of each of
// the orders 0 to 2. Assumes: the zone is sound (large-blocks and word-* are about its words).
// What is live or in limbo is claimed in the zone, and not both: each step is held to what keeps it so (only
// who has a block in its hands makes it live or puts it there), and so it is assumed of what one finds.
#pragma once

#include "isolated_zone.cpp"
#include "labyrinth/proof.hpp"
#include "stand_in_zone.hpp"

using namespace labyrinth;

namespace {

constexpr std::uint64_t kFirst = 64;
constexpr std::uint32_t kFrames = 8;
constexpr std::uint32_t kMaxOrder = 2;
constexpr Offset kFrameOf[] = {5, 6, 0};  // a block of each order

enum class Content : std::uint8_t { kAny, kPoison, kZeros, kGone, kMapped };

constinit std::uint64_t storage[8 + 8 + 16]{};  // live bits, then bits of poison; or limbo and its bits
constinit std::uint64_t zone_word = 0;
std::uint64_t* limbo_word = nullptr;
bool unmaps = false;
bool sleeps = false;

// The block that this context has to do with.
Offset frame = 0;
Order order{};
bool owned = false;     // and is live, as long as this context does not free it
bool in_hands = false;  // claimed in the zone, and neither live nor in limbo
Content content = Content::kAny;
bool is_reachable = false;
std::uint32_t frees = 0;     // of live blocks
std::uint32_t releases = 0;  // into the zone
std::uint32_t credits = 0;
std::uint32_t put_back = 0;  // into limbo
std::uint32_t taken = 0;     // out of it
std::uint32_t mapped = 0;
std::uint32_t inserted = 0;
std::uint32_t port_calls = 0;
bool wants_zeros = false;
Word in_limbo = 0;         // the blocks that may be
std::int32_t surplus = 0;  // of this context's counts over the blocks that it has put in

[[nodiscard]] Word bit() { return node_bit(order, frame); }
[[nodiscard]] std::uint64_t size() { return std::uint64_t{1} << order.value; }

void on_block(std::uint64_t pfn, std::uint64_t frames) {
  labyrinth_prove(in_hands, "X5: no frame is touched but one that is in this context's hands");
  labyrinth_prove(pfn == kFirst + frame && frames == size(), "X5: the block is touched, and no other frame");
  ++port_calls;
}

std::uint32_t cpu(void*) { return 0; }
bool may_sleep(void*) { return sleeps; }
void zero(void*, std::uint64_t pfn, std::uint64_t frames) {
  on_block(pfn, frames);
  labyrinth_prove(is_reachable, "X6: what is unmapped is not written to");
  content = Content::kZeros;
}
void poison(void*, std::uint64_t pfn, std::uint64_t frames) {
  on_block(pfn, frames);
  labyrinth_prove(is_reachable, "X6: what is unmapped is not written to");
  content = Content::kPoison;
}
bool is_poisoned(void*, std::uint64_t pfn, std::uint64_t frames) {
  labyrinth_prove(in_hands && pfn >= kFirst + frame && pfn + frames <= kFirst + frame + size(),
                  "X5: no frame is read but one that is in this context's hands");
  const bool intact = labyrinth_any("still poisoned", 1) != 0;
  if (intact && frames == size()) content = Content::kPoison;
  return intact;
}
void report_damage(void*, std::uint64_t, std::uint64_t) {
  labyrinth_prove(in_hands, "X6: damage is reported of a block that is nobody's");
}
bool unmap(void*, std::uint64_t pfn, std::uint64_t frames) {
  on_block(pfn, frames);
  labyrinth_prove(sleeps, "N1: nothing is unmapped where sleeping is not permitted");
  if (labyrinth_any("cannot be unmapped", 1) != 0) return false;
  is_reachable = false;
  content = Content::kGone;
  return true;
}
bool remap(void*, std::uint64_t pfn, std::uint64_t frames) {
  on_block(pfn, frames);
  if (labyrinth_any("cannot be mapped", 1) != 0) return false;
  is_reachable = true;
  content = Content::kMapped;
  ++mapped;
  return true;
}

[[nodiscard]] constexpr Port port_that(bool unmaps) {
  Port port{};
  port.cpu = cpu;
  port.may_sleep = may_sleep;
  port.zero = zero;
  port.poison = poison;
  port.is_poisoned = is_poisoned;
  port.report_damage = report_damage;
  if (unmaps) {
    port.unmap = unmap;
    port.remap = remap;
  }
  return port;
}
constexpr ZoneSetup kSetup{.first_pfn = kFirst,
                           .frames = kFrames,
                           .max_order = Order{kMaxOrder},
                           .cpus = 1,
                           .watermarks = {},
                           .reserve = {},
                           .grouped = false,
                           .apart = 0};
constexpr Port kPoisons = port_that(false);
constexpr Port kUnmaps = port_that(true);

}  // namespace

// The zone, as far as the void asks anything of it.
namespace labyrinth {

Layout Zone::layout_of(const ZoneSetup& setup, std::size_t) noexcept {
  Layout layout(setup.geometry(), 1, 0, 0);
  layout.size = 0;
  return layout;
}
Zone::Zone(const ZoneSetup& setup, std::byte*, std::size_t) noexcept
    : shape_(setup.shape()),
      watermarks_(setup.watermarks),
      reserve_(setup.reserve),
      ownership_(geometry_, reinterpret_cast<std::byte*>(&zone_word), nullptr),
      credits_(geometry_, nullptr),
      prepaid_(geometry_, ownership_, credits_, 1, 1, Frames{0}, nullptr),
      blocks_(geometry_, credits_, false, nullptr),
      highatomic_(geometry_, ownership_, credits_, blocks_, 0, Frames{0}, nullptr) {}
Zone::Taken Zone::take_part(Order wanted, std::uint32_t frames, Frames, const Caller&) noexcept {
  labyrinth_prove(wanted == order && frames == size(), "X2: the zone is asked for the block that is wanted");
  if (labyrinth_any("the zone refuses", 1) != 0) return {Status::kExhausted, Pfn{}};
  labyrinth_assume((zone_word & bit()) == 0);
  // What is free is neither live nor in limbo.
  labyrinth_assume((storage[0] & bit()) == 0 && (limbo_word == nullptr || (*limbo_word & bit()) == 0));
  zone_word |= bit();
  in_hands = true;
  is_reachable = !unmaps;
  return {Status::kOk, Pfn{kFirst + frame}};
}
void Zone::return_credits(Offset first, Frames frames) noexcept {
  labyrinth_prove(releases == credits + 1 && first == frame && frames == order.frames(),
                  "E1: the credits of a block are returned once, and after it is free");
  ++credits;
}

}  // namespace labyrinth

namespace {

void others_change(std::uint64_t& word, Word kept, Word changed) {
  const Word next = labyrinth_any("others make of it", 64);
  labyrinth_assume((next & kept) == (word & kept) &&
                   (next & ~(kept | changed)) == (word & ~(kept | changed)));
  word = next;
}

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  // Live here for good, or not at all, as long as the block is this context's.
  const Word mine = owned || in_hands ? bit() : 0;
  if (address == &zone_word) {
    others_change(zone_word, mine, ~(mine | kWhole | kPrepaid));
  } else if (address == &storage[0]) {
    others_change(storage[0], mine, ~mine);
  } else if (address == limbo_word) {
    others_change(*limbo_word, mine, in_limbo & ~mine);
  } else if (!unmaps && address == &storage[8]) {
    const Word of_block = mine == 0 ? 0 : ((Word{1} << size()) - 1) << frame;
    others_change(storage[8], of_block, ~of_block);
  } else {
    labyrinth_prove(unmaps, "X5: nothing is touched but the void's metadata");
    // Limbo's count; where a drain begins is the one place that there is.
    if (bytes == 8) *static_cast<std::uint64_t*>(address) = labyrinth_any("others make of the count", 64);
  }
}

namespace {

void zone_written(Word before, Word after) {
  labyrinth_prove(in_hands && (before & ~after) == bit() && (after & ~before) == 0,
                  "X1: a block is freed by who has it in its hands, and no other");
  labyrinth_prove(!unmaps || !is_reachable, "X6: what can be claimed by others can no longer be reached");
  labyrinth_prove(unmaps || mapped != 0 || content == Content::kPoison,
                  "X6: what an owner left is destroyed before others can claim it");
  in_hands = false;
  ++releases;
}

void live_written(Word before, Word after) {
  if (after == (before | bit()) && after != before) {
    labyrinth_prove(in_hands, "X1: a block becomes live only for who has claimed it");
    labyrinth_prove(is_reachable, "X6: and can be reached");
    labyrinth_prove(content == (wants_zeros ? Content::kZeros
                                : unmaps    ? Content::kMapped
                                            : Content::kPoison),
                    "X6: it carries over nothing of its last owner");
    in_hands = false;
    ++inserted;
    return;
  }
  labyrinth_prove(after == (before & ~bit()), "X3: no block is freed but the one that is named");
  if (after == before) return;
  ++frees;
  owned = false;
  in_hands = true;
  content = Content::kAny;
  is_reachable = true;
  // It is live: so it is claimed in the zone, and none of it is in limbo.
  labyrinth_assume((zone_word & bit()) != 0);
  if (limbo_word != nullptr) labyrinth_assume((*limbo_word & bit()) == 0);
}

void limbo_written(Word before, Word after) {
  if ((after & ~before) != 0) {
    labyrinth_prove(in_hands && after == (before | bit()), "X1: a block goes into limbo from one's hands");
    labyrinth_prove(content == Content::kPoison, "X6: and is poisoned before it waits there");
    in_hands = false;
    ++put_back;
    --surplus;
  }
  const Word out = before & ~after;
  if (out != 0) {
    labyrinth_prove((out & (out - 1)) == 0 && !in_hands, "X1: a block is taken out of limbo alone");
    order = node_order(out);
    frame = node_start(order, out);
    in_hands = true;
    content = Content::kPoison;
    is_reachable = true;
    ++taken;
    ++surplus;
    labyrinth_assume((zone_word & bit()) != 0 && (storage[0] & bit()) == 0);
  }
  labyrinth_prove(surplus >= 0, "X4: limbo's count is never less than the blocks in it");
}

}  // namespace

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  if (address == &zone_word) return zone_written(before, after);
  if (address == &storage[0]) return live_written(before, after);
  if (address == limbo_word) return limbo_written(before, after);
  if (!unmaps) {
    const Word of_block = ((Word{1} << size()) - 1) << frame;
    labyrinth_prove(address == &storage[8] && in_hands && ((before ^ after) & ~of_block) == 0,
                    "X6: whether it is poisoned is noted of the block alone");
    return;
  }
  if (after == before + 1) {
    ++surplus;
  } else if (after + 1 == before) {
    --surplus;
    labyrinth_prove(surplus >= 0, "X4: limbo's count is never less than the blocks in it");
  }
}

namespace {

// What there is when the call begins.
void any_words() {
  sleeps = labyrinth_any("may sleep", 1) != 0;
  zone_word = labyrinth_any("zone's word", 64) & ~(kWhole | kPrepaid);
  storage[0] = labyrinth_any("live blocks", 64);
  if (!unmaps) {
    storage[8] = labyrinth_any("poisoned frames", 64);
    return;
  }
  limbo_word = &storage[8 + (sizeof(Limbo) + kCacheLine - 1) / kCacheLine * 8];
  for (std::uint32_t k = 0; k <= kMaxOrder; ++k) in_limbo |= node_bit(Order{k}, kFrameOf[k]);
  *limbo_word = labyrinth_any("limbo's blocks", 64) & in_limbo;
}

}  // namespace
