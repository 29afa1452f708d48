// The way to a single frame, along the credits. What counts as a race lost: search.cpp.
#include "search.hpp"
#include "search_round.hpp"

namespace labyrinth {

Found Search::frame(WordIndex hint) noexcept {
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    ChunkIndex chunk = 0;
    if (credits_.descend(geometry_.chunk_of_word(hint), patience_, chunk)) {
      const Offset found = frame_in_chunk(chunk, hint);
      if (found != kNoFrame) return {Status::kOk, found, false, word_};
      credits_.credit_path(chunk, Frames{1});
    }
    if (patience_.is_gone()) break;
    patience_.lose_race();  // a pass that found nothing, although a credit promised a frame
    if (patience_.is_gone()) break;
  }
  return {Status::kContended};
}

Offset Search::frame_in_chunk(ChunkIndex chunk, WordIndex hint) noexcept {
  for (Round words(geometry_.words_of_chunk(chunk), hint); !words.is_over(); words.advance()) {
    Word seen = ownership_.look(words.at());
    if ((seen & kPrepaid) != 0) continue;  // the tree's credits are for the other words' frames
    const Offset found = ownership_.claim_in_word(words.at(), seen, Order{0}, 1, patience_);
    if (found != kNoFrame) word_ = seen;
    if (found != kNoFrame || patience_.is_gone()) return found;
  }
  return kNoFrame;
}

}  // namespace labyrinth
