// What each record of the binary form means, as docs/trace-format.md lays it out: bytes and, beside them, the
// text of the trace.
#include <gtest/gtest.h>

#include "labyrinth/machine/trace_binary.hpp"
#include "trace_bytes.hpp"

namespace labyrinth::machine {
namespace {

TEST(TraceBinary, records_mean_what_the_layout_says) {
  // Records in the order of the file; the text groups them by context.
  const Bytes bytes =
      with_records({{0x00, 1, 2, 0},          // task 0: a = alloc kernel order 2
                    {0xa1, 0, 3, 0},          // before its access 3: a hardirq
                    {0x02, 0, 0, 0},          // hardirq: alloc atomic
                    {0x51, 1, 0, 0},          // task 1 frees the call before the last one
                    {0x51, 1, 233, 244},      // the hardirq's alloc again: wrong order, next frame
                    {0x80, 51, 1, 0},         // task 0 frees pfn 50, order 1
                    {0x93, 2, 0, 0},          // softirq: bh disable
                    {0xc1, 0, 0xff, 0xff},    // before the bh disable's access 4095: cpu 1
                    {0xd1, 0, 2, 0},          // task 1
                    {0xba, 0, 1, 0},          // migrate to cpu 1
                    {0xbf, 0, 0x2f, 0x80}});  // a spurious failure
  EXPECT_EQ(
      text_of(decoded(bytes)),
      "labyrinth trace 1\nmachine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8\n"
      "task 0 cpu 0\n  a = alloc kernel order=2\n  free pfn=50 order=1\n"
      "task 1 cpu 1\n  free a\n  free b+1 order=1\n"
      "hardirq cpu 0\n  b = alloc atomic order=0\n"
      "softirq cpu 1\n  bh disable\n"
      "schedule\n  at a access 3: hardirq\n  at bh.1 access 1: migrate cpu 1\n  at bh.1 access 2: task 1\n"
      "  at bh.1 access 47: spurious\n  at bh.1 access 4095: cpu 1\n");
}

TEST(TraceBinary, an_unmapped_void_and_its_drains_have_bytes_of_their_own) {
  const Bytes bytes = with_records({{0xfe, 0x44, 8, 0},      // the void, unmapped: 8 frames
                                    {0x90, 159, 0, 0},       // a mask, still
                                    {0x90, 160, 0, 0},       // drain
                                    {0x91, 191, 255, 0},     // drain, 64 blocks
                                    {0x91, 170, 129, 0xff},  // drain, 2 blocks
                                    {0x90, 192, 0, 0},       // a kmalloc
                                    {0xfe, 0x40, 2, 0}});    // of a zone the bit means nothing
  EXPECT_EQ(text_of(decoded(bytes)),
            "labyrinth trace 1\nmachine cpus=2\nzone dma frames=2 min=0 low=0 high=0\n"
            "zone normal frames=64 min=4 low=6 high=8\nvoid frames=8 min=0 low=0 high=0 unmaps\n"
            "task 0 cpu 0\n  bh enable\n  drain\n  a = kmalloc atomic size=1024\n"
            "task 1 cpu 1\n  drain blocks=64\n  drain blocks=2\n"
            "hardirq cpu 0\nsoftirq cpu 1\n");
}

TEST(TraceBinary, the_sleeping_side_shares_a_class_with_masks) {
  const Bytes bytes = with_records({{0x90, 88, 0, 0},     // task 0: balance
                                    {0x00, 1, 0, 0},      // a = alloc kernel
                                    {0x91, 64, 0, 0},     // task 1: cache a, the call just before
                                    {0x91, 87, 1, 7},     // and the one before that
                                    {0x90, 63, 0, 0},     // a mask: 63 & 15 modulo 6
                                    {0xe1, 0, 1, 192},    // task 1 is a reclaimer
                                    {0x00, 240, 0, 0}});  // b = alloc kernel|nofail
  EXPECT_EQ(
      text_of(decoded(bytes)),
      "labyrinth trace 1\nmachine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8\n"
      "task 0 cpu 0\n  balance\n  a = alloc kernel order=0\n  bh enable\n  b = alloc kernel|nofail order=0\n"
      "reclaimer cpu 1\n  cache a\n  cache a\n"
      "hardirq cpu 0\nsoftirq cpu 1\n");
  EXPECT_EQ(decoded(with_records({{0x90, 70, 0, 0}})).calls()[0].op, Op::kBalance) << "nothing to cache";
}

TEST(TraceBinary, objects_share_a_class_with_masks_and_a_record_with_rooms) {
  const Bytes bytes = with_records({{0xff, 7, 5, 198},    // their memory, by the tables
                                    {0x90, 224, 0, 0},    // task 0: kfree of the only kmalloc, later on
                                    {0x91, 223, 12, 0},   // task 1: a = kmalloc that is refused
                                    {0x91, 254, 0, 240},  // kfree of the call just before, and one byte
                                    {0x91, 255, 2, 1}});  // kfree of 64 * 258
  EXPECT_EQ(text_of(decoded(bytes)),
            "labyrinth trace 1\nmachine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8\n"
            "objects frames=5 min=5\n"
            "task 0 cpu 0\n  kfree a\n"
            "task 1 cpu 1\n  a = kmalloc atomic|device0 size=8192\n  kfree a+1\n  kfree address=16512\n"
            "hardirq cpu 0\nsoftirq cpu 1\n");
  const auto objects = [](std::uint8_t what, std::uint8_t frames, std::uint8_t min) {
    return decoded(with_records({{0xff, what, frames, min}})).geometry.objects;
  };
  EXPECT_EQ(objects(15, 255, 255), (ObjectShape{256, 255})) << "bit 3: as numbers";
  EXPECT_EQ(objects(15, 2, 9), (ObjectShape{3, 3}));
  EXPECT_EQ(objects(6, 2, 9), ObjectShape{}) << "nothing yet";
}

TEST(TraceBinary, rooms_of_levels_and_of_devices_share_a_record) {
  const auto geometry = [](std::uint8_t what) {
    return decoded(with_records({{0xff, what, 3, 1}})).geometry;
  };
  constexpr RoomShape kGiven{3, true};
  for (unsigned what = 0; what < 256; ++what) {
    if ((what & 7U) >= model::kLevels) continue;
    Geometry expected = geometry(7);
    expected.objects = {};
    if ((what & 0x18U) == 0x18) {
      expected.devices[(what & 3U) + ((what & 0x20U) != 0 ? 4U : 0U)] = kGiven;
    } else {
      expected.rooms[what & 3U] = kGiven;
    }
    EXPECT_EQ(geometry(static_cast<std::uint8_t>(what)), expected) << what;
  }
  const Bytes bytes = with_records({{0xff, 0x1b, 255, 1}, {0xff, 0x38, 0, 1}, {0x00, 224, 0, 0}});
  EXPECT_EQ(text_of(decoded(bytes)),
            "labyrinth trace 1\nmachine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8\n"
            "room device3 frames=6 spill\n"
            "task 0 cpu 0\n  a = alloc atomic|device0 order=0\ntask 1 cpu 1\nhardirq cpu 0\nsoftirq cpu 1\n");
}

TEST(TraceBinary, wide_records_add_to_the_call_before_them) {
  const Bytes bytes = with_records({{0x00, 160, 0, 0},
                                    {0xf1, 0xcd, 0xab, 0},
                                    {0xf6, 255, 0, 0},
                                    {0x50, 0, 0, 250},
                                    {0xf5, 0x34, 0x12, 0},
                                    {0xf6, 200, 0, 0},
                                    {0x80, 0, 0, 0},
                                    {0xf2, 0, 0, 0}});
  const Trace t = decoded(bytes);
  ASSERT_EQ(t.call_count, 3);
  EXPECT_EQ(t.calls()[0], (Call{Op::kAlloc, 254, kNoHandle, 0xabcd0000, 0}));
  EXPECT_EQ(t.calls()[1], (Call{Op::kFree, 200, 0, 0, std::uint64_t{0x1234} << 48}));
  EXPECT_EQ(t.calls()[2], (Call{Op::kFree, 0, kNoHandle, 0, 0}));
}

TEST(TraceBinary, mapping_records_mean_what_the_layout_says) {
  const Bytes bytes = with_records({{0xff, 0x26, 2, 3},     // slots 2, depth 3, NORMAL unmapped
                                    {0x00, 1, 2, 0},        // task 0: a = alloc kernel order 2
                                    {0x90, 96, 0, 0},       // map the call before it
                                    {0x91, 97, 0, 0},       // task 1: unmap that
                                    {0x92, 98, 2, 244},     // hardirq: map_local of the alloc, the next frame
                                    {0x92, 99, 0, 0},       // unmap_local
                                    {0x90, 100, 4, 0},      // task 0: map_atomic
                                    {0x90, 101, 0, 0},      // unmap_atomic
                                    {0x90, 102, 6, 0},      // page_address
                                    {0xf2, 0x10, 0x00, 0},  // ... of the frame 16 further
                                    {0x90, 47, 0, 0}});     // a mask
  EXPECT_EQ(text_of(decoded(bytes)),
            "labyrinth trace 1\nmachine cpus=2\nzone normal frames=64 min=4 low=6 high=8 unmapped\n"
            "map slots=2 depth=3\n"
            "task 0 cpu 0\n  a = alloc kernel order=2\n  b = map a\n  c = map_atomic a\n  unmap_atomic c\n"
            "  page_address a+16\n  bh enable\n"
            "task 1 cpu 1\n  unmap b\n"
            "hardirq cpu 0\n  d = map_local a+1\n  unmap_local d\n"
            "softirq cpu 1\n");
}

TEST(TraceBinary, a_mapping_of_nothing_is_a_mask) {
  EXPECT_EQ(decoded(with_records({{0x90, 96, 0, 0}})).calls()[0].op, Op::kIrqDisable);
  EXPECT_EQ(decoded(with_records({{0x00, 0, 0, 0}, {0x90, 97, 0, 0}})).calls()[1].op, Op::kIrqEnable);
}

TEST(TraceBinary, wide_geometry_needs_its_seal) {
  EXPECT_EQ(decoded(with_records({{0xf7, 0, 0, 0x5b}})).geometry.frames(), 65536U);
  EXPECT_EQ(decoded(with_records({{0xf7, 0, 0x40, 0x5a}})).geometry.frames(), 16384U);
  EXPECT_EQ(decoded(with_records({{0xf7, 0, 0x40, 0x00}})).geometry.frames(), 64U);
  EXPECT_EQ(decoded(with_records({{0xfb, 3, 1, 0}})).geometry.first_pfn, 0x103U);
}

}  // namespace
}  // namespace labyrinth::machine
