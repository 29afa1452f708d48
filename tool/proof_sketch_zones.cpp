// Counterexamples about whole calls of a zone: its words, slots and counter are inputs of their own, each of
// which the translations of a part make programs of.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "proof_words.hpp"

namespace labyrinth::tool {
namespace {

/// The inputs that are about one word, named as proofs of a word name them, and what is about no word.
[[nodiscard]] std::vector<Input> of_word(const std::vector<Input>& inputs, char word) {
  const std::string own = fmt::format("word {}", word);
  std::vector<Input> result;
  for (Input input : inputs) {
    const std::size_t at = input.name.find("word ");
    if (at != std::string::npos) {
      if (input.name.compare(at, own.size(), own) != 0) continue;
      input.name.replace(at, own.size(), at == 0 ? "word" : "the word");
    }
    result.push_back(std::move(input));
  }
  return result;
}

void append(std::vector<Sketch>& result, std::vector<Sketch> more) {
  for (Sketch& sketch : more) result.push_back(std::move(sketch));
}

/// A single frame has a word prepaid, which takes two words for each CPU; then blocks of one order are asked
/// for until nothing is left, with the frame freed before, after, or by somebody else.
[[nodiscard]] std::vector<Sketch> emptied() {
  enum class Frees : std::uint8_t { kNever, kBefore, kAfter, kOther };
  constexpr std::uint32_t kFrames = 2 * kFramesPerWord;
  constexpr auto kLargest = static_cast<std::uint8_t>(kLargestInWord.value);
  std::vector<Sketch> result;
  for (std::uint8_t order = kLargest + 1; order-- != 0;) {
    for (const Frees frees : {Frees::kBefore, Frees::kNever, Frees::kAfter, Frees::kOther}) {
      Draft draft(plain_zone(1, kFrames, kLargest + 2));
      draft.context(model::Level::kTask, 0);
      const std::uint8_t frame = draft.alloc(model::kNowait, 0);
      if (frees == Frees::kBefore) draft.free(frame);
      // Of small blocks a program has not enough calls.
      std::uint32_t left = kFrames;
      for (; left > (8U << order); left -= 1U << kLargest) draft.alloc(model::kNowait, kLargest);
      for (std::uint32_t i = 0; i <= left >> order; ++i) draft.alloc(model::kNowait, order);
      if (frees == Frees::kAfter) draft.free(frame);
      if (frees == Frees::kOther) {
        draft.context(model::Level::kTask, 0);
        draft.free(frame);
      }
      if (frees == Frees::kAfter || frees == Frees::kOther) draft.alloc(model::kNowait, 0);
      result.push_back(draft.done(fmt::format("a zone is emptied by requests of order {}", order)));
    }
  }
  return result;
}

/// Of a zone where a word is prepaid, or none, several frames are asked for, one by one or as what they share
/// a block with, until nothing is left.
[[nodiscard]] std::vector<Sketch> emptied_by_many(const Inputs& inputs) {
  auto frames = static_cast<std::uint32_t>(inputs.one("frames", 0));
  machine::Op op = machine::Op::kExact;
  if (frames == 0) {
    frames = 2;
    op = machine::Op::kBulk;
  }
  const std::uint32_t size = op == machine::Op::kBulk ? 8 : 2 * kFramesPerWord;
  std::vector<Sketch> result;
  for (const bool prepaid : {true, false}) {
    Draft draft(plain_zone(1, size, kLargestInWord.value + 2));
    draft.context(model::Level::kTask, 0);
    if (prepaid) draft.alloc(model::kNowait, 0);
    for (std::uint32_t left = size; left >= frames; left -= std::min(left, std::bit_ceil(frames))) {
      draft.call({.op = op, .gfp = model::kNowait.bits, .pfn = frames});
    }
    // What is left over of each, and one more.
    for (std::uint32_t i = 0; i <= size / 2; ++i) draft.alloc(model::kNowait, 0);
    result.push_back(draft.done(fmt::format("a zone is emptied by requests for {} frames", frames)));
  }
  return result;
}

}  // namespace

std::vector<Sketch> sketch_take(const Inputs& inputs) {
  std::vector<Sketch> result = emptied_by_many(inputs);
  append(result, emptied());
  append(result, sketch_credits(inputs));
  append(result, sketch_prepaid(inputs));
  for (const char word : {'0', '1'}) {
    const std::vector<Input> about = of_word(inputs.raw(), word);
    append(result, sketch_claim(Inputs(about)));
  }
  return result;
}

std::vector<Sketch> sketch_apart(const Inputs& /*inputs*/) {
  constexpr std::uint8_t kLargest = kWordOrder.value + 1;
  // The orders that one asks for, and another: order 1 sets apart, the largest has it given back and is
  // refused, and a single frame of what is apart, or who may not set apart, gets it only if it is given back.
  struct Orders {
    std::uint8_t own[2], theirs[2];
    model::Gfp gfp;  // of the other
  };
  constexpr Orders kPrograms[] = {
      {{1, kLargest}, {kLargest, kLargest}, model::kAtomic},
      {{1, 0}, {kLargest, 1}, model::kAtomic},
      {{1, 1}, {1, kLargest}, model::kAtomic},
      {{1, 1}, {1, 3}, model::kNowait},
  };
  std::vector<Sketch> result;
  for (const Orders& orders : kPrograms) {
    for (const Other other : kOthers) {
      // The last word is not whole, so that programs of few calls reach the end of what there is.
      machine::Geometry geometry = plain_zone(2, 2 * kFramesPerWord - 12, kLargest);
      geometry.normal().highatomic = 1;
      Draft draft(geometry);
      draft.context(model::Level::kTask, 0);
      for (const std::uint8_t order : orders.own) draft.alloc(model::kAtomic, order);
      const char* const who = add_other(draft, other);
      for (const std::uint8_t order : orders.theirs) draft.alloc(orders.gfp, order);
      result.push_back(
          draft.done(fmt::format("{} asks for orders {} and {}, beside {} and {}", who, orders.theirs[0],
                                 orders.theirs[1], orders.own[0], orders.own[1])));
    }
  }
  return result;
}

std::vector<Sketch> sketch_tree(const Inputs& /*inputs*/) {
  constexpr auto kChunk = static_cast<std::uint8_t>(kWordOrder.value);
  std::vector<Sketch> result;
  for (const Other other : kOthers) {
    for (const bool frees : {false, true}) {
      // Two chunks, each with one free frame.
      Draft draft(plain_zone(2, 2 * kFramesPerWord, kChunk));
      for (const std::uint32_t chunk : {0U, kFramesPerWord}) {
        for (std::uint8_t order = kChunk; order-- != 0;)
          draft.live(chunk + kFramesPerWord - (2U << order), order);
      }
      draft.context(model::Level::kTask, 0);
      const std::uint8_t first = draft.alloc(model::kNowait, 0);
      draft.free(first);
      draft.alloc(model::kNowait, 0);
      const char* const who = add_other(draft, other);
      const std::uint8_t theirs = draft.alloc(model::kNowait, 0);
      if (frees) draft.free(theirs);
      result.push_back(draft.done(
          fmt::format("{} takes one of two frames in two chunks{}", who, frees ? " and frees it" : "")));
    }
  }
  return result;
}

std::vector<Sketch> sketch_free(const Inputs& inputs) {
  std::vector<Sketch> result;
  for (const char word : {'0', '1'}) {
    const std::vector<Input> about = of_word(inputs.raw(), word);
    append(result, sketch_release(Inputs(about)));
  }
  append(result, emptied());
  append(result, sketch_prepaid(inputs));
  return result;
}

}  // namespace labyrinth::tool
