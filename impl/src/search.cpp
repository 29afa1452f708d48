// The way to a block larger than a frame: by looking at the words. A single frame's, along the credits, is in
// search_frame.cpp.
//
// At most one block is ever held (E2). Every race counted as lost is a strong compare-exchange or a counter's
// step that another context got ahead of, or a pass without result that invariant I3 (credits.hpp) says could
// not have been without result had nobody moved (E3).
#include "search.hpp"

#include "search_round.hpp"

namespace labyrinth {

Word Search::more_frames(const Found& found, std::uint32_t most) noexcept {
  const WordIndex word = found.frame / kFramesPerWord;
  const FreeFrames wanted = lowest_free(found.word, most);
  if (wanted.count == 0) return 0;
  // As for a block of that size: held along the path before the claim (I2).
  const ChunkIndex chunk = geometry_.chunk_of_word(word);
  credits_.debit_path(chunk, Frames{wanted.count});
  if (ownership_.claim_frames(word, found.word, wanted.bits)) return wanted.bits;
  credits_.credit_path(chunk, Frames{wanted.count});
  return 0;
}

Found Search::block(Order order, WordIndex hint) noexcept {
  if (credits_.levels() > 0) {  // otherwise there is nothing to be guided by
    const Offset found = pass(order, hint, true);
    if (found != kNoFrame) return {Status::kOk, found, prepaid_};
    if (patience_.is_gone()) return {Status::kContended};
  }
  const std::uint32_t before = patience_.left();
  const Offset found = pass(order, hint, false);
  if (found != kNoFrame) return {Status::kOk, found, prepaid_};
  return {patience_.left() == before ? Status::kFragmented : Status::kContended};
}

Offset Search::pass(Order order, WordIndex hint, bool guided) noexcept {
  const ChunkIndex start = geometry_.chunk_of_word(hint);
  const Offset found = in_chunks(Range{start, geometry_.chunks()}, order, hint, guided);
  if (found != kNoFrame || patience_.is_gone()) return found;
  return in_chunks(Range{0, start}, order, hint, guided);
}

Offset Search::in_chunks(Range chunks, Order order, WordIndex hint, bool guided) noexcept {
  for (ChunkIndex chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    if (guided) chunk = credits_.next_promising(chunk, chunks.begin, chunks.end, order.frames());
    if (chunk == chunks.end) break;
    const Offset found =
        order <= kLargestInWord ? small_in_chunk(chunk, order, hint) : large_in_chunk(chunk, order);
    if (found != kNoFrame || patience_.is_gone()) return found;
  }
  return kNoFrame;
}

Offset Search::small_in_chunk(ChunkIndex chunk, Order order, WordIndex hint) noexcept {
  for (Round words(geometry_.words_of_chunk(chunk), hint); !words.is_over(); words.advance()) {
    Word seen = ownership_.look(words.at());
    if (free_blocks(seen, order) == 0) continue;
    prepaid_ = (seen & kPrepaid) != 0;
    if (prepaid_ && passes_over_ != nullptr && passes_over_->has(words.at())) continue;
    // The path has been debited for a prepaid word's frames when it was prepaid.
    if (!prepaid_) credits_.debit_path(chunk, order.frames());
    const Offset found = ownership_.claim_in_word(words.at(), seen, order, frames_, patience_);
    if (found != kNoFrame) return found;
    if (!prepaid_) credits_.credit_path(chunk, order.frames());
    if (patience_.is_gone()) return kNoFrame;
  }
  return kNoFrame;
}

Offset Search::large_in_chunk(ChunkIndex chunk, Order order) noexcept {
  const Range blocks = geometry_.blocks_of_chunk(chunk, order).intersect(geometry_.blocks_inside(order));
  for (std::uint32_t block = blocks.begin; block < blocks.end; ++block) {
    if (!ownership_.are_words_free(block, order)) continue;
    credits_.debit_path(chunk, order.frames());
    if (ownership_.claim_words(block, order, frames_, patience_)) return block << order.value;
    credits_.credit_path(chunk, order.frames());
    if (patience_.is_gone()) return kNoFrame;
  }
  return kNoFrame;
}

}  // namespace labyrinth
