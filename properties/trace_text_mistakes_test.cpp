// What docs/trace-format.md promises of text that is no trace: an error with its place for each mistake, and
// limits that hold at their edges.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "labyrinth/machine/trace_text.hpp"
#include "trace_text_fixture.hpp"

namespace labyrinth::machine {
namespace {

TEST(TraceText, each_mistake_is_told_with_its_place_and_what_would_be_right) {
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"", "1:1: expected `labyrinth trace 1`, found the end of the file"},
      {"# only\n", "2:1: expected `labyrinth trace 1`, found the end of the file"},
      {"labyrinth tracks 1", "1:11: expected `labyrinth trace 1`, found `tracks`"},
      {"labyrinth trace 2", "1:17: version `2` cannot be read: this reader knows version 1"},
      {"labyrinth trace", "1:16: expected `labyrinth trace 1`, found the end of the line"},
      {"labyrinth trace 1 x", "1:19: expected the end of the line after the version, found `x`"},
      {"labyrinth trace 1\n", "2:1: expected `machine cpus=N frames=N ...`, found the end of the file"},
      {"labyrinth trace 1\ntask 0 cpu 0", "2:1: expected `machine cpus=N frames=N ...`, found `task`"},
      {machine_line("rooms=3"),
       "2:9: `rooms` is no key of a machine: cpus, frames, zone, first_pfn, min, low, high and "
       "max_order are"},
      {machine_line("cpus=2"),
       "3:1: a machine needs memory: `frames=N` in its line, or lines `zone NAME frames=N` after it"},
      {machine_line("cpus=2 cpus=2"), "2:16: `cpus` is given twice"},
      {machine_line("cpus 2"), "2:14: expected `=` after `cpus`, found `2`"},
      {machine_line("min=1"), "2:13: `min` belongs to a zone: it needs `frames=N` in this line"},
      {machine_line("frames=1") + "zone normal frames=2", "3:13: this zone has been given already"},
      {machine_line("") + "zone highmem frames=2",
       "3:6: expected dma, dma32, normal or movable after `zone`, found `highmem`"},
      {machine_line("") + "zone dma min=0", "3:15: a zone needs `frames=N`"},
      {machine_line("") + "zone dma frames=2 min=3",
       "3:24: min <= low <= high <= frames must hold, found 3, 3, 3, 2"},
      {machine_line("") + "void frames=2 ratio=1",
       "3:15: `ratio` is no key here: frames, min, low, high and unmaps are"},
      {machine_line("") + "zone dma frames=2 unmaps",
       "3:19: `unmaps` is no key here: frames, min, low, high, ratio and highatomic are"},
      {machine_line("") + "void unmaps frames=2 unmaps", "3:22: `unmaps` is given twice"},
      {program("task 0 cpu 0\ndrain blocks=65"), "4:14: blocks is at most 64, not `65`"},
      {program("task 0 cpu 0\ndrain blocks=0"), "4:14: blocks is at least 1, not `0`"},
      {program("task 0 cpu 0\ndrain = alloc none order=0"),
       "4:1: `drain` cannot name a call: a name has a letter or _, then letters, digits or _, at most 15 in "
       "all, "
       "and is no word of the format"},
      {program("task 0 cpu 0\nd = drain\nfree d"), "5:6: `d` (line 4) is not an alloc"},
      {machine_line("") + "room cpu frames=2",
       "3:6: expected task, softirq, hardirq, nmi or device0 to device7 after `room`, found `cpu`"},
      {machine_line("") + "room device8 frames=2",
       "3:6: expected task, softirq, hardirq, nmi or device0 to device7 after `room`, found `device8`"},
      {machine_line("") + "room device frames=2",
       "3:6: expected task, softirq, hardirq, nmi or device0 to device7 after `room`, found `device`"},
      {machine_line("") + "room device1 frames=0", "3:21: frames is at least 1, not `0`"},
      {machine_line("") + "room device1 frames=65", "3:21: frames is at most 64, not `65`"},
      {machine_line("") + "room device1 frames=1 spill spill",
       "3:29: expected the end of the line after a room, found `spill`"},
      {machine_line("") + "room device1 frames=1\nroom device1 frames=1",
       "4:6: the room of device1 has been given already"},
      {program("task 0 cpu 0\na = alloc device0|device1 order=0"), "4:19: a request names one device"},
      {program("task 0 cpu 0\na = alloc device0|0x100000 order=0"), "4:19: a request names one device"},
      {machine_line("") + "room nmi frames=65", "3:17: frames is at most 64, not `65`"},
      {machine_line("frames=65536") + "void frames=1\ntask 0 cpu 0",
       "4:1: a machine has at most 65536 frames in all, not 65537"},
      {program("task 0 cpu 0\nvoid frames=1"),
       "4:1: zones, the void and rooms come before the first context"},
      {machine_line("cpus=0 frames=1"), "2:14: cpus is at least 1, not `0`"},
      {machine_line("cpus=5 frames=1"), "2:14: cpus is at most 4, not `5`"},
      {machine_line("frames=65537"), "2:16: frames is at most 65536, not `65537`"},
      {machine_line("frames=0"), "2:16: frames is at least 1, not `0`"},
      {machine_line("frames=99999999999999999999999"),
       "2:16: frames is at most 65536, not `99999999999999999999999`"},
      {machine_line("frames=-1"), "2:16: expected a number for frames, found `-`"},
      {machine_line("frames=6x"), "2:16: expected a number for frames, found `6x`"},
      {machine_line("frames=0x"), "2:16: expected a number for frames, found `0x`"},
      {machine_line("zone=dma:4"), "2:14: expected `normal` after `zone=`, found `dma`"},
      {machine_line("zone=normal:4 frames=5"),
       "2:14: zone normal spans the machine: expected 5 frames, as `frames` says, found 4"},
      {machine_line("frames=8 min=4 low=3"), "2:28: low is at least min=4, not 3"},
      {machine_line("frames=8 low=4 high=3"), "2:29: high is at least low=4, not 3"},
      {machine_line("frames=8 min=9"), "2:22: min is at most frames=8, not 9"},
      {machine_line("frames=8 max_order=11"), "2:28: max_order is at most 10, not `11`"},
      {machine_line("frames=8 first_pfn=1099511627777"),
       "2:28: first_pfn is at most 1099511627776, not `1099511627777`"},
      {program("machine cpus=1"), "3:1: a trace has one `machine` line"},
      {program("task 1 cpu 0"), "3:6: tasks are numbered in the order of the file: expected 0, found 1"},
      {program("task cpu 0"), "3:6: expected a number for the task, found `cpu`"},
      {program("task 0 cpu 2"), "3:12: cpu is at most 1, not `2`"},
      {program("task 0 cpu 1 x"), "3:14: expected the end of the line after a context, found `x`"},
      {program("nmi 0 cpu 1"), "3:5: expected `cpu` after `nmi` (handlers have no number), found `0`"},
      {machine_line("frames=1") + "map slots=65 depth=1", "3:11: slots is at most 64, not `65`"},
      {machine_line("frames=1") + "map slots=1 depth=17", "3:19: depth is at most 16, not `17`"},
      {machine_line("frames=1") + "map slots=0 depth=0",
       "3:5: without slots and depth there is nothing to map into: leave it out"},
      {machine_line("frames=1") + "map slots=1 depth=0\nmap slots=1 depth=0",
       "4:1: the slots for mappings have been given already"},
      {program("task 0 cpu 0\nmap slots=1 depth=1"),
       "4:1: the slots for mappings come before the first context"},
      {program("task 0 cpu 0\nmap a"), "4:1: map needs a name: `m = map a`"},
      {program("task 0 cpu 0\nm = map 3"), "4:9: expected the name of an alloc after `map`, found `3`"},
      {program("task 0 cpu 0\na = alloc none order=0\nunmap a"), "5:7: `a` (line 4) is not a mapping"},
      {program("task 0 cpu 0\nunmap_local a"), "4:13: no mapping is named `a`"},
      {program("irq disable"), "3:1: a call belongs to a context: expected `task 0 cpu 0` before it"},
      {program("at a access 1: nmi"), "3:1: `at` belongs after a line `schedule`"},
      {program("task 0 cpu 0\nrelease a"),
       "4:1: expected a call (alloc, bulk, exact, free, irq, bh, preempt, drain, cache, balance, map, unmap, "
       "..., kmalloc, kfree), `NAME = live`, a context "
       "(task, "
       "softirq, hardirq, nmi, reclaimer) or `schedule`, found `release`"},
      {program("task 0 cpu 0\ncache"),
       "4:6: expected the name of an alloc after `cache`, found the end of the line"},
      {program("task 0 cpu 0\ncache a"), "4:7: no alloc is named `a`"},
      {program("task 0 cpu 0\nbalance a"), "4:9: expected the end of the line after a call, found `a`"},
      {program("reclaimer 0 cpu 0"), "3:11: expected `cpu` after `reclaimer`, found `0`"},
      {program("task 0 cpu 0\nalloc none order=0"), "4:1: an alloc needs a name: `a = alloc ...`"},
      {program("task 0 cpu 0\nfree = alloc none order=0"),
       "4:1: `free` cannot name a call: a name has a letter or _, then letters, digits or _, at most 15 in "
       "all, and is no "
       "word of the format"},
      {program("task 0 cpu 0\na = alloc none order=0\na = irq enable"),
       "5:1: `a` already names the call in line 4"},
      {program("task 0 cpu 0\na = alloc order=0"),
       "4:11: expected kernel, atomic, nowait, direct, kswapd, high, memalloc, nomemalloc, dma, dma32, "
       "highmem, movable, exclusive, room, zero, reclaimable, noretry, nofail, device0 to device7, none or "
       "raw bits as 0x..., joined "
       "by |, found `order`"},
      {program("task 0 cpu 0\na = alloc gfp=0x100000000 order=0"),
       "4:15: gfp has 32 bits: `0x100000000` is too large"},
      {program("task 0 cpu 0\na = alloc none"), "4:15: expected `order=N`, found the end of the line"},
      {program("task 0 cpu 0\na = alloc none order=255"), "4:22: order is at most 254, not `255`"},
      {program("task 0 cpu 0\nfree b"), "4:6: no alloc is named `b`"},
      {program("task 0 cpu 0\nfree"),
       "4:5: expected the name of an alloc or `pfn=N order=N` after `free`, found the end of the line"},
      {program("task 0 cpu 0\nf = irq enable\nfree f"), "5:6: `f` (line 4) is not an alloc"},
      {program("task 0 cpu 0\nfree pfn=1"), "4:11: expected `order=N`, found the end of the line"},
      {program("task 0 cpu 0\na = alloc none order=0\nfree a+9223372036854775808"),
       "5:8: the offset is at most 9223372036854775807, not `9223372036854775808`"},
      {program("task 0 cpu 0\nirq off"), "4:5: expected `disable` or `enable`, found `off`"},
      {program("schedule\nat a access 1: nmi"), "4:4: no call is named `a`"},
      {program("schedule\ntask 0 cpu 0"), "4:1: contexts come before the schedule"},
      {program("schedule\nschedule"), "4:1: a trace has one schedule"},
      {program("schedule\nfree a"), "4:1: expected `at CALL access N: DECISION`, found `free`"},
      {program("task 0 cpu 0\nirq enable\nschedule\nat irq.1 access 4096: nmi"),
       "6:17: access is at most 4095, not `4096`"},
      {program("task 0 cpu 0\nirq enable\nschedule\nat irq.1 access 1 nmi"),
       "6:19: expected `:` after the access, found `nmi`"},
      {program("task 0 cpu 0\nirq enable\nschedule\nat irq.1 access 1: task 1"),
       "6:25: the trace has no task `1`"},
      {program("task 0 cpu 0\nirq enable\nschedule\nat irq.1 access 1: migrate cpu 2"),
       "6:32: cpu is at most 1, not `2`"},
      {program("task 0 cpu 0\nirq enable\nschedule\nat irq.1 access 1: wait"),
       "6:20: expected cpu N, task N, softirq, hardirq, nmi, migrate cpu N, older N or spurious, found "
       "`wait`"},
      {program("recorded build=xyz"),
       "3:16: expected a build id of at most 128 hexadecimal digits, found `xyz`"},
      {program("recorded\n x"),
       "4:1: a recorded line starts with two spaces; nothing else follows `recorded`"},
      {program(std::string("ta\0sk", 5)),
       "3:3: byte 0x00: a trace is plain text, without control characters"},
      {program("live pfn=1 order=0"),
       "3:1: a block that lives from the start needs a name: `a = live pfn=N order=N`"},
      {program("a = live order=0 pfn=1"), "3:10: expected `pfn=N`, found `order`"},
      {program("a = live pfn=1"), "3:15: expected `order=N`, found the end of the line"},
      {program("a = live pfn=1 order=11"), "3:22: order is at most 10, not `11`"},
      {program("a = live pfn=1 order=0 x"),
       "3:24: expected the end of the line after a live block, found `x`"},
      {program("a = live pfn=1 order=0\na = live pfn=2 order=0"),
       "4:1: `a` already names the call in line 3"},
      {program("task 0 cpu 0\na = live pfn=1 order=0"),
       "4:5: blocks that live from the start come before the first context"},
      {program("a = live pfn=1 order=0\ntask 0 cpu 0\nschedule\nat a access 0: nmi"),
       "6:4: `a` lives from the start: it is no call, and nothing happens at it"},
      {program("\xff"),
       "3:1: expected a call (alloc, bulk, exact, free, irq, bh, preempt, drain, cache, balance, map, unmap, "
       "..., kmalloc, kfree), `NAME = live`, a context "
       "(task, "
       "softirq, hardirq, nmi, reclaimer) or `schedule`, found byte 0xff"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(error_of(text), message) << text;
}

TEST(TraceText, limits_hold_at_their_edges) {
  const auto repeated = [](int count, std::string_view line) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line;
    return text;
  };
  static_cast<void>(good(program(repeated(16, "nmi cpu 0\n"))));
  EXPECT_EQ(error_of(program(repeated(17, "nmi cpu 0\n"))), "19:1: a trace has at most 16 contexts");
  const std::string full = program("nmi cpu 0\n" + repeated(64, "irq enable\n"));
  EXPECT_EQ(good(full).trace.call_count, 64);
  EXPECT_EQ(error_of(full + "irq enable"), "68:1: a trace has at most 64 calls");
  const std::string busy = full + "schedule\n" + repeated(128, "at irq.64 access 1: nmi\n");
  EXPECT_EQ(good(busy).trace.departure_count, 128);
  EXPECT_EQ(error_of(busy + "at irq.64 access 1: nmi"), "197:1: a schedule has at most 128 departures");
  static_cast<void>(good(program("nmi cpu 0\nabcdefghijklmno = irq enable")));
  EXPECT_NE(error_of(program("nmi cpu 0\nabcdefghijklmnop = irq enable")), "no error");
  const std::string longest = "  " + std::string(400, 'r') + "\n";
  EXPECT_EQ(good(program("recorded\n" + repeated(20000, longest))).recorded.size(), 20000U);
  EXPECT_EQ(error_of(program("recorded\n" + repeated(20001, "  r\n"))),
            "20004:1: a record has at most 20000 lines");
  EXPECT_EQ(error_of(program("recorded\n  " + std::string(401, 'r'))),
            "4:3: a recorded line has at most 400 bytes");
}

TEST(TraceText, hostile_input_is_refused_without_effort) {
  const std::string mib(1 << 20, 'x');
  EXPECT_EQ(error_of(mib + mib), "1:1: a trace has at most 1048576 bytes before its record");
  EXPECT_EQ(error_of(program(std::string(1 << 20, '\n'))),
            "1048537:1: a trace has at most 1048576 bytes before its record");
  EXPECT_EQ(error_of(std::string(kMaxFileBytes + 1, '#')),
            "1:1: the file is too large: at most 9128980 bytes are read");
  EXPECT_EQ(error_of(mib.substr(100)),
            "1:1: expected `labyrinth trace 1`, found `" + std::string(40, 'x') + "...`");
  EXPECT_EQ(error_of(std::string(4096, '\0')),
            "1:1: byte 0x00: a trace is plain text, without control characters");
  EXPECT_EQ(error_of("#" + std::string(1 << 17, 'c')), "1:1: the leading comment has more than 65536 bytes");
  std::string deep = program("task 0 cpu 0\na = alloc none");
  for (int i = 0; i < 100000; ++i) deep += "|none";
  EXPECT_EQ(good(deep + " order=0").trace.calls()[0].gfp, 0U);
}

TEST(TraceText, errors_read_like_a_compilers) {
  EXPECT_EQ(error_text({3, 7, "no call is named `x`"}, "a.trace"), "a.trace:3:7: no call is named `x`");
}

}  // namespace
}  // namespace labyrinth::machine
