// What docs/trace-format.md promises of the text form: round trips, names, and what each line means.
#include "labyrinth/machine/trace_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "labyrinth/machine/trace_validate.hpp"
#include "trace_generator.hpp"
#include "trace_text_fixture.hpp"

namespace labyrinth::machine {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kExample = R"(# what it shows
# in two lines
labyrinth trace 1
machine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8
task 0 cpu 0
  a = alloc kernel order=2
  free a
hardirq cpu 0
  b = alloc atomic order=0
task 1 cpu 1
  c = alloc nowait|memalloc order=0
  f = free c order=1
  free c+1
  free c-2 order=3
  free pfn=77 order=0
  irq disable
  irq enable
  bh disable
  preempt enable
  d = alloc gfp=0x10000 order=254
schedule
  at a access 3: hardirq
  at free.a access 0: cpu 1
  at b access 2: task 1
  at c access 4: migrate cpu 0
  at c access 5: spurious
  at irq.2 access 0: nmi
recorded build=00ffAB
  1 cpu 0 load 0x10

    deeper
)";

TEST(TraceText, the_canonical_text_prints_as_itself) { EXPECT_EQ(print_trace(good(kExample)), kExample); }

TEST(TraceText, each_line_means_what_the_grammar_says) {
  const TraceFile file = good(kExample);
  const Trace& t = file.trace;
  EXPECT_EQ(t.geometry, one_zone(2, 64, 4, 6, 8));
  ASSERT_EQ(t.context_count, 3);
  EXPECT_EQ(t.contexts()[1], (Context{model::Level::kHardirq, 0, 2, 1, false}));
  EXPECT_EQ(t.contexts()[2], (Context{model::Level::kTask, 1, 3, 10, false}));
  ASSERT_EQ(t.call_count, 13);
  EXPECT_EQ(t.calls()[0], (Call{Op::kAlloc, 2, kNoHandle, model::kKernel.bits, 0}));
  EXPECT_EQ(t.calls()[1], (Call{Op::kFree, kOrderOfHandle, 0, 0, 0}));
  EXPECT_EQ(t.calls()[4], (Call{Op::kFree, 1, 3, 0, 0}));
  EXPECT_EQ(t.calls()[6], (Call{Op::kFree, 3, 3, 0, 0 - std::uint64_t{2}}));
  EXPECT_EQ(t.calls()[7], (Call{Op::kFree, 0, kNoHandle, 0, 77}));
  EXPECT_EQ(t.calls()[10].op, Op::kBhDisable);
  ASSERT_EQ(t.departure_count, 6);
  EXPECT_EQ(t.departures()[2], (Departure{2, 2, {Decision::Kind::kTask, 2}}));
  EXPECT_EQ(t.departures()[5], (Departure{9, 0, {Decision::Kind::kInterrupt, 3}}));
  EXPECT_EQ(file.names, (Names{"a", "free.a", "b", "c", "f", "free.c", "free.c.2", "free.pfn77", "irq.1",
                               "irq.2", "bh.1", "preempt.1", "d"}));
}

TEST(TraceText, the_sleeping_side_has_words_of_its_own) {
  const std::string text =
      "labyrinth trace 1\nmachine cpus=2 frames=8 zone=normal:8 min=0 low=0 high=0\n"
      "task 0 cpu 0\n  a = alloc kernel|noretry order=0\n  cache a\n  cache a\n  b = alloc direct|nofail "
      "order=1\n"
      "reclaimer cpu 1\n  balance\n  x = balance\ntask 2 cpu 0\n"
      "schedule\n  at cache.a.2 access 0: task 1\n  at balance.1 access 3: cpu 0\n";
  const TraceFile file = good(text);
  EXPECT_EQ(print_trace(file), text);
  const Trace& t = file.trace;
  EXPECT_EQ(t.calls()[1], (Call{Op::kCache, 0, 0, 0, 0}));
  EXPECT_EQ(t.calls()[4], (Call{Op::kBalance, 0, kNoHandle, 0, 0}));
  EXPECT_EQ(t.contexts()[1], (Context{model::Level::kTask, 1, 4, 2, true}));
  EXPECT_EQ(t.departures()[0].decision.argument, 1) << "a reclaimer counts as a task";
  EXPECT_EQ(t.calls()[0].gfp, (model::kKernel | model::kNoretry).bits);
}

