// The names of the text form: of calls (given and default ones), flags, contexts and decisions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "labyrinth/machine/trace_text.hpp"
#include "trace_text_words.hpp"

namespace labyrinth::machine {
namespace {

using std::string_view_literals::operator""sv;

// Words that begin or shape a line: as names of calls they would make it unreadable, to people and to the
// parser.
constexpr std::array kKeywords = {
    "access"sv,       "alloc"sv,        "at"sv,        "bh"sv,         "cpu"sv,      "disable"sv,
    "enable"sv,       "free"sv,         "gfp"sv,       "hardirq"sv,    "irq"sv,      "labyrinth"sv,
    "machine"sv,      "migrate"sv,      "nmi"sv,       "order"sv,      "pfn"sv,      "preempt"sv,
    "recorded"sv,     "room"sv,         "schedule"sv,  "softirq"sv,    "spurious"sv, "task"sv,
    "trace"sv,        "void"sv,         "zone"sv,      "balance"sv,    "cache"sv,    "reclaimer"sv,
    "drain"sv,        "map"sv,          "map_local"sv, "map_atomic"sv, "unmap"sv,    "unmap_local"sv,
    "unmap_atomic"sv, "page_address"sv, "kmalloc"sv,   "kfree"sv,      "objects"sv,  "address"sv};

struct FlagName {
  std::string_view name;
  model::Gfp bits;
};

// Compositions first: they are preferred when they say all of it.
constexpr std::array kCompositions = {FlagName{"none", {}}, FlagName{"kernel", model::kKernel},
                                      FlagName{"atomic", model::kAtomic}, FlagName{"nowait", model::kNowait}};
constexpr std::array kFlags = {FlagName{"direct", model::kDirectReclaim},
                               FlagName{"kswapd", model::kKswapdReclaim},
                               FlagName{"high", model::kHigh},
                               FlagName{"memalloc", model::kMemalloc},
                               FlagName{"nomemalloc", model::kNomemalloc},
                               FlagName{"dma", model::kDma},
                               FlagName{"dma32", model::kDma32},
                               FlagName{"highmem", model::kHighmem},
                               FlagName{"movable", model::kMovable},
                               FlagName{"exclusive", model::kExclusive},
                               FlagName{"room", model::kRoom},
                               FlagName{"zero", model::kZero},
                               FlagName{"reclaimable", model::kReclaimable},
                               FlagName{"noretry", model::kNoretry},
                               FlagName{"nofail", model::kNofail}};

constexpr bool letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string alloc_name(std::size_t index) {
  const char first = static_cast<char>('a' + index % 26);
  return index < 26 ? std::string(1, first) : fmt::format("{}{}", first, index / 26);
}

/// Of what has no argument that a name could be made of.
std::string_view word_of(Op op) noexcept {
  if (op == Op::kBalance) return "balance";
  if (op == Op::kDrain) return "drain";
  if (op == Op::kIrqDisable || op == Op::kIrqEnable) return "irq";
  return op == Op::kBhDisable || op == Op::kBhEnable ? "bh" : "preempt";
}

bool has_handle(Op op) noexcept {
  return op == Op::kFree || op == Op::kCache || op == Op::kKfree || op >= Op::kMap;
}

std::string_view mapping_word(Op op) noexcept {
  switch (op) {
    case Op::kMap:
      return "map";
    case Op::kUnmap:
      return "unmap";
    case Op::kMapLocal:
      return "map_local";
    case Op::kUnmapLocal:
      return "unmap_local";
    case Op::kMapAtomic:
      return "map_atomic";
    case Op::kUnmapAtomic:
      return "unmap_atomic";
    default:
      return "page_address";
  }
}

/// What a call without a name of its own is called after; that of a free, a kfree, a cache, an unmapping or a
/// page_address.
std::string base_name(const Call& call, std::span<const std::string> names) {
  const std::string_view word = call.op == Op::kFree    ? "free"
                                : call.op == Op::kCache ? "cache"
                                : call.op == Op::kKfree ? "kfree"
                                : unmaps(call.op)       ? "unmap"
                                                        : "page_address";
  if (call.handle == kNoHandle)
    return fmt::format("{}.{}{}", word, call.op == Op::kKfree ? "at" : "pfn", call.pfn);
  return fmt::format("{}.{}", word, names[call.handle]);
}

std::size_t tasks_before(const Trace& trace, std::size_t context) {
  return static_cast<std::size_t>(
      std::ranges::count(trace.contexts().first(context), model::Level::kTask, &Context::level));
}

std::string handle_text(const Call& call, std::span<const std::string> names) {
  if (call.handle == kNoHandle) {
    return fmt::format("{}={}", call.op == Op::kKfree ? "address" : "pfn", call.pfn);
  }
  if (call.pfn == 0) return names[call.handle];
  // Two's complement: what would be a huge step upwards is a small one downwards.
  const bool down = (call.pfn >> 63) != 0;
  return fmt::format("{}{}{}", names[call.handle], down ? '-' : '+', down ? 0 - call.pfn : call.pfn);
}

std::string statement(const Call& call, std::span<const std::string> names) {
  switch (call.op) {
    case Op::kAlloc:
      return fmt::format("alloc {} order={}", gfp_name({call.gfp}), call.order);
    case Op::kBulk:
      return fmt::format("bulk {} count={}", gfp_name({call.gfp}), call.pfn);
    case Op::kExact:
      return fmt::format("exact {} frames={}", gfp_name({call.gfp}), call.pfn);
    case Op::kFree:
      if (call.order == kOrderOfHandle) return fmt::format("free {}", handle_text(call, names));
      return fmt::format("free {} order={}", handle_text(call, names), call.order);
    case Op::kDrain:
      return call.pfn == 0 ? "drain" : fmt::format("drain blocks={}", call.pfn);
    case Op::kCache:
      return fmt::format("cache {}", names[call.handle]);
    case Op::kBalance:
      return "balance";
    case Op::kKmalloc:
      return fmt::format("kmalloc {} size={}", gfp_name({call.gfp}), call.pfn);
    case Op::kLive:
      return fmt::format("live pfn={} order={}", call.pfn, call.order);
    case Op::kKfree:
      return fmt::format("kfree {}", handle_text(call, names));
    case Op::kIrqDisable:
    case Op::kBhDisable:
    case Op::kPreemptDisable:
      return fmt::format("{} disable", word_of(call.op));
    case Op::kIrqEnable:
    case Op::kBhEnable:
    case Op::kPreemptEnable:
      return fmt::format("{} enable", word_of(call.op));
    default:
      break;
  }
  return fmt::format("{} {}", mapping_word(call.op), handle_text(call, names));
}

}  // namespace

std::vector<std::string_view> words_in_tables() {
  std::vector<std::string_view> words(kKeywords.begin(), kKeywords.end());
  for (const FlagName& flag : kCompositions) words.push_back(flag.name);
  for (const FlagName& flag : kFlags) words.push_back(flag.name);
  return words;
}

bool is_call_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxNameLength && letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return letter(c) || (c >= '0' && c <= '9'); }) &&
         std::ranges::find(kKeywords, name) == kKeywords.end();
}

