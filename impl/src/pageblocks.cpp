// Choosing and claiming pageblocks for one kind of content.
#include "pageblocks.hpp"

#include <algorithm>
#include <new>

namespace labyrinth {

Pageblocks::Pageblocks(const Geometry& geometry, const Credits& credits, bool grouped,
                       std::byte* memory) noexcept
    : geometry_(geometry), credits_(credits), grouped_(grouped) {
  for (ChunkIndex chunk = 0; chunk < geometry_.chunks(); ++chunk) {
    auto* const created = ::new (memory + chunk * sizeof(std::uint64_t))
        std::atomic<std::uint64_t>(bits_of(Mobility::kCanMove));
    if (chunk == 0) states_ = created;
  }
}

WordIndex Pageblocks::elsewhere(Mobility mobility, ChunkIndex hint, Frames need) noexcept {
  const std::uint32_t count = std::min(geometry_.chunks(), kPlaces);
  const auto first_word = [this](ChunkIndex chunk) { return geometry_.words_of_chunk(chunk).begin; };
  ChunkIndex most = hint;
  Frames most_free{};
  ChunkIndex chunk = hint;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Frames free = credits_.seen(chunk);
    if (is_for(mobility, look(chunk)) && free >= need) return first_word(chunk);
    if (free > most_free) {
      most = chunk;
      most_free = free;
    }
    chunk = chunk + 1 == geometry_.chunks() ? 0 : chunk + 1;
  }
  if (most_free == geometry_.chunk_order.frames()) give(most, mobility);
  return first_word(most);
}

void Pageblocks::settle(Mobility mobility, Offset frame) noexcept {
  if (!grouped_) return;
  const ChunkIndex chunk = geometry_.chunk_of(frame);
  if (is_for(mobility, look(chunk))) return;
  const Frames half{geometry_.chunk_order.frames().value / 2};
  if (credits_.seen(chunk) >= half) give(chunk, mobility);
}

void Pageblocks::give(ChunkIndex chunk, Mobility mobility) noexcept {
  std::uint64_t seen = look(chunk);
  // Relaxed, and once: it orders nothing, and whoever was quicker may have it.
  states_[chunk].compare_exchange_strong(seen, (seen & ~kMobilityMask) | bits_of(mobility),
                                         std::memory_order_relaxed);
}

}  // namespace labyrinth
