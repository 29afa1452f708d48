// Two CPUs and a handler that nests in one of them, each with one call, in every order of their accesses that
// comes back to a context no more than kTurns - 1 times: blocks stay apart, frames and credits add up, and a
// refusal has its reason.
//
// Geometry: a zone of 4 frames. Each context frees a block of any order or takes one: the task of order 1,
// the handler of order 0, the other CPU of either (all orders for all took more than 4 GiB). A call is what a
// zone makes of a request or a free: credit at the root and a claim, or a release and the credit. Assumes:
// the word is well formed at first, with as many credits as free frames and no block set apart; a free is its
// block's owner's.
//
// Bounded and exact, where the proofs word-* and root-credits are for any number of contexts but take the
// others to be anything that the rely permits. Interleaved by rounds (Lal and Reps, CAV 2008): in each the
// task, its handler and the other CPU take their steps one after another; what a context finds at the
// beginning of a round is guessed, and in the end compared with what the one before it left. What
// labyrinth_before_atomic does is to end rounds.
#include "credits.cpp"
#include "ownership.cpp"
#include "rely.hpp"

using namespace labyrinth;
using namespace labyrinth::proof;

namespace {

constexpr std::uint32_t kTurns = 3;
constexpr std::uint32_t kFrames = 4;
constexpr Order kMaxOrder{2};
constexpr Word kOutside = fenced_word(0, kFrames);
enum Context : std::uint32_t { kTask, kHandler, kOther, kContexts };

struct Shared {
  Word word;
  std::int64_t credits;
};

std::uint64_t storage[1];
std::int64_t* root = nullptr;
Shared begin[kContexts][kTurns];  // of each round, as the context finds it, and
Shared end[kContexts][kTurns];    // as it leaves it
std::uint32_t context = kContexts;
std::uint32_t round = 0;
// The handler arrives in one round and is done in another; what it interrupts takes no step in between.
std::uint32_t arrives = 0;
std::uint32_t leaves = 0;

Shared look() { return {storage[0], *root}; }
void become(const Shared& state) {
  storage[0] = state.word;
  *root = state.credits;
}

/// The context's rounds up to `next`: in those that it lets pass it changes nothing.
void go_on_to(std::uint32_t next) {
  for (std::uint32_t i = 0; i + 1 < kTurns; ++i) {
    if (i < round || i >= next) continue;
    end[context][i] = look();
    become(begin[context][i + 1]);
  }
  round = next;
}

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  if (context == kContexts) {
    if (bytes == sizeof(std::int64_t)) root = static_cast<std::int64_t*>(address);
    return;
  }
  const auto next = static_cast<std::uint32_t>(labyrinth_any("round", 2));
  labyrinth_assume(next >= round && next < kTurns);
  if (context == kHandler) labyrinth_assume(next <= leaves);
  go_on_to(next);
  if (context == kTask) labyrinth_assume(round <= arrives || round > leaves);
}

namespace {

struct Call {
  bool frees;
  Order order;
  Offset frame;  // of the block to be freed
  Status status;
  Word block;  // that was freed or given

