// What docs/trace-format.md promises of the binary form: every byte string is a valid trace, every valid
// trace has an exact byte string, and similar strings are similar traces.
#include "labyrinth/machine/trace_binary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "trace_bytes.hpp"
#include "trace_generator.hpp"

namespace labyrinth::machine {
namespace {

Bytes random_bytes(std::uint64_t& seed, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next_random(seed));
  return bytes;
}

TEST(TraceBinary, every_byte_string_is_a_valid_trace) {
  std::uint64_t seed = 1;
  for (int i = 0; i < 20000; ++i) {
    const Trace trace = decoded(random_bytes(seed, random_below(seed, i % 100 == 0 ? 5000 : 200)));
    const Bytes bytes = encoded(trace);
    ASSERT_FALSE(bytes.empty());
    ASSERT_TRUE(same(decoded(bytes), trace)) << text_of(trace);
  }
}

TEST(TraceBinary, every_valid_trace_has_an_exact_encoding) {
  properties::TraceGenerator generator(2);
  for (int i = 0; i < 20000; ++i) {
    const Trace trace = generator.next();
    const Bytes bytes = encoded(trace);
    ASSERT_FALSE(bytes.empty()) << text_of(trace);
    ASSERT_TRUE(same(decoded(bytes), trace)) << "wanted\n"
                                             << text_of(trace) << "got\n"
                                             << text_of(decoded(bytes));
  }
}

TEST(TraceBinary, the_largest_encoding_fits_the_declared_size) {
  Trace t;
  t.geometry = one_zone(3, 24000, 1000, 9000, 23000);
  for (ZoneShape& zone : t.geometry.zones) {
    if (zone.frames == 0) zone = {10003, 1000, 5000, 9999, 60000, 64};
  }
  t.geometry.zones[kVoid].ratio = t.geometry.zones[kVoid].highatomic = 0;
  t.geometry.normal().ratio = 513;
  t.geometry.normal().highatomic = 64;
  t.geometry.rooms.fill({63, true});
  t.geometry.devices.fill({63, true});
  t.geometry.objects = {255, 254};
  t.geometry.map = {63, 15, 31};
  t.geometry.max_order = 4;
  t.geometry.first_pfn = kMaxFirstPfn - 1;
  t.context_count = 16;
  t.call_count = 64;
  t.departure_count = 128;
  t.context_storage.fill({model::Level::kNmi, 2, 0, 0, false});
  t.context_storage[0].calls = 64;
  for (int i = 1; i < 16; ++i) t.context_storage[static_cast<std::size_t>(i)].first_call = 64;
  t.call_storage.fill({Op::kFree, 200, kNoHandle, 0, 0x1111222233334444});
  t.departure_storage.fill({63, kMaxAccess, {Decision::Kind::kMigrate, 2}});
  ASSERT_EQ(validate(t), std::nullopt);
  const Bytes bytes = encoded(t);
  EXPECT_GT(bytes.size(), kMaxEncodedSize - 100);
  EXPECT_TRUE(same(decoded(bytes), t));
}

TEST(TraceBinary, too_small_a_buffer_or_an_invalid_trace_gives_no_bytes) {
  properties::TraceGenerator generator(3);
  Trace trace = generator.next();
  const std::size_t size = encoded(trace).size();
  Bytes buffer(size);
  EXPECT_EQ(encode_trace(trace, buffer), size);
  for (std::size_t less = 0; less < size; ++less)
    ASSERT_EQ(encode_trace(trace, std::span(buffer).first(less)), 0U);
  trace.geometry.cpus = 0;
  EXPECT_EQ(encode_trace(trace, buffer), 0U);
  trace = {};
  trace.call_count = 1;
  trace.call_storage[0] = {.op = Op::kLive, .pfn = 3};
  EXPECT_EQ(validate(trace), std::nullopt);
  EXPECT_TRUE(encoded(trace).empty()) << "only the text form has blocks that live from the start";
}

TEST(TraceBinary, no_bytes_are_an_interesting_machine) {
  const std::string empty =
      "labyrinth trace 1\nmachine cpus=2 frames=64 zone=normal:64 min=4 low=6 high=8\n"
      "task 0 cpu 0\ntask 1 cpu 1\nhardirq cpu 0\nsoftirq cpu 1\n";
  EXPECT_EQ(text_of(decoded({})), empty);
  EXPECT_EQ(text_of(decoded(Bytes(8, 0))), empty);
}

TEST(TraceBinary, unknown_versions_decode_as_version_1) {
  std::uint64_t seed = 4;
  Bytes bytes = random_bytes(seed, 64);
  const Trace first = decoded(bytes);
  for (unsigned version = 0; version < 256; ++version) {
    bytes[0] = static_cast<std::uint8_t>(version);
    ASSERT_TRUE(same(decoded(bytes), first));
  }
}

// Bytes 1 to 3 of a record are its own: they change that one call, departure or context, or nothing.
TEST(TraceBinary, a_byte_within_a_record_changes_at_most_one_thing) {
  std::uint64_t seed = 5;
  int changed = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes = random_bytes(seed, 120);
    const std::size_t record = kBinaryHeaderSize + 4 * random_below(seed, 28);
    if (bytes[record] >= 0xe0) continue;    // Contexts and wide records are for more than one thing.
    if (bytes[record] >> 4 == 9) continue;  // Whether it maps decides what unmapping records mean.
    const Trace before = decoded(bytes);
    const std::uint8_t second = bytes[record + 1];
    bytes[record + 1 + random_below(seed, 3)] = static_cast<std::uint8_t>(next_random(seed));
    // A kmalloc that becomes something else redirects its frees, as when a first byte changes.
    const auto is_kmalloc = [&](std::uint8_t byte) {
      return bytes[record] >> 4 == 9 && byte >= 192 && byte < 224;
    };
    if (is_kmalloc(second) != is_kmalloc(bytes[record + 1])) continue;
    const Trace after = decoded(bytes);
    ASSERT_EQ(before.geometry, after.geometry);
    ASSERT_TRUE(std::ranges::equal(before.contexts(), after.contexts()));
    ASSERT_EQ(before.departure_count, after.departure_count);
    int differences = 0;
    for (std::size_t c = 0; c < before.call_count; ++c)
      differences += before.calls()[c] != after.calls()[c] ? 1 : 0;
    // One departure that moves shifts others by a place, so compare them as a multiset.
    std::map<std::tuple<int, int, int, int>, int> balance;
    for (const Departure& d : before.departures()) {
      ++balance[{d.call, d.access, static_cast<int>(d.decision.kind), d.decision.argument}];
    }
    for (const Departure& d : after.departures()) {
      --balance[{d.call, d.access, static_cast<int>(d.decision.kind), d.decision.argument}];
    }
    for (const auto& entry : balance) differences += entry.second > 0 ? entry.second : 0;
    ASSERT_LE(differences, 1) << text_of(before) << text_of(after);
    changed += differences;
  }
  EXPECT_GT(changed, 5000) << "most bytes must matter";
}

