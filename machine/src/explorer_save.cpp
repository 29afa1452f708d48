// A search as words that another process can go on from.
//
// Addresses differ from process to process: of what sleeps only the places in the machine's arena are kept,
// as offsets. A step that touches others counts as one that commutes with nothing, which costs redundant
// runs, and loses none. Processes that were forked have all addresses in common, and keep them.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

namespace {

constexpr std::uint64_t kVersion = 0x6c61'6279'0005;
constexpr std::uint64_t kFirstOfArena = std::uint64_t{1} << 40;  ///< Before it: masks and meetings.
constexpr std::uint64_t kFirstOutside = std::uint64_t{1} << 62;  ///< From there: addresses as they are.

[[nodiscard]] std::uintptr_t arena() noexcept {
  return reinterpret_cast<std::uintptr_t>(core.shadow.arena());
}

[[nodiscard]] std::uintptr_t address_of(const Footprint& print, std::uint8_t i) noexcept {
  return (print.rc11 >> i & 1U) != 0 ? print.granules[i] : print.granules[i] << 3;
}

void save_print(const Footprint& print, bool any_place, std::vector<std::uint64_t>& words) {
  constexpr std::uintptr_t kNoMemory = 4096;
  bool everything = print.everything;
  const auto outside = [](const Footprint& of, std::uint8_t i) {
    return of.granules[i] >= kNoMemory && !core.shadow.in_arena(address_of(of, i));
  };
  for (std::uint8_t i = 0; i < print.count; ++i) everything = everything || (!any_place && outside(print, i));
  words.push_back(print.cpu | std::uint64_t{everything} << 8 | std::uint64_t{print.begins_handler} << 9 |
                  std::uint64_t{print.writes} << 16 | std::uint64_t{print.could_write} << 24 |
                  std::uint64_t{print.count} << 32 | std::uint64_t{print.reads} << 40 |
                  std::uint64_t{print.rc11} << 48 | std::uint64_t{print.keeps_out} << 10 |
                  std::uint64_t{print.kind} << 13);
  for (std::uint8_t i = 0; i < print.count; ++i) {
    const std::uintptr_t granule = print.granules[i];
    if (granule < kNoMemory) {
      words.push_back(granule);
    } else {
      words.push_back(outside(print, i) ? kFirstOutside + granule
                                        : kFirstOfArena + (address_of(print, i) - arena()));
    }
  }
}

/// Reads words one after another; false once there are none left.
class Words {
 public:
  explicit Words(std::span<const std::uint64_t> words) noexcept : words_(words) {}
  [[nodiscard]] std::uint64_t next() noexcept {
    if (at_ == words_.size()) {
      good_ = false;
      return 0;
    }
    return words_[at_++];
  }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == words_.size(); }

 private:
  std::span<const std::uint64_t> words_;
  std::size_t at_ = 0;
  bool good_ = true;
};

[[nodiscard]] bool restore_print(Words& words, Footprint& print) noexcept {
  const std::uint64_t word = words.next();
  print.cpu = static_cast<std::uint8_t>(word);
  print.everything = (word >> 8 & 1U) != 0;
  print.begins_handler = (word >> 9 & 1U) != 0;
  print.keeps_out = word >> 10 & 7U;
  print.kind = word >> 13 & 7U;
  print.writes = static_cast<std::uint8_t>(word >> 16);
  print.could_write = static_cast<std::uint8_t>(word >> 24);
  const auto count = static_cast<std::uint8_t>(word >> 32);
  if (count > Footprint::kMost) return false;
  print.count = count;
  print.reads = static_cast<std::uint8_t>(word >> 40);
  print.rc11 = static_cast<std::uint8_t>(word >> 48);
  for (std::uint8_t i = 0; i < count; ++i) {
    const std::uint64_t place = words.next();
    const std::uintptr_t address = arena() + (place - kFirstOfArena);
    print.granules[i] = place >= kFirstOutside        ? place - kFirstOutside
                        : place < kFirstOfArena       ? place
                        : (print.rc11 >> i & 1U) != 0 ? address
                                                      : address >> 3;
  }
  return words.good();
}

}  // namespace