TEST(TraceText, comment_build_and_record_are_kept) {
  const TraceFile file = good(kExample);
  EXPECT_EQ(file.comment, "what it shows\nin two lines");
  EXPECT_EQ(file.build, "00ffAB");
  EXPECT_EQ(file.recorded, (Names{"1 cpu 0 load 0x10", "", "  deeper"}));
}

TEST(TraceText, every_valid_trace_reads_back_from_its_text) {
  properties::TraceGenerator plain(1);
  properties::TraceGenerator live(2, true);
  for (int i = 0; i < 8000; ++i) {
    const Trace trace = (i < 5000 ? plain : live).next();
    ASSERT_EQ(validate(trace), std::nullopt) << "trace " << i;
    const std::string text = print_trace({trace, {}, {}, {}, {}});
    const TraceFile file = good(text);
    ASSERT_TRUE(same(trace, file.trace)) << "trace " << i << "\n" << text;
    ASSERT_EQ(file.names, default_names(trace)) << text;
    ASSERT_EQ(print_trace(file), text) << "printing is a fixed point";
  }
}

TEST(TraceText, blanks_comments_and_line_ends_mean_nothing) {
  const TraceFile plain = good(program("task 0 cpu 0\n  a = alloc high|0x1000 order=1\n  free a+1\n"));
  EXPECT_EQ(good("labyrinth trace 1\r\n\r\n# remark\r\n machine\tcpus = 2 zone = normal : 64 # frames\r\n"
                 "task 0 cpu 0\r\na=alloc high | 0x1000 order = 0x1\r\n#\n\n free a + 1"),
            plain);
}

TEST(TraceText, zones_the_void_and_rooms_have_lines_of_their_own) {
  constexpr std::string_view kText = R"(labyrinth trace 1
machine cpus=2 max_order=3
zone dma frames=4 min=1 low=2 high=3 ratio=65535
zone normal frames=16 min=0 low=0 high=0
zone movable frames=5 min=0 low=1 high=1
void frames=8 min=2 low=2 high=2 unmaps
room task frames=64
room nmi frames=1 spill
room device0 frames=3
room device7 frames=64 spill
task 0 cpu 0
  a = alloc nowait|dma|zero order=0
  b = alloc high|exclusive order=0
  c = alloc kernel|highmem|movable|room order=0
  d = alloc atomic|zero|device7 order=0
  drain
  drain blocks=64
  e = drain blocks=1
schedule
  at drain.2 access 1: cpu 1
)";
  const TraceFile file = good(kText);
  EXPECT_EQ(print_trace(file), kText);
  const Geometry& g = file.trace.geometry;
  EXPECT_EQ(g.zones[0], (ZoneShape{4, 1, 2, 3, 65535}));
  EXPECT_EQ(g.zones[1], ZoneShape{});
  EXPECT_EQ(g.zones[kVoid], (ZoneShape{8, 2, 2, 2, 0, 0, true}));
  EXPECT_EQ(file.trace.calls()[3].gfp, (model::kAtomic | model::kZero | model::for_device(7)).bits);
  EXPECT_EQ(file.trace.calls()[4], (Call{.op = Op::kDrain}));
  EXPECT_EQ(file.trace.calls()[5], (Call{.op = Op::kDrain, .pfn = 64}));
  EXPECT_EQ(g.rooms[0], (RoomShape{64, false}));
  EXPECT_EQ(g.rooms[3], (RoomShape{1, true}));
  EXPECT_EQ(g.devices[0], (RoomShape{3, false}));
  EXPECT_EQ(g.devices[7], (RoomShape{64, true}));
  EXPECT_EQ(g.frames(), 4U + 16 + 5 + 8 + 2 * 65 + 3 + 64);
  // NORMAL alone keeps its place in the machine's line, whatever else there is.
  const std::string short_form =
      "labyrinth trace 1\nmachine cpus=1 frames=2 zone=normal:2 min=0 low=0 high=0\nvoid frames=1 min=0 "
      "low=0 high=0\n";
  EXPECT_EQ(print_trace(good("labyrinth trace 1\nmachine\nvoid frames=1\nzone normal frames=2\n")),
            short_form);
}

