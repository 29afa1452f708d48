// labyrinth run: random programs under random schedules, each a pure function of the seed and its number.
#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "report.hpp"
#include "timeline.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

using machine::Outcome;

/// Counts over all executions. Largest steps are per kind of call, beside the bound declared for it at that
/// time; 0: none that a run could exceed.
struct Counts {
  std::uint64_t executions = 0, accesses = 0, departures = 0, inconclusive = 0, refused = 0;
  std::array<std::uint64_t, 6> answers{};
  std::array<std::uint64_t, 6> objects{};   ///< Answers to kmalloc.
  std::array<std::uint64_t, 6> mappings{};  ///< Answers to what maps and unmaps.
  struct Steps {
    std::uint32_t most = 0, declared = 0;
  };
  std::array<Steps, model::kMaxOrder.value + 1> alloc{}, free{};
};

void count(const machine::Machine& machine, const machine::Trace& trace, const Outcome& outcome,
           Counts& counts) {
  ++counts.executions;
  counts.accesses += outcome.accesses;
  counts.departures += outcome.departure_count;
  counts.inconclusive += outcome.kind == Outcome::Kind::kInconclusive ? 1 : 0;
  counts.refused += outcome.kind == Outcome::Kind::kRefused ? 1 : 0;
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    const machine::CallResult& result = outcome.results[i];
    const machine::Call& call = trace.call_storage[i];
    if (result.state != machine::CallResult::State::kAnswered) continue;
    if (call.op == machine::Op::kKmalloc && result.status < counts.objects.size())
      ++counts.objects[result.status];
    if (machine::maps(call.op) || machine::unmaps(call.op)) {
      if (result.status < counts.mappings.size()) ++counts.mappings[result.status];
      continue;
    }
    const bool allocates = machine::allocates(call.op);
    if (!allocates && call.op != machine::Op::kFree) continue;
    if (allocates && result.status < counts.answers.size()) ++counts.answers[result.status];
    if (result.slept) continue;  // nothing declared
    if (call.op == machine::Op::kBulk || call.op == machine::Op::kExact)
      continue;  // no order to show them by
    std::uint8_t order = call.order;
    if (!allocates && order == machine::kOrderOfHandle && call.handle != machine::kNoHandle) {
      if (trace.call_storage[call.handle].op != machine::Op::kAlloc) continue;
      order = trace.call_storage[call.handle].order;
    }
    if (order > model::kMaxOrder.value) continue;
    Counts::Steps& steps = (allocates ? counts.alloc : counts.free)[order];
    if (result.accesses > steps.most) steps = {result.accesses, machine.declared_steps(trace, i)};
  }
}

/// Makes every second record one about objects, of few sizes if `alike`, and a small memory for them.
void give_objects(std::span<std::uint8_t> bytes, bool alike) {
  constexpr std::size_t kSize = machine::kBinaryRecordSize;
  constexpr std::size_t kAt = machine::kBinaryHeaderSize + 3 * kSize;
  for (std::size_t at = kAt; at + kSize <= bytes.size(); at += kSize) {
    if (at == kAt) {
      bytes[at] = 0xff;
      bytes[at + 1] = 7;
    } else if (bytes[at] < 0x80) {
      bytes[at] = static_cast<std::uint8_t>(0x90U | (bytes[at] & 15U));
      bytes[at + 1] |= 0xc0U;
      if (alike && bytes[at + 1] < 0xe0) bytes[at + 2] &= 0x81U;
    }
  }
}

/// One machine in four has slots for mappings, and programs that map: chance alone makes too few. Departures
/// make room for them, since the walk decides those anyway.
void add_mappings(std::size_t first, std::span<std::uint8_t> bytes) {
  constexpr std::uint8_t kSlots = 6;  // docs/trace-format.md, wide records
  for (std::size_t at = first; at + machine::kBinaryRecordSize <= bytes.size();
       at += machine::kBinaryRecordSize) {
    const unsigned kind = bytes[at] >> 4;
    if (at == first) {
      bytes[at] = 0xff;
      bytes[at + 1] = static_cast<std::uint8_t>((bytes[at + 1] & 0xf8U) | kSlots);
    } else if (kind >= 8 && kind <= 13) {
      bytes[at] = static_cast<std::uint8_t>(0x90U | (bytes[at] & 15U));
      bytes[at + 1] = static_cast<std::uint8_t>(96 + (bytes[at + 1] & 63U));
      bytes[at + 2] &= 3U;  // Of what stands shortly before it, more is answered by then.
    } else if (kind < 5) {
      bytes[at + 1] %= 64;  // A usual request, of which more are served.
    }
  }
}

