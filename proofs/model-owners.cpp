// The model's book of owners is inductive: in any state whose heads partition the taken frames, taking a
// block that is free and releasing one that is live keep it so, the count goes by the block's size, every
// question about a block is answered as the heads say, and no frame has two owners.
//
// Geometry: State<8>, a span of 1 to 8 frames that begins at any frame below 2^16, aligned or not; orders 0
// to 3, which are all that fit. That the count is that of the frames that are not taken is shown by
// differences: as many frames change hands as it changes by. Assumes of the state what its header says, and
// nothing else. The state is private, so one is made of arbitrary fields that lie as it has them, by
// std::bit_cast, which does not compile if its size is another: a state made by public calls would rest on
// what is to be proved.
#include <array>
#include <bit>
#include <utility>

#include "labyrinth/model/state.hpp"
#include "labyrinth/proof.hpp"

using namespace labyrinth::model;

namespace {

constexpr std::uint32_t kFrames = 8;
constexpr std::uint32_t kLargest = 3;
constexpr std::uint8_t kNone = 0xff;
using Mask = std::uint64_t;
using Book = State<kFrames>;

struct Fields {
  Span span{};
  std::int64_t free = 0;
  std::array<std::uint64_t, 1> taken{};
  std::array<std::uint8_t, kFrames> head{};
};

constexpr Mask kMasks[] = {1, 3, 0xf, 0xff};  // by order

// With constants for indices, so that no loop is to be unwound.
template <class Visit>
void for_frames(Visit visit) {
  [&]<std::uint32_t... kAt>(std::integer_sequence<std::uint32_t, kAt...>) {
    (visit(std::integral_constant<std::uint32_t, kAt>{}), ...);
  }(std::make_integer_sequence<std::uint32_t, kFrames>{});
}

// The frames of the block whose head lies there, if there is one; `sound` turns false if that is no block of
// the span.
template <std::uint32_t kAt>
Mask frames_of_head(const Fields& fields, bool& sound) {
  const std::uint8_t order = fields.head[kAt];
  if (static_cast<std::int64_t>(kAt) >= fields.span.frames.count || order == kNone) return 0;
  if (order > kLargest) {
    sound = false;
    return 0;
  }
  const std::uint64_t size = Mask{1} << order;
  sound = sound && ((fields.span.first.value + kAt) & (size - 1)) == 0 &&
          kAt + size <= static_cast<std::uint64_t>(fields.span.frames.count);
  return kMasks[order] << kAt;
}

bool is_partition(const Fields& fields) {
  Mask covered = 0;
  bool sound = true;
  for_frames([&](auto at) {
    const Mask mine = frames_of_head<at()>(fields, sound);
    sound = sound && (covered & mine) == 0;
    covered |= mine;
  });
  return sound && covered == fields.taken[0];
}

// The head of the block that the frame lies in: its index, or kFrames.
std::uint32_t owner_of(const Fields& fields, std::uint32_t frame, std::uint32_t& owners) {
  std::uint32_t owner = kFrames;
  bool sound = true;
  owners = 0;
  for_frames([&](auto at) {
    if ((frames_of_head<at()>(fields, sound) >> frame & 1) == 0) return;
    owner = at();
    ++owners;
  });
  return owner;
}

void ask_about_a_frame(const Book& book, const Fields& fields) {
  const auto frame = static_cast<std::uint32_t>(labyrinth_any("witness", 3));
  labyrinth_assume(static_cast<std::int64_t>(frame) < fields.span.frames.count);
  const Pfn pfn{fields.span.first.value + frame};
  std::uint32_t owners = 0;
  const std::uint32_t owner = owner_of(fields, frame, owners);
  labyrinth_prove(owners <= 1, "X1: a frame has one owner at most");
  labyrinth_prove(book.taken(pfn) == (owners == 1), "X1: a frame is taken if it has an owner");
  const auto found = book.block_of(pfn);
  labyrinth_prove(found.has_value() == (owners == 1), "X1: the block of a frame is found if there is one");
  if (!found) {
    labyrinth_cover("nobody's");
    return;
  }
  labyrinth_cover("somebody's");
  labyrinth_prove(found->pfn.value == fields.span.first.value + owner, "X1: and it is that of its owner");
  labyrinth_prove(book.is_block(*found), "X3: which is live");
}

void change(Book& book, const Fields& before) {
  const auto at = static_cast<std::uint32_t>(labyrinth_any("at", 3));
  const Block block{{before.span.first.value + at}, {static_cast<std::uint8_t>(labyrinth_any("order", 3))}};
  labyrinth_assume(block.order.value <= kLargest);
  labyrinth_assume(before.span.contains(block.pfn, block.order) && aligned(block.pfn, block.order));
  const Mask mine = kMasks[block.order.value] << at;
  const bool free = book.free(block);
  labyrinth_prove(free == ((before.taken[0] & mine) == 0),
                  "X1: a block is free if none of its frames has an owner");
  const bool live = book.is_block(block);
  labyrinth_prove(live == (before.head[at] == block.order.value),
                  "X3: a block is live if it has a head, and not if it is a part of one or larger");
  labyrinth_prove(!free || !live, "X1: no block is both free and somebody's");
  if (free) {
    book.take(block);
    labyrinth_cover("taken");
  } else {
    labyrinth_assume(live);
    book.release(block);
    labyrinth_cover("released");
  }
  const Fields after = std::bit_cast<Fields>(book);
  labyrinth_prove(is_partition(after), "X1: the heads partition the taken frames");
  labyrinth_prove((before.taken[0] ^ after.taken[0]) == mine,
                  "X1: the block's frames change hands and no others");
  const std::int64_t size = block.order.frames().count;
  labyrinth_prove(after.free - before.free == (free ? -size : size), "X4: and as many are counted");
  labyrinth_prove(book.is_block(block) == free, "X3: a block is live from its take to its release");
}

}  // namespace

extern "C" void proof() {
  Fields fields;
  fields.span.first.value = labyrinth_any("first", 16);
  fields.span.frames.count = static_cast<std::int64_t>(labyrinth_any("frames", 4));
  labyrinth_assume(fields.span.frames.count >= 1 && fields.span.frames.count <= std::int64_t{kFrames});
  fields.free = static_cast<std::int64_t>(labyrinth_any("free", 5));
  fields.taken[0] = labyrinth_any("taken", 64);
  for_frames([&](auto at) { fields.head[at()] = static_cast<std::uint8_t>(labyrinth_any("head", 8)); });
  labyrinth_assume(is_partition(fields));
  Book book = std::bit_cast<Book>(fields);
  if (labyrinth_any("ask", 1) != 0) {
    ask_about_a_frame(book, fields);
  } else {
    change(book, fields);
  }
}