TEST(TraceText, slots_and_what_is_mapped_into_them_have_a_text) {
  const std::string text =
      "labyrinth trace 1\nmachine cpus=2\nzone normal frames=8 min=1 low=1 high=1 unmapped\n"
      "void frames=4 min=0 low=0 high=0 unmapped\nmap slots=2 depth=3\n"
      "task 0 cpu 0\n  a = alloc kernel order=2\n  m = map a\n  n = map_local a+3\n  o = map_atomic a-1\n"
      "  page_address a+2\n  unmap_atomic o\n  unmap_local n\n  unmap m\n  u = unmap m\n"
      "schedule\n  at page_address.a access 0: cpu 1\n  at unmap.m access 1: cpu 1\n";
  const TraceFile file = good(text);
  EXPECT_EQ(print_trace(file), text);
  EXPECT_EQ(file.trace.geometry.map, (MapShape{2, 3, 0b10100}));
  const auto calls = file.trace.calls();
  EXPECT_EQ(calls[1], (Call{.op = Op::kMap, .handle = 0}));
  EXPECT_EQ(calls[3], (Call{.op = Op::kMapAtomic, .handle = 0, .pfn = ~std::uint64_t{0}}));
  EXPECT_EQ(calls[5], (Call{.op = Op::kUnmapAtomic, .handle = 3}));
  EXPECT_EQ(file.names[4], "page_address.a");
  EXPECT_EQ(file.names[8], "u");
}

TEST(TraceText, blocks_that_live_from_the_start_come_before_the_contexts) {
  const std::string text =
      "labyrinth trace 1\nmachine cpus=1 frames=64 zone=normal:64 min=0 low=0 high=0 first_pfn=16\n"
      "a = live pfn=16 order=4\nlive = live pfn=79 order=0\ntask 0 cpu 0\n  b = alloc atomic order=0\n  free "
      "a\n"
      "  free live\n";
  const TraceFile file = good(text);
  EXPECT_EQ(print_trace(file), text);
  EXPECT_EQ(file.trace.live_count(), 2);
  EXPECT_EQ(file.trace.calls()[0], (Call{.op = Op::kLive, .order = 4, .pfn = 16}));
  EXPECT_EQ(file.trace.contexts()[0].first_call, 2);
  EXPECT_EQ(file.trace.calls()[3].handle, 0);
  EXPECT_EQ(file.names, (Names{"a", "live", "b", "free.a", "free.live"}));
  EXPECT_TRUE(
      same(good("labyrinth trace 1\nmachine frames=64 first_pfn=16\na = live pfn=0x10 order=4\n").trace,
           good("labyrinth trace 1\nmachine frames=64 first_pfn=16\nz=live pfn=16 order=4").trace))
      << "a program may be empty";
}

