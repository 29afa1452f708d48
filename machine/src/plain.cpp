// Putting back what a plain target wrote.
#include "plain.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core.hpp"
#include "coverage.hpp"
#include "loaded_object.hpp"
#include "raw_bytes.hpp"

namespace labyrinth::machine {
namespace {

/// The arena as create() left it, at the same offsets. Takes up memory where something is kept.
std::array<std::byte, kArenaBytes> kept_arena;

[[nodiscard]] std::size_t whole_words(std::size_t begin, std::size_t end) noexcept {
  return (end - begin + 7) / 8 * 8;
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

[[clang::no_sanitize("address")]] std::uint64_t word_at(const std::byte* at) noexcept {
  std::uint64_t value = 0;
  __builtin_memcpy_inline(&value, at, sizeof value);
  return value;
}

using Line = std::uint64_t __attribute__((ext_vector_type(8)));

[[clang::no_sanitize("address")]] bool differ(const std::byte* one, const std::byte* other) noexcept {
  Line a, b;
  __builtin_memcpy_inline(&a, one, sizeof a);
  __builtin_memcpy_inline(&b, other, sizeof b);
  return __builtin_reduce_or(a ^ b) != 0;
}

using Range = std::span<std::byte>;

/// Writable parts of an object.
struct Search {
  std::array<Range, 16> found;
  std::size_t count = 0;
};

void add(Search& search, std::byte* begin, std::byte* end) noexcept {
  if (begin < end && search.count < search.found.size()) search.found[search.count++] = {begin, end};
}

/// Cuts `hole` out of what was found.
void cut(Search& search, Range hole) noexcept {
  std::byte* const from = hole.data();
  std::byte* const to = from + hole.size();
  for (std::size_t i = search.count; i-- > 0;) {
    std::byte* const begin = search.found[i].data();
    std::byte* const end = begin + search.found[i].size();
    if (to <= begin || from >= end) continue;
    search.found[i] = {begin, std::max(begin, from)};
    add(search, std::min(end, to), end);
  }
}

}  // namespace

void Plain::use(const labyrinth_target& table) noexcept {
  part_count_ = 0;
  const LoadedObject object = loaded_object(&table);
  Search search{};
  for (const auto& header : object.headers) {
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    const Range whole = object.part(header);
    add(search, whole.data(), whole.data() + whole.size());
  }
  for (const auto& header : object.headers) {  // Read-only by now.
    if (header.p_type == PT_GNU_RELRO) cut(search, object.part(header));
  }
  for (const auto counters : coverage()) cut(search, std::as_writable_bytes(counters));
  for (const auto table_of_edges : edge_tables()) cut(search, table_of_edges);
  std::size_t left = kMaxGlobals;
  for (std::size_t i = 0; i < search.count && part_count_ < kMaxParts && left != 0; ++i) {
    const Range part = search.found[i].first(std::min(search.found[i].size(), left));
    if (part.empty()) continue;
    parts_[part_count_++] = part;
    left -= part.size();
  }
}

void Plain::keep(std::size_t begin, std::size_t end) noexcept {
  copy_raw(kept_arena.data() + begin, core.shadow.arena() + begin, whole_words(begin, end));
}

[[clang::no_sanitize("address")]] std::uint64_t Plain::changes(std::size_t begin, std::size_t end) noexcept {
  const std::size_t bytes = whole_words(begin, end);
  const std::byte* const now = core.shadow.arena() + begin;
  const std::byte* const kept = kept_arena.data() + begin;
  std::uint64_t sum = 0;
  const auto add_words = [&](std::size_t from, std::size_t to) {
    for (std::size_t k = from; k < to; k += kWord) {
      const std::uint64_t after = word_at(now + k);
      if (word_at(kept + k) != after) sum += change(reinterpret_cast<std::uintptr_t>(now + k), after);
    }
  };
  std::size_t at = 0;  // Most of it is as it was, and quickly passed over.
  for (; at + sizeof(Line) <= bytes; at += sizeof(Line)) {
    if (differ(now + at, kept + at)) add_words(at, at + sizeof(Line));
  }
  add_words(at, bytes);
  return sum;
}

void Plain::begin_run() noexcept {
  std::byte* to = kept_;
  for (std::size_t i = 0; i < part_count_; ++i) {
    copy_raw(to, parts_[i].data(), parts_[i].size());
    to += parts_[i].size();
  }
}

void Plain::rollback(std::size_t begin, std::size_t end, std::size_t used) noexcept {
  const std::byte* from = kept_;
  for (std::size_t i = 0; i < part_count_; ++i) {
    copy_raw(parts_[i].data(), from, parts_[i].size());
    from += parts_[i].size();
  }
  copy_raw(core.shadow.arena() + begin, kept_arena.data() + begin, whole_words(begin, end));
  zero_raw(core.shadow.arena() + end, used - end);
}

}  // namespace labyrinth::machine
