// Counterexamples about ownership words: the blocks of a word live from the start, one context claims or
// frees, and others allocate what appears in the word and free what goes.
#include <fmt/format.h>

#include <map>

#include "proof_words.hpp"

namespace labyrinth::tool {
namespace {

/// Something that others do: they free this block, or allocate one of its order.
struct Deed {
  bool frees = false;
  Place place{};
};
using Story = std::vector<Deed>;

/// What makes of each word the next.
[[nodiscard]] Story deeds(const std::vector<Word>& words) {
  Story story;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto before = blocks_of(words[i]);
    const auto after = blocks_of(words[i + 1]);
    for (const Place& place : before) {
      if (!after.contains(place)) story.push_back({true, place});
    }
    for (const Place& place : after) {
      if (!before.contains(place)) story.push_back({false, place});
    }
  }
  return story;
}

/// Nobody else, each deed alone, a free with an allocation of what was freed, all of them; then what else
/// others could do with blocks of the order.
[[nodiscard]] std::vector<Story> stories(const std::vector<Word>& words, std::uint8_t order) {
  constexpr std::size_t kMostAlone = 6;
  constexpr std::size_t kMostTogether = 6;
  Story all = deeds(words);
  std::vector<Story> result{{}};
  const auto add = [&](const Story& story) {
    // Where an allocation's block is does not matter: the allocator chooses.
    const auto same = [&](const Story& other) {
      return std::equal(story.begin(), story.end(), other.begin(), other.end(),
                        [](const Deed& a, const Deed& b) {
                          return a.frees == b.frees && a.place.order == b.place.order &&
                                 (!a.frees || a.place.start == b.place.start);
                        });
    };
    if (std::none_of(result.begin(), result.end(), same)) result.push_back(story);
  };
  for (std::size_t i = 0; i < all.size() && i < kMostAlone; ++i) {
    add({all[i]});
    if (all[i].frees) add({all[i], {false, all[i].place}});
  }
  const Deed like{false, {0, order}};
  const Deed frame{false, {0, 0}};
  add({like});
  add({frame});
  for (const Place& place : blocks_of(words.front())) {
    if (result.size() > 2 * kMostAlone) break;
    add({{true, place}});
    add({{true, place}, like});
  }
  add({like, like});
  if (all.size() > kMostTogether) all.resize(kMostTogether);
  add(all);
  return result;
}

/// Puts a story into the program; `handles`: of the blocks that live.
void tell(Draft& draft, const Story& story, std::map<Place, std::uint8_t> handles) {
  for (const Deed& deed : story) {
    const auto found = handles.find(deed.place);
    if (!deed.frees) {
      const std::uint8_t handle = draft.alloc(kWordGfp, deed.place.order);
      if (found == handles.end()) handles[deed.place] = handle;
    } else if (found != handles.end()) {
      draft.free(found->second);
      handles.erase(found);
    }
  }
}

/// One program for each story and each kind of other. `call` adds what the proof is about.
template <class AddCall>
[[nodiscard]] std::vector<Sketch> programs(const std::vector<Word>& words, std::uint8_t order, AddCall call) {
  std::vector<Sketch> result;
  for (const Story& story : stories(words, order)) {
    for (const Other other : kOthers) {
      Draft draft(plain_zone(2, kFramesPerWord, static_cast<std::uint8_t>(kWordOrder.value)));
      std::map<Place, std::uint8_t> handles;
      for (const Place& place : blocks_of(words.front())) {
        const std::uint8_t handle = draft.live(place.start, place.order);
        if (handle != machine::kNoHandle) handles[place] = handle;
      }
      draft.context(model::Level::kTask, 0);
      call(draft, handles);
      if (story.empty()) {
        result.push_back(draft.done("the call alone"));
        break;
      }
      const char* const who = add_other(draft, other);
      tell(draft, story, handles);
      result.push_back(draft.done(fmt::format("{} does what others did, in calls: {}", who, story.size())));
    }
  }
  return result;
}

/// The word as it was seen, and what others made of it from then on.
[[nodiscard]] std::vector<Word> history(const Inputs& inputs, const char* first) {
  std::vector<Word> words{inputs.one(first, inputs.one("word", 0))};
  for (const Word word : inputs.starting("others make of")) words.push_back(word);
  return words;
}

/// Where a word of the history is prepaid, what happens to such words, too.
[[nodiscard]] std::vector<Sketch> and_prepaid(std::vector<Sketch> programs, const Inputs& inputs,
                                              const std::vector<Word>& words) {
  const auto is_prepaid = [](Word word) { return (word & kPrepaid) != 0; };
  if (std::none_of(words.begin(), words.end(), is_prepaid)) return programs;
  for (Sketch& sketch : sketch_prepaid(inputs)) programs.push_back(std::move(sketch));
  return programs;
}

}  // namespace

std::vector<Sketch> sketch_claim(const Inputs& inputs) {
  const std::uint8_t order = order_in(inputs, 0, kLargestInWord.value);
  const auto alloc = [](std::uint8_t wanted) {
    return [wanted](Draft& draft, const auto&) { draft.alloc(kWordGfp, wanted); };
  };
  const std::vector<Word> words = history(inputs, "seen");
  std::vector<Sketch> result = programs(words, order, alloc(order));
  // A proof may be about words that no calls lead to. What is wrong about them may be so of others as well:
  // those in which one frame stands in the way of a block.
  constexpr auto kLargest = static_cast<std::uint8_t>(kLargestInWord.value);
  for (std::uint8_t larger = 1; larger <= kLargest; ++larger) {
    for (const std::uint32_t frame : {0U, (1U << larger) - 1}) {
      result.push_back(programs({node_bit({0}, frame)}, larger, alloc(larger)).front());
      result.back().what = "one frame stands in the way of a block";
    }
  }
  return and_prepaid(std::move(result), inputs, words);
}

std::vector<Sketch> sketch_release(const Inputs& inputs) {
  const std::uint8_t order = order_in(inputs, 0, kLargestInWord.value);
  const auto frame = static_cast<std::uint32_t>(inputs.one("frame", 0));
  std::vector<Word> words = history(inputs, "word");
  // Only what comes behind the first access is between accesses.
  if (words.size() > 1) words.erase(words.begin());
  const auto free = [order, frame](Draft& draft, const std::map<Place, std::uint8_t>& handles) {
    const auto found = handles.find({frame, order});
    if (found != handles.end()) return draft.free(found->second);
    draft.call({.op = machine::Op::kFree, .order = order, .pfn = frame});
  };
  return and_prepaid(programs(words, order, free), inputs, words);
}

}  // namespace labyrinth::tool
