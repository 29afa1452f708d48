// Counterexamples about local mappings: contexts that map and unmap frames which are not directly mapped, in
// each other's midst, until their stacks are full.
#include <fmt/format.h>

#include "proof_draft.hpp"

namespace labyrinth::tool {
namespace {

/// Maps one frame more than the stack has room for, takes the mappings back in the wrong order, then in the
/// right one, and maps again.
void map_all(Draft& draft, std::uint8_t block, std::uint8_t depth, bool atomic) {
  const machine::Op maps = atomic ? machine::Op::kMapAtomic : machine::Op::kMapLocal;
  const machine::Op unmaps = atomic ? machine::Op::kUnmapAtomic : machine::Op::kUnmapLocal;
  std::vector<std::uint8_t> mappings;
  for (std::uint8_t i = 0; i <= depth; ++i)
    mappings.push_back(draft.call({.op = maps, .handle = block, .pfn = std::uint64_t{i} % 4}));
  for (const std::uint8_t mapping : mappings) draft.call({.op = unmaps, .handle = mapping});
  for (std::size_t i = mappings.size(); i-- != 0;) draft.call({.op = unmaps, .handle = mappings[i]});
  draft.call({.op = maps, .handle = block});
}

}  // namespace

std::vector<Sketch> sketch_mappings(const Inputs& inputs) {
  constexpr std::uint8_t kOrder = 2;
  const bool said = inputs.one("atomic", 0) != 0;
  std::vector<Sketch> result;
  for (const bool atomic : {said, !said}) {
    for (const std::uint8_t depth : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
      machine::Geometry geometry{};
      geometry.cpus = 2;
      geometry.normal() = {};
      constexpr auto kMovable = static_cast<std::size_t>(model::ZoneType::kMovable);
      geometry.zones[kMovable].frames = 1U << kOrder;
      geometry.map = {1, depth, std::uint8_t{1U << kMovable}};
      for (const Other other : kOthers) {
        Draft draft(geometry);
        draft.context(model::Level::kTask, 0);
        const std::uint8_t block = draft.alloc(model::kNowait | model::kHighmem | model::kMovable, kOrder);
        map_all(draft, block, depth, atomic);
        const char* const who = add_other(draft, other);
        map_all(draft, block, 1, atomic);
        result.push_back(draft.done(fmt::format("stacks of {}; the other is {}", depth, who)));
      }
    }
  }
  return result;
}

}  // namespace labyrinth::tool