  [[nodiscard]] std::int64_t need() const { return order.frames().value; }
};

template <std::uint32_t kOrderValue>
Offset claim(Ownership& ownership) {
  // A race is lost to what came at the beginning of a round, so the last of these is never lost.
  Patience patience;
  while (patience.left() > kTurns) patience.lose_race();
  Word seen = ownership.look(0);
  return ownership.claim_in_word(0, seen, Order{kOrderValue}, 1u << kOrderValue, patience);
}

Offset claim(Ownership& ownership, Context who, Order order) {
  const bool is_single = who == kHandler || (who == kOther && order == Order{0});
  return is_single ? claim<0>(ownership) : claim<1>(ownership);
}

void make(Context who, Call& call, Ownership& ownership, Credits& credits, Frames floor) {
  context = who;
  round = who == kHandler ? arrives : 0;
  become(begin[who][round]);
  if (call.frees) {
    const bool freed = ownership.release(call.frame, call.order) != Ownership::Released::kNothing;
    if (freed) credits.return_to_root(call.order.frames());
    call.status = freed ? Status::kOk : Status::kBadArgument;
  } else if (!credits.take_from_root(call.order.frames(), floor)) {
    call.status = Status::kExhausted;
  } else {
    const Offset frame = claim(ownership, who, call.order);
    call.status = frame == kNoFrame ? Status::kFragmented : Status::kOk;
    if (frame == kNoFrame) {
      credits.return_to_root(call.order.frames());
    } else {
      call.block = node_bit(call.order, frame);
    }
  }
  if (who == kHandler) go_on_to(leaves);
  go_on_to(kTurns - 1);
  end[who][round] = look();
}

/// The zone's part of a word is anything well formed.
Word any_word() {
  const Word word = kOutside | labyrinth_any("word", 2 * kFrames - 1);
  labyrinth_assume(well_formed(word));
  return word;
}

/// A request, or the free of some block that is live.
Call any_call(Context who, Word live) {
  Call call{};
  call.frees = labyrinth_any("frees", 1) != 0;
  call.order = Order{static_cast<std::uint32_t>(labyrinth_any("order", 2))};
  labyrinth_assume(call.order <= kMaxOrder);
  if (!call.frees) {
    labyrinth_assume(call.order <= Order{1} &&
                     (who == kOther || call.order == Order{who == kTask ? 1U : 0U}));
    return call;
  }
  call.frame = static_cast<Offset>(labyrinth_any("frame", 2));
  labyrinth_assume(call.frame % (1u << call.order.value) == 0);
  call.block = node_bit(call.order, call.frame);
  labyrinth_assume((live & call.block) != 0);
  return call;
}

void judge(const Call (&calls)[kContexts], Word at_first, std::int64_t free_at_first, Frames floor,
           const Shared& at_last) {
  Word kept = at_first;
  for (const Call& call : calls) kept &= ~(call.frees ? call.block : 0);
  Word given = 0;
  std::int64_t credits = free_at_first;
  std::int64_t wanted = 0;
  for (const Call& call : calls) {
    labyrinth_prove(!call.frees || call.status == Status::kOk, "X3: the free of a live block succeeds");
    credits += call.frees ? call.need() : call.status == Status::kOk ? -call.need() : 0;
    wanted += call.frees ? 0 : call.need();
    if (call.frees || call.status != Status::kOk) continue;
    labyrinth_prove((used_frames(call.block) & (used_frames(kept) | used_frames(given))) == 0,
                    "X1: a frame that was given is nobody else's");
    given |= call.block;
  }
  labyrinth_prove(at_last.word == (kept | given), "X4: the word has what is live, and nothing else");
  labyrinth_prove(at_last.credits == credits, "X4: and the root what is free");
  for (const Call& call : calls) {
    if (call.frees) continue;
    if (call.status == Status::kOk) labyrinth_cover("given");
    if (call.status == Status::kFragmented) labyrinth_cover("no block");
    if (call.status != Status::kExhausted) continue;
    labyrinth_cover("exhausted");
    labyrinth_prove(free_at_first - wanted < floor.value, "E2: all that was asked for was not there");
  }
  if (calls[kTask].status == Status::kOk && calls[kHandler].status == Status::kOk &&
      calls[kOther].status == Status::kOk && arrives != leaves)
    labyrinth_cover("all three, with the other CPU between the handler's steps");
}

}  // namespace

extern "C" void proof() {
  const Geometry geometry(0, kFrames, kMaxOrder);
  Ownership ownership(geometry, reinterpret_cast<std::byte*>(storage), nullptr);
  Credits credits(geometry, nullptr);
  static_cast<void>(credits.root());  // the hook learns where it is
  const Word at_first = any_word();
  const Frames floor{static_cast<std::int64_t>(labyrinth_any("floor", 2))};
  Call calls[kContexts] = {any_call(kTask, at_first), any_call(kHandler, at_first),
                           any_call(kOther, at_first)};
  for (std::uint32_t i = 0; i < kContexts; ++i) {
    const Call& one = calls[i];
    const Call& next = calls[i + 1 == kContexts ? 0 : i + 1];
    labyrinth_assume(!one.frees || !next.frees || one.block != next.block);
  }
  arrives = static_cast<std::uint32_t>(labyrinth_any("the handler arrives in round", 2));
  leaves = static_cast<std::uint32_t>(labyrinth_any("and leaves in round", 2));
  labyrinth_assume(arrives <= leaves && leaves < kTurns);

  const std::int64_t free_at_first = free_count(at_first);
  begin[kTask][0] = {at_first, free_at_first};
  for (std::uint32_t i = 1; i < kTurns; ++i) {
    begin[kTask][i] = {any_word(), static_cast<std::int64_t>(labyrinth_any("credits of a round", 5)) - 16};
  }
  make(kTask, calls[kTask], ownership, credits, floor);
  for (std::uint32_t i = 0; i < kTurns; ++i) begin[kHandler][i] = end[kTask][i];
  make(kHandler, calls[kHandler], ownership, credits, floor);
  for (std::uint32_t i = 0; i < kTurns; ++i) begin[kOther][i] = end[kHandler][i];
  make(kOther, calls[kOther], ownership, credits, floor);
  for (std::uint32_t i = 0; i + 1 < kTurns; ++i) {
    labyrinth_assume(end[kOther][i].word == begin[kTask][i + 1].word &&
                     end[kOther][i].credits == begin[kTask][i + 1].credits);
  }

  judge(calls, at_first, free_at_first, floor, end[kOther][kTurns - 1]);
}