/// The whole path, with what has been counted; or its first nodes, which nothing but their choices is left
/// of.
std::vector<std::uint64_t> Explorer::save_path(std::size_t nodes, Reader reader) const {
  const ExplorerCounts counts = nodes == kWhole ? counts_ : ExplorerCounts{};
  std::vector<std::uint64_t> words{kVersion,       counts.executions, counts.redundant, counts.cut,
                                   counts.steps,   counts.spins,      counts.loops,     counts.pruned,
                                   counts.deepest, counts.preemptions};
  const std::size_t depth = std::min({nodes, nodes_.size(), reached_});
  words.push_back(std::min(fixed_, nodes == kWhole ? depth : depth - 1));
  words.push_back(depth);
  for (std::size_t i = 0; i < depth; ++i) {
    const Node& node = nodes_[i];
    words.push_back(node.context | std::uint64_t{node.variant} << 8 | std::uint64_t{node.preemptions} << 32 |
                    std::uint64_t{node.spurious} << 48);
    words.push_back(node.enabled | std::uint64_t{node.backtrack} << 16 | std::uint64_t{node.done} << 32 |
                    std::uint64_t{node.sleep} << 48);
    words.push_back(node.migrations | std::uint64_t{node.partial} << 16 | std::uint64_t{node.variants} << 32);
    for (unsigned left = node.sleep | node.partial; left != 0; left &= left - 1)
      words.push_back(node.since[static_cast<std::size_t>(std::countr_zero(left))]);
    // The present step's own print too: it will be among those done.
    const auto prints = static_cast<std::uint16_t>(node.sleep | node.partial | node.done | bit(node.context));
    words.push_back(prints);
    for (unsigned left = prints; left != 0; left &= left - 1) {
      const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
      save_print(context == node.context ? print_so_far(node) : node.prints[context],
                 reader == Reader::kForked, words);
    }
  }
  return words;
}

bool Explorer::restore(std::span<const std::uint64_t> all) {
  begin();
  Words words(all);
  if (words.next() != kVersion) return false;
  counts_.executions = words.next();
  counts_.redundant = words.next();
  counts_.cut = words.next();
  counts_.steps = words.next();
  counts_.spins = words.next();
  counts_.loops = words.next();
  counts_.pruned = words.next();
  counts_.deepest = static_cast<std::uint32_t>(words.next());
  counts_.preemptions = static_cast<std::uint16_t>(words.next());
  const std::uint64_t fixed = words.next();
  const std::uint64_t depth = words.next();
  bool good = words.good() && depth <= options_.depth && fixed <= depth;
  for (std::uint64_t i = 0; good && i < depth; ++i) {
    Node& node = nodes_.emplace_back();
    const std::uint64_t first = words.next();
    node.context = static_cast<std::uint8_t>(first);
    node.variant = static_cast<std::uint8_t>(first >> 8);
    node.preemptions = static_cast<std::uint16_t>(first >> 32);
    node.spurious = static_cast<std::uint16_t>(first >> 48);
    const std::uint64_t sets = words.next();
    node.enabled = static_cast<std::uint16_t>(sets);
    node.backtrack = static_cast<std::uint16_t>(sets >> 16);
    node.done = static_cast<std::uint16_t>(sets >> 32);
    node.sleep = static_cast<std::uint16_t>(sets >> 48);
    const std::uint64_t more = words.next();
    node.migrations = static_cast<std::uint16_t>(more);
    node.partial = static_cast<std::uint16_t>(more >> 16);
    node.variants = static_cast<std::uint32_t>(more >> 32);
    for (unsigned left = node.sleep | node.partial; left != 0; left &= left - 1)
      node.since[static_cast<std::size_t>(std::countr_zero(left))] = static_cast<std::uint16_t>(words.next());
    const auto prints = static_cast<std::uint16_t>(words.next());
    good = words.good() && node.context < kMaxContexts && node.variant < kVariants && node.variants != 0;
    for (unsigned left = prints; good && left != 0; left &= left - 1)
      good = restore_print(words, node.prints[static_cast<std::size_t>(std::countr_zero(left))]);
    if (good) node.print = node.prints[node.context];
  }
  if (!good || !words.at_end()) {
    begin();
    return false;
  }
  reached_ = nodes_.size();
  fixed_ = fixed;
  return true;
}

}  // namespace labyrinth::machine