TEST(TraceText, a_block_lives_from_the_start_only_where_it_can) {
  const std::string zones =
      "labyrinth trace 1\nmachine max_order=4\nzone dma frames=8\nzone normal frames=20\nvoid frames=4\n";
  const auto wrong = [&](std::string_view line) { return error_of(zones + std::string(line)); };
  constexpr std::string_view kThere = "6:5: the block cannot live there: ";
  EXPECT_EQ(wrong("a = live pfn=24 order=2"), "no error");
  EXPECT_EQ(wrong("a = live pfn=0 order=5"),
            std::string(kThere) + "its order is larger than the machine's largest");
  EXPECT_EQ(wrong("a = live pfn=2 order=2"), std::string(kThere) + "its frame is not aligned to its order");
  for (const char* const outside :
       {"0 order=4", "28 order=0", "32 order=0", "16 order=4", "18446744073709551612 order=2"}) {
    EXPECT_EQ(wrong("a = live pfn=" + std::string(outside)),
              std::string(kThere) + "it does not lie in one of the machine's zones");
  }
  EXPECT_EQ(wrong("a = live pfn=8 order=0\nb = live pfn=8 order=3"),
            "7:5: the block cannot live there: it overlaps another one");
  EXPECT_EQ(wrong("a = live pfn=8 order=3\nb = live pfn=9 order=0"),
            "7:5: the block cannot live there: it overlaps another one");
}

TEST(TraceText, what_the_machine_line_leaves_out_has_a_value) {
  EXPECT_EQ(good(machine_line("frames=7")).trace.geometry, one_zone(1, 7));
  EXPECT_EQ(good(machine_line("zone=normal:9 min=3")).trace.geometry, one_zone(1, 9, 3, 3, 3));
  EXPECT_EQ(good(machine_line("frames=9 low=3")).trace.geometry, one_zone(1, 9, 0, 3, 3));
  Geometry far = one_zone(1, 9, 2, 2, 9);
  far.max_order = 0;
  far.first_pfn = std::uint64_t{1} << 40;
  EXPECT_EQ(good(machine_line("frames=9 min=2 high=9 max_order=0 first_pfn=1099511627776")).trace.geometry,
            far);
}

TEST(TraceText, a_handle_may_be_allocated_later_in_the_file) {
  const Trace t = good(program("hardirq cpu 1\n free a\ntask 0 cpu 0\n a = alloc none order=0\n")).trace;
  EXPECT_EQ(t.calls()[0].handle, 1);
}

TEST(TraceText, departures_are_sorted_and_those_of_one_point_keep_their_order) {
  const Trace t =
      good(program(
               "task 0 cpu 0\n a = alloc none order=0\n b = alloc none order=0\nschedule\n"
               "at b access 1: cpu 1\nat a access 2: nmi\nat a access 1: cpu 1\nat a access 2: spurious\n"))
          .trace;
  ASSERT_EQ(validate(t), std::nullopt);
  EXPECT_EQ(t.departures()[1].decision.kind, Decision::Kind::kInterrupt);
  EXPECT_EQ(t.departures()[2].decision.kind, Decision::Kind::kSpurious);
  EXPECT_EQ(t.departures()[3].call, 1);
}

TEST(TraceText, what_is_older_is_seen_under_rc11_only) {
  const auto text = [](const std::string& memory, const std::string& count) {
    return "labyrinth trace 1\nmachine cpus=1 frames=2\n" + memory +
           "task 0 cpu 0\n a = alloc none order=0\nschedule\n at a access 1: older " + count + "\n";
  };
  const TraceFile file = good(text("memory rc11\n", "3"));
  EXPECT_EQ(file.trace.memory, MemoryModel::kRc11);
  EXPECT_EQ(file.trace.departures()[0].decision, (Decision{Decision::Kind::kOlder, 3}));
  EXPECT_EQ(validate(file.trace), std::nullopt);
  EXPECT_EQ(good(print_trace(file)), file);
  for (const std::string memory : {"", "memory sc\n"}) {
    const auto read = parse_trace(text(memory, "3"));
    ASSERT_TRUE(std::holds_alternative<ParseError>(read));
    EXPECT_EQ(std::get<ParseError>(read).message, "`older` needs the line `memory rc11` after the machine's");
  }
  EXPECT_TRUE(std::holds_alternative<ParseError>(parse_trace(text("memory rc11\n", "12"))));
  EXPECT_TRUE(std::holds_alternative<ParseError>(parse_trace(text("memory tso\n", "1"))));
  Trace flawed = file.trace;
  flawed.memory = MemoryModel::kSc;
  EXPECT_NE(validate(flawed), std::nullopt);
}