// A dropped or inserted record leaves the rest meaningful: what refers across it by distance moves along.
TEST(TraceBinary, a_record_put_in_front_leaves_the_others_as_they_were) {
  std::uint64_t seed = 6;
  properties::TraceGenerator generator(6);
  for (int i = 0; i < 2000; ++i) {
    const Trace trace = generator.next();
    if (trace.call_count == 0 || trace.call_count == kMaxCalls || trace.departure_count == kMaxDepartures)
      continue;
    Bytes bytes = encoded(trace);
    const auto context = static_cast<std::uint8_t>(random_below(seed, trace.context_count));
    const std::array<std::uint8_t, 4> alloc = {context, 0, 0, 0};
    bytes.insert(bytes.begin() + kBinaryHeaderSize, alloc.begin(), alloc.end());
    const Trace longer = decoded(bytes);
    ASSERT_EQ(longer.call_count, trace.call_count + 1);
    // The new call is the first of its context; all else moved by at most one place.
    const std::uint8_t place = longer.contexts()[context].first_call;
    const auto moved = [&](std::uint8_t call) {
      return static_cast<std::uint8_t>(call < place ? call : call + 1);
    };
    for (std::uint8_t c = 0; c < trace.call_count; ++c) {
      Call wanted = trace.calls()[c];
      if (wanted.handle != kNoHandle) wanted.handle = moved(wanted.handle);
      ASSERT_EQ(longer.calls()[moved(c)], wanted) << text_of(trace) << text_of(longer);
    }
    ASSERT_EQ(longer.departure_count, trace.departure_count);
    for (std::size_t d = 0; d < trace.departure_count; ++d) {
      Departure wanted = trace.departures()[d];
      wanted.call = moved(wanted.call);
      ASSERT_EQ(longer.departures()[d], wanted);
    }
  }
}