/// Some machines have rooms of devices, and half of the requests name one, few enough for two to meet in one.
void give_devices(std::size_t first, std::span<std::uint8_t> bytes) {
  constexpr std::size_t kRecord = machine::kBinaryRecordSize;
  for (std::size_t at = first; at + kRecord <= bytes.size(); at += kRecord) {
    if (at < first + 2 * kRecord) {  // docs/trace-format.md, wide records: device 0; then device 1, 3, 5 or 7
      bytes[at] = 0xff;
      bytes[at + 1] = at == first ? 0x18 : static_cast<std::uint8_t>(0x19U | (bytes[at + 1] & 0x22U));
    } else if (bytes[at] >> 4 < 5 && (bytes[at + 3] & 1U) == 0) {
      bytes[at + 1] |= 0xe0U;
      bytes[at + 1] &= 0xefU;
      bytes[at + 2] &= 0x7cU;  // of order 0, as all that is in a room
    }
  }
}

/// Every fourth program has caches, background reclaim, requests that reclaim and a reclaimer, for the same
/// reason: chance alone makes few.
void with_sleeping_side(std::span<std::uint8_t> bytes) {
  constexpr std::size_t kRecord = machine::kBinaryRecordSize;
  bytes[1] = static_cast<std::uint8_t>(0x80U | (bytes[1] & 0x1fU));  // 1..32 frames
  bytes[7] |= 0x0cU;                                                 // the fourth context is a task
  for (std::size_t at = machine::kBinaryHeaderSize; at + kRecord <= bytes.size(); at += kRecord) {
    const std::uint8_t chance = bytes[at];
    if (at == machine::kBinaryHeaderSize) {
      bytes[at] = static_cast<std::uint8_t>(0xe0U | (chance & 3U));  // a context: a task, and a reclaimer
      bytes[at + 1] = 0;
      bytes[at + 3] |= 0xc0U;
    } else if (chance >> 4 >= 6 && chance >> 4 <= 8) {  // instead of most frees
      bytes[at] = static_cast<std::uint8_t>(0x90U | (chance & 15U));
      bytes[at + 1] = static_cast<std::uint8_t>(0x40U | (bytes[at + 1] & 0x1fU));
      bytes[at + 2] &= 3U;  // what was allocated just before
    } else if (chance >> 4 < 3) {
      bytes[at + 1] = (bytes[at + 1] & 3U) == 0 ? bytes[at + 1] | 0xf0U : 1;  // kernel
    }
  }
}

/// Makes a machine's void one that is unmapped, has most requests go there, and drains among the masks: of
/// all programs chance sends too few that way.
void live_in_the_void(std::uint64_t& state, machine::Trace& trace) {
  machine::ZoneShape& isolated = trace.geometry.zones[machine::kVoid];
  if (isolated.frames == 0) {
    if (trace.geometry.normal().frames <= 1) return;
    isolated.frames = std::min(trace.geometry.normal().frames, 1 + machine::random_below(state, 24));
    isolated.min = machine::random_below(state, std::min(isolated.frames, 4U) + 1);
    isolated.low = isolated.high = isolated.min;
    machine::ZoneShape& normal = trace.geometry.normal();
    normal.frames = std::max(normal.frames - isolated.frames, 1U);
    for (std::uint32_t* mark : {&normal.min, &normal.low, &normal.high})
      *mark = std::min(*mark, normal.frames);
    normal.highatomic = std::min(normal.highatomic, normal.frames);
  }
  isolated.unmaps = true;
  constexpr std::uint32_t kKept = (model::kKernel | model::kAtomic | model::kMemalloc | model::kZero).bits;
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    machine::Call& call = trace.call_storage[i];
    // Not what maps, nor what is about objects: something may take back what it got.
    const bool mask =
        call.op != machine::Op::kFree && !machine::allocates(call.op) && call.op <= machine::Op::kBalance;
    if (call.op == machine::Op::kAlloc && machine::random_below(state, 4) != 0) {
      call.gfp = (call.gfp & kKept) | model::kExclusive.bits;
    } else if (mask && machine::random_below(state, 2) == 0) {
      call = {.op = machine::Op::kDrain, .pfn = machine::random_below(state, 3)};
    }
  }
}