std::vector<std::string> complete_names(const Trace& trace, std::span<const std::string> names) {
  const auto calls = trace.calls();
  std::vector<std::string> result(calls.size());
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < std::min(names.size(), calls.size()); ++i) {
    if (is_call_name(names[i]) && taken.insert(names[i]).second) result[i] = names[i];
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!allocates(calls[i].op) && !maps(calls[i].op) && calls[i].op != Op::kKmalloc) continue;
    while (result[i].empty()) {
      if (auto name = alloc_name(next++); taken.insert(name).second) result[i] = std::move(name);
    }
  }
  // Given names have no dot and bases have exactly one, so a number behind a second dot makes them unique.
  std::unordered_map<std::string, unsigned> uses;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!result[i].empty()) continue;
    const Call& call = calls[i];
    if (!has_handle(call.op)) {
      const std::string base(word_of(call.op));
      result[i] = fmt::format("{}.{}", base, ++uses[base]);
      continue;
    }
    const std::string base = base_name(call, result);
    const unsigned use = ++uses[base];
    result[i] = use == 1 ? base : fmt::format("{}.{}", base, use);
  }
  return result;
}

std::vector<std::string> default_names(const Trace& trace) { return complete_names(trace, {}); }

std::string gfp_name(model::Gfp gfp) {
  if (gfp.bits == 0) return "none";
  std::string text;
  // One composition, the first that the request has all of; then the flags that it leaves.
  for (const auto& [name, bits] : kCompositions) {
    if (bits.bits == 0 || !gfp.has(bits)) continue;
    text = name;
    gfp.bits &= ~bits.bits;
    break;
  }
  for (const auto& [name, bits] : kFlags) {
    if (gfp.has(bits)) fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : "|", name);
  }
  std::uint32_t known = model::kGfpMask.bits;
  if (model::names_device(gfp) && model::device_of(gfp) < model::kMaxDevices) {
    fmt::format_to(std::back_inserter(text), "{}device{}", text.empty() ? "" : "|", model::device_of(gfp));
  } else {
    known &= ~model::kDeviceField.bits;  // a number that is no device's
  }
  if (const std::uint32_t unknown = gfp.bits & ~known; unknown != 0) {
    fmt::format_to(std::back_inserter(text), "{}0x{:x}", text.empty() ? "gfp=" : "|", unknown);
  }
  return text;
}