TEST(TraceText, flags_are_printed_as_the_shortest_true_words) {
  const std::vector<std::pair<std::uint32_t, std::string>> names = {
      {0, "none"},
      {3, "kernel"},
      {6, "atomic"},
      {2, "nowait"},
      {14, "atomic|memalloc"},
      {7, "kernel|high"},
      {0x22, "nowait|dma"},
      {1, "direct"},
      {20, "high|nomemalloc"},
      {0x24, "high|dma"},
      {0x100000, "device0"},
      {0x800006, "atomic|device7"},
      {0x900000, "gfp=0x900000"},
      {0x1100020, "dma|device0|0x1000000"},
      {0xffffffe0, "dma|dma32|highmem|movable|exclusive|room|zero|reclaimable|noretry|nofail|0xffff8000"}};
  for (const auto& [bits, name] : names) {
    EXPECT_EQ(gfp_name({bits}), name);
    EXPECT_EQ(good(program("task 0 cpu 0\na = alloc " + name + " order=0")).trace.calls()[0].gfp, bits);
  }
}

TEST(TraceText, default_names_are_unique_for_any_given_names) {
  const Trace t =
      good(program("task 0 cpu 0\n pfn77 = alloc none order=0\n free pfn77\n free pfn=77 order=0\n"
                   " free pfn77\n x = irq disable\n irq enable\n"))
          .trace;
  EXPECT_EQ(default_names(t), (Names{"a", "free.a", "free.pfn77", "free.a.2", "irq.1", "irq.2"}));
  EXPECT_EQ(complete_names(t, Names{"pfn77", "", "", "", "x", ""}),
            (Names{"pfn77", "free.pfn77", "free.pfn77.2", "free.pfn77.3", "x", "irq.1"}));
  EXPECT_EQ(complete_names(t, Names{"free.b.7", "a", "a", "order", "2x"}),
            (Names{"b", "a", "free.pfn77", "free.b", "irq.1", "irq.2"}))
      << "stale, repeated and impossible names are replaced";
}

TEST(TraceText, the_27th_alloc_is_called_a1) {
  std::string text = program("task 0 cpu 0\n");
  for (int i = 0; i < 27; ++i) text += "x" + std::to_string(i) + " = alloc none order=0\n";
  const Names names = default_names(good(text).trace);
  EXPECT_EQ(names[25], "z");
  EXPECT_EQ(names[26], "a1");
}

TEST(TraceText, what_is_printed_can_be_read_whatever_was_recorded_or_remarked) {
  TraceFile file = good(kHead);
  file.comment = "a\n\nb\x01\n";
  file.build = "not hex";
  file.recorded = {"tab\tand\nnewline", std::string(500, 'x'), std::string("\0", 1), "\r"};
  const TraceFile again = good(print_trace(file));
  EXPECT_EQ(again.comment, "a\n\nb?\n");
  EXPECT_EQ(again.build, "");
  EXPECT_EQ(again.recorded, (Names{"tab\tand?newline", std::string(400, 'x'), "?", "?"}));
}

TEST(TraceText, what_a_report_needs_has_a_text) {
  const TraceFile file = good(kExample);
  EXPECT_EQ(context_name(file.trace, 1), "hardirq cpu 0");
  EXPECT_EQ(context_name(file.trace, 2), "task 1 cpu 1");
  EXPECT_EQ(call_text(file.trace, file.names, 0), "a = alloc kernel order=2");
  EXPECT_EQ(call_text(file.trace, file.names, 4), "f = free c order=1");
  EXPECT_EQ(decision_name(file.trace, {Decision::Kind::kTask, 2}), "task 1");
  EXPECT_EQ(departure_text(file.trace, file.names, file.trace.departures()[0]), "at a access 3: hardirq");
}

}  // namespace
}  // namespace labyrinth::machine
