// Counterexamples about prepaid words, blocks across words, whole calls, and blocks in limbo.
#include <fmt/format.h>

#include <map>

#include "proof_words.hpp"

namespace labyrinth::tool {

/// A word is prepaid by who allocates frames of it, and its mark is taken out by who is refused otherwise.
std::vector<Sketch> sketch_prepaid(const Inputs& inputs) {
  constexpr std::uint32_t kWords = 4;
  constexpr std::uint8_t kLargest = 6;
  std::vector<Sketch> result;
  for (const bool with_state : {false, true}) {
    for (const Other other : kOthers) {
      for (const std::uint8_t calls : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
        Draft draft(plain_zone(2, kWords * kFramesPerWord, kLargest));
        for (const Place& place : blocks_of(inputs.one("word", 0))) {
          if (with_state) draft.live(place.start, place.order);
        }
        draft.context(model::Level::kTask, 0);
        for (int i = 0; i < 2; ++i) draft.alloc(kWordGfp, kLargest);
        const char* const who = add_other(draft, other);
        std::uint8_t last = machine::kNoHandle;
        for (std::uint8_t i = 0; i < calls; ++i) last = draft.alloc(model::kNowait, 0);
        if (calls == 3) draft.free(last);
        result.push_back(
            draft.done(fmt::format("{} allocates {} frames while words are collected", who, calls)));
      }
    }
  }
  return result;
}

std::vector<Sketch> sketch_large(const Inputs& inputs) {
  constexpr std::uint64_t kLeast = 5;
  constexpr std::uint64_t kMost = 8;
  const std::uint8_t order = order_in(inputs, kLeast, kMost);
  const bool claims = inputs.one("claims", 1) != 0;
  const std::uint32_t frames = (1U << order) + kFramesPerWord;
  std::vector<Sketch> result;
  // What others put into its words: blocks of these orders.
  std::set<std::uint8_t> orders{0};
  for (const Word word : inputs.starting("others make of it")) {
    for (const Place& place : blocks_of(word)) orders.insert(place.order);
  }
  for (const std::uint8_t theirs : orders) {
    for (const bool frees : {false, true}) {
      for (const Other other : kOthers) {
        Draft draft(plain_zone(2, frames, order));
        const std::uint8_t mine = claims ? machine::kNoHandle : draft.live(0, order);
        const std::uint8_t beside = draft.live(std::uint64_t{1} << order, theirs);
        draft.context(model::Level::kTask, 0);
        claims ? static_cast<void>(draft.alloc(kWordGfp, order)) : draft.free(mine);
        const char* const who = add_other(draft, other);
        const std::uint8_t got = draft.alloc(kWordGfp, theirs);
        if (frees) draft.free(claims ? got : beside);
        result.push_back(draft.done(fmt::format("{} allocates order {}", who, theirs)));
      }
    }
  }
  return result;
}

/// Two blocks of the isolated zone are freed where they cannot be unmapped, and unmapped later.
std::vector<Sketch> sketch_limbo(const Inputs& inputs) {
  const auto within = [](std::uint64_t order) {
    return static_cast<std::uint8_t>(std::min<std::uint64_t>(order, model::kMaxOrder.value));
  };
  const std::uint8_t order = within(inputs.one("order", 0));
  const std::uint8_t other = within(inputs.one("other order", 0));
  std::vector<Sketch> result;
  for (const auto& [first, second] :
       {std::pair(order, other), std::pair(order, order), std::pair(other, other)}) {
    for (const std::uint8_t between : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      machine::Geometry geometry{};
      geometry.normal() = {};
      geometry.zones[machine::kVoid].frames = 2U << model::kMaxOrder.value;
      geometry.zones[machine::kVoid].unmaps = true;
      Draft draft(geometry);
      draft.context(model::Level::kTask, 0);
      constexpr model::Gfp kVoidGfp = model::kMemalloc | model::kExclusive;
      const std::uint8_t mine = draft.alloc(kVoidGfp, first);
      for (std::uint8_t i = 0; i < between; ++i) draft.alloc(kVoidGfp, second);
      const std::uint8_t theirs = draft.alloc(kVoidGfp, second);
      draft.call({.op = machine::Op::kIrqDisable});
      draft.free(mine);
      draft.free(theirs);
      draft.call({.op = machine::Op::kIrqEnable});
      draft.call({.op = machine::Op::kDrain});
      result.push_back(
          draft.done(fmt::format("blocks of orders {} and {} are in limbo together", first, second)));
    }
  }
  return result;
}

/// A task, its handler and another CPU, a call each: what the proof is about is a program.
std::vector<Sketch> sketch_calls(const Inputs& inputs) {
  constexpr std::uint32_t kFrames = 4;
  constexpr std::uint8_t kLargest = 2;
  constexpr Word kInside = (Word{1} << (2 * kFrames - 1)) - 1;  // the others are outside
  const auto frees = inputs.all("frees");
  const auto orders = inputs.all("order");
  const auto frames = inputs.all("frame");  // of those that free
  const auto floor = static_cast<std::uint32_t>(inputs.one("floor", 0) % kFrames);
  std::vector<Sketch> result;
  for (const std::uint32_t mark : {floor, 0U}) {
    machine::Geometry geometry = machine::one_zone(2, kFrames, mark, mark, mark);
    geometry.max_order = kLargest;
    Draft draft(geometry);
    std::map<Place, std::uint8_t> handles;
    for (const Place& place : blocks_of(inputs.one("word", 0) & kInside))
      handles[place] = draft.live(place.start, place.order);
    std::size_t frame = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      draft.context(i == 1 ? model::Level::kHardirq : model::Level::kTask, i == 2 ? 1 : 0);
      const auto order =
          static_cast<std::uint8_t>(i < orders.size() ? std::min<std::uint64_t>(orders[i], kLargest) : 0);
      if (i >= frees.size() || frees[i] == 0) {
        draft.alloc(model::kNowait, order);
        continue;
      }
      const auto start = static_cast<std::uint32_t>(frame < frames.size() ? frames[frame++] : 0);
      const auto found = handles.find({start, order});
      draft.free(found == handles.end() ? machine::kNoHandle : found->second);
    }
    result.push_back(draft.done(fmt::format("the three calls, with min={}", mark)));
  }
  return result;
}

}  // namespace labyrinth::tool