/// Program `number` of the stream that `seed` begins. It comes from random bytes through the fuzzers'
/// grammar, so that both engines reach the same programs.
void generate(std::uint64_t seed, std::uint64_t number, std::uint32_t records, machine::Trace& trace) {
  std::uint64_t state = seed * 0x2545f4914f6cdd1dU + number;
  std::array<std::uint8_t, machine::kMaxEncodedSize> bytes;
  const std::size_t most =
      std::min<std::size_t>(machine::kBinaryHeaderSize + machine::kBinaryRecordSize * records, bytes.size());
  // Some have objects, and are as large as they may be: slabs have to fill and to empty.
  const bool has_objects = number % 5 == 3;
  const bool maps = !has_objects && (number % 8 == 3 || number % 8 == 4);
  const auto room = static_cast<std::uint32_t>(most - machine::kBinaryHeaderSize);
  const std::size_t size =
      has_objects || maps ? most : machine::kBinaryHeaderSize + machine::random_below(state, room + 1);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = machine::next_random(state);
    for (std::size_t byte = 0; byte < 8 && i + byte < size; ++byte) {
      bytes[i + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
    }
  }
  // Every second machine has more than one zone from the start: chance alone makes too few.
  constexpr std::array kPools = {std::uint8_t{0xfe}, std::uint8_t{0xff}, std::uint8_t{0xfe}};
  for (std::size_t i = 0; i < kPools.size() && number % 2 == 1; ++i) {
    const std::size_t at = machine::kBinaryHeaderSize + i * machine::kBinaryRecordSize;
    if (at + machine::kBinaryRecordSize <= size) bytes[at] = kPools[i];
  }
  if (maps) {
    const std::size_t pools = number % 2 == 1 ? kPools.size() : 0;
    add_mappings(machine::kBinaryHeaderSize + pools * machine::kBinaryRecordSize, {bytes.data(), size});
  }
  // Some have small pageblocks, and may set them apart.
  if (number % 8 == 5) {
    bytes[2] = static_cast<std::uint8_t>((63U - number / 8 % 6) << 2 | (bytes[2] & 3U));
    constexpr std::size_t kAt = machine::kBinaryHeaderSize + 3 * machine::kBinaryRecordSize;
    if (kAt + machine::kBinaryRecordSize <= size) {
      bytes[kAt] = 0xff;
      bytes[kAt + 1] = 5;
    }
  }
  if (!has_objects && number % 8 == 7) {
    give_devices(machine::kBinaryHeaderSize + kPools.size() * machine::kBinaryRecordSize,
                 {bytes.data(), size});
  }
  if (has_objects) {
    give_objects({bytes.data(), size}, number % 2 == 0);
  } else if (number % 4 == 2) {
    with_sleeping_side({bytes.data(), size});
  }
  machine::decode_trace({bytes.data(), size}, trace);
  if (number % 8 == 5) live_in_the_void(state, trace);
  trace.departure_count = 0;  // The walk decides.
}

[[nodiscard]] std::string steps_text(const std::array<Counts::Steps, model::kMaxOrder.value + 1>& steps) {
  std::string text;
  for (std::size_t order = 0; order < steps.size(); ++order) {
    if (steps[order].most == 0) continue;
    const std::uint32_t declared = steps[order].declared;
    text +=
        fmt::format(" {}:{}/{}", order, steps[order].most, declared == 0 ? "-" : fmt::to_string(declared));
  }
  return text;
}

[[nodiscard]] nlohmann::json steps_json(const std::array<Counts::Steps, model::kMaxOrder.value + 1>& steps) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t order = 0; order < steps.size(); ++order) {
    if (steps[order].most == 0) continue;
    nlohmann::json declared;  // null where none was held to
    if (steps[order].declared != 0) declared = steps[order].declared;
    rows.push_back({{"order", order}, {"most", steps[order].most}, {"declared", declared}});
  }
  return rows;
}