std::optional<model::Gfp> gfp_of_name(std::string_view name) noexcept {
  for (const auto& flag : kCompositions) {
    if (flag.name == name) return flag.bits;
  }
  for (const auto& flag : kFlags) {
    if (flag.name == name) return flag.bits;
  }
  if (const auto device = device_of_name(name)) return model::for_device(*device);
  return std::nullopt;
}

std::optional<std::uint8_t> device_of_name(std::string_view name) noexcept {
  constexpr std::string_view kWord = "device";
  if (name.size() != kWord.size() + 1 || !name.starts_with(kWord)) return std::nullopt;
  const auto device = static_cast<unsigned>(name.back()) - '0';
  return device < model::kMaxDevices ? std::optional(static_cast<std::uint8_t>(device)) : std::nullopt;
}

std::string_view level_name(model::Level level) noexcept {
  switch (level) {
    case model::Level::kTask:
      return "task";
    case model::Level::kSoftirq:
      return "softirq";
    case model::Level::kHardirq:
      return "hardirq";
    case model::Level::kNmi:
      break;
  }
  return "nmi";
}

std::string context_name(const Trace& trace, std::size_t context) {
  const Context& it = trace.contexts()[context];
  if (it.reclaimer) return fmt::format("reclaimer cpu {}", it.cpu);
  if (it.level != model::Level::kTask) return fmt::format("{} cpu {}", level_name(it.level), it.cpu);
  return fmt::format("task {} cpu {}", tasks_before(trace, context), it.cpu);
}

std::string decision_name(const Trace& trace, Decision decision) {
  switch (decision.kind) {
    case Decision::Kind::kGoOn:
      return "go on";
    case Decision::Kind::kCpu:
      return fmt::format("cpu {}", decision.argument);
    case Decision::Kind::kTask:
      return fmt::format("task {}", tasks_before(trace, decision.argument));
    case Decision::Kind::kInterrupt:
      return std::string(level_name(model::Level{decision.argument}));
    case Decision::Kind::kMigrate:
      return fmt::format("migrate cpu {}", decision.argument);
    case Decision::Kind::kOlder:
      return fmt::format("older {}", decision.argument);
    case Decision::Kind::kSpurious:
      break;
  }
  return "spurious";
}

std::string call_text(const Trace& trace, std::span<const std::string> names, std::size_t call) {
  const std::string& name = names[call];
  const std::string text = statement(trace.calls()[call], names);
  return is_call_name(name) ? fmt::format("{} = {}", name, text) : text;
}

std::string departure_text(const Trace& trace, std::span<const std::string> names,
                           const Departure& departure) {
  return fmt::format("at {} access {}: {}", names[departure.call], departure.access,
                     decision_name(trace, departure.decision));
}

}  // namespace labyrinth::machine