TEST(TraceBinary, a_longer_string_is_the_shorter_one_and_more) {
  std::uint64_t seed = 7;
  const Bytes bytes = random_bytes(seed, 8);
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{7}}) {
    Bytes padded(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const Trace cut = decoded(padded);
    padded.resize(8, 0);
    EXPECT_TRUE(same(cut, decoded(padded))) << "missing bytes are zero";
  }
  Bytes huge = random_bytes(seed, 1 << 20);
  const Trace trace = decoded(huge);
  huge.resize(kMaxEncodedSize);
  EXPECT_TRUE(same(decoded(huge), trace)) << "no more than the largest encoding is read";
  EXPECT_EQ(trace.call_count, kMaxCalls);
  EXPECT_EQ(trace.departure_count, kMaxDepartures);
}

TEST(TraceBinary, chance_makes_the_traces_that_find_bugs) {
  std::uint64_t seed = 8;
  constexpr int kTraces = 4000;
  int two_cpus = 0, handlers = 0, small = 0, crossing = 0, departing = 0, low_orders = 0, allocs = 0,
      near = 0, points = 0;
  for (int i = 0; i < kTraces; ++i) {
    const Trace t = decoded(random_bytes(seed, 64));
    std::array<bool, kMaxCpus> tasks{};
    bool handler = false;
    for (const Context& context : t.contexts()) {
      if (context.level == model::Level::kTask) tasks[context.cpu] = true;
      handler = handler || context.level != model::Level::kTask;
    }
    two_cpus += std::ranges::count(tasks, true) >= 2 ? 1 : 0;
    handlers += handler ? 1 : 0;
    small += t.geometry.frames() >= 2 && t.geometry.frames() <= 128 ? 1 : 0;
    departing += t.departure_count > 0 ? 1 : 0;
    bool cross = false;
    for (const Context& context : t.contexts()) {
      for (const Call& call : t.calls().subspan(context.first_call, context.calls)) {
        cross = cross || (call.handle != kNoHandle && (call.handle < context.first_call ||
                                                       call.handle >= context.first_call + context.calls));
        if (call.op == Op::kAlloc) ++allocs;
        if (call.op == Op::kAlloc && call.order <= 3) ++low_orders;
      }
    }
    crossing += cross ? 1 : 0;
    for (const Departure& d : t.departures()) near += d.access < 16 ? 1 : 0;
    points += t.departure_count;
  }
  EXPECT_GT(two_cpus, kTraces / 2);
  EXPECT_GT(handlers, kTraces * 3 / 4);
  EXPECT_GT(small, kTraces * 3 / 4);
  EXPECT_GT(departing, kTraces * 9 / 10);
  EXPECT_GT(crossing, kTraces / 2);
  EXPECT_GT(low_orders, allocs * 3 / 4);
  EXPECT_GT(near, points / 2);
}

}  // namespace
}  // namespace labyrinth::machine