void print_summary(const RunOptions& options, const Counts& counts, double seconds,
                   const std::map<std::string, std::uint64_t>& found, bool cut) {
  const double rate = seconds > 0 ? static_cast<double>(counts.executions) / seconds : 0;
  if (options.json) {
    nlohmann::json answers;
    nlohmann::json mappings;
    for (std::size_t i = 0; i < counts.answers.size(); ++i) {
      answers[status_name(static_cast<std::uint8_t>(i))] = counts.answers[i];
      mappings[status_name(static_cast<std::uint8_t>(i))] = counts.mappings[i];
    }
    nlohmann::json objects;
    for (std::size_t i = 0; i < counts.objects.size(); ++i)
      objects[status_name(static_cast<std::uint8_t>(i))] = counts.objects[i];
    fmt::print("{}\n", nlohmann::json{{"seed", options.seed},
                                      {"executions", counts.executions},
                                      {"per_second", rate},
                                      {"accesses", counts.accesses},
                                      {"departures", counts.departures},
                                      {"inconclusive", counts.inconclusive},
                                      {"refused", counts.refused},
                                      {"interrupted", cut},
                                      {"answers", answers},
                                      {"kmalloc_answers", objects},
                                      {"mappings", mappings},
                                      {"alloc_steps", steps_json(counts.alloc)},
                                      {"free_steps", steps_json(counts.free)},
                                      {"violations", found}}
                           .dump(2));
    return;
  }
  fmt::print("answers:");
  for (std::size_t i = 0; i < counts.answers.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.answers[i]);
  fmt::print("\nanswers to kmalloc:");
  for (std::size_t i = 0; i < counts.objects.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.objects[i]);
  fmt::print("\nmappings:");
  for (std::size_t i = 0; i < counts.mappings.size(); ++i)
    fmt::print(" {} {}", status_name(static_cast<std::uint8_t>(i)), counts.mappings[i]);
  fmt::print("\nlargest steps/declared by order: alloc{}; free{}\n", steps_text(counts.alloc),
             steps_text(counts.free));
  for (const auto& [name, times] : found) fmt::print("violation {}: {} times\n", name, times);
  fmt::print("summary: {} executions, {:.0f} a second, {} accesses, {} departures{}{}\n", counts.executions,
             rate, counts.accesses, counts.departures,
             counts.inconclusive + counts.refused != 0
                 ? fmt::format(", {} inconclusive, {} refused", counts.inconclusive, counts.refused)
                 : "",
             cut ? ", interrupted" : "");
}

}  // namespace

int verb_run(const RunOptions& options) {
  const auto target = load_target(options.target);
  if (!target) return kUnreadable;
  machine::Machine machine;
  machine.use(target->table());
  catch_interrupt();
  StatusLine status;
  Counts counts;
  std::map<std::string, std::uint64_t> found;
  static machine::Trace trace;
  bool cut = false;
  for (std::uint64_t number = 0; number < options.count; ++number) {
    if (number % 1024 == 0) {
      cut = interrupted();
      if (cut) break;
      if (status.due()) {
        status.show(fmt::format("run: {} executions, {:.0f} a second, {:.0f} %", number,
                                static_cast<double>(number) / status.elapsed(),
                                100 * static_cast<double>(number) / static_cast<double>(options.count)));
      }
    }
    generate(options.seed, number, options.records, trace);
    machine::RandomWalk strategy(options.seed ^ (number << 20), 1 + static_cast<std::uint32_t>(number % 8));
    const Outcome& outcome = machine.run(trace, strategy);
    count(machine, trace, outcome, counts);
    if (outcome.kind != Outcome::Kind::kViolation) continue;
    const std::string name = signature(trace, outcome.violation);
    if (++found[name] > 1) continue;
    machine::TraceFile file = with_schedule(trace, outcome);
    if (!describe(machine, *target, {"run", fmt::format("{} execution {}", options.seed, number)}, file)) {
      return kInconclusive;
    }
    const auto path = save(options.findings, name, file);
    if (!options.json) {
      fmt::print("{}", report(machine, *target, file, path.value_or("(not saved)"), options.verbose));
    }
    if (!options.keep_going) break;
  }
  print_summary(options, counts, status.elapsed(), found, cut);
  if (!found.empty()) return kViolation;
  return cut || counts.inconclusive + counts.refused != 0 ? kInconclusive : kClean;
}

}  // namespace labyrinth::tool
