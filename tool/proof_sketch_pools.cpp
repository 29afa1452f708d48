// Counterexamples about pools besides zones: rooms, the void, and the route to all of them.
#include <fmt/format.h>

#include "proof_draft.hpp"

namespace labyrinth::tool {
namespace {

/// A device's room: any context may take frames out of it.
constexpr model::Gfp kFromDevice = model::kNowait | model::Gfp{1U << 20};

/// What two contexts do with one pool: they allocate, free the same, or change it over and over.
struct Play {
  const char* what;
  std::uint8_t before;  ///< Blocks that the first context takes first.
  bool frees;           ///< Then it frees one of them; else it allocates.
  std::uint8_t theirs;  ///< Blocks that the other frees, of those.
  std::uint8_t rounds;  ///< Then it allocates, and frees that again but for the last time.
};
/// Nearly twice as many steps: more than a call has patience.
constexpr std::uint8_t kManyRounds = 9;
constexpr Play kPlays[] = {
    {"both allocate", 0, false, 0, 1},
    {"one allocates, the other frees", 1, false, 1, 0},
    {"one allocates, the other frees and allocates", 1, false, 1, 1},
    {"both free the same", 1, true, 1, 0},
    {"one frees, the other allocates", 1, true, 0, 1},
    {"one frees, the other frees it and allocates", 1, true, 1, 1},
    {"one allocates, the other takes and gives back", 0, false, 0, 2},
};
constexpr Play kLoses = {"one allocates, the other takes and gives back often", 0, false, 0, kManyRounds};

/// One program for each kind of other.
void add(std::vector<Sketch>& result, const machine::Geometry& geometry, const Play& play, model::Gfp gfp,
         std::uint8_t order, const std::string& where) {
  for (const Other other : kOthers) {
    Draft draft(geometry);
    draft.context(model::Level::kTask, 0);
    std::vector<std::uint8_t> blocks;
    blocks.reserve(play.before);
    for (std::uint8_t i = 0; i < play.before; ++i) blocks.push_back(draft.alloc(gfp, order));
    play.frees ? draft.free(blocks.front()) : static_cast<void>(draft.alloc(gfp, order));
    const char* const who = add_other(draft, other);
    for (std::uint8_t i = 0; i < play.theirs; ++i) draft.free(blocks[i]);
    for (std::uint8_t i = 0; i < play.rounds; ++i) {
      const std::uint8_t block = draft.alloc(gfp, order);
      if (i + 1 != play.rounds) draft.free(block);
    }
    result.push_back(draft.done(fmt::format("{}: {}; the other is {}", where, play.what, who)));
  }
}

}  // namespace

/// A room of as few frames as show it.
std::vector<Sketch> sketch_room(const Inputs& inputs) {
  constexpr std::uint64_t kMost = 3;
  const auto said = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(inputs.one("frames", 1), 1, kMost));
  std::vector<Sketch> result;
  for (const std::uint8_t frames : {said, std::uint8_t{1}, std::uint8_t{2}}) {
    machine::Geometry geometry{};
    geometry.cpus = 2;
    geometry.devices[0] = {frames, false};
    for (const Play& play : kPlays)
      add(result, geometry, play, kFromDevice, 0, fmt::format("a room of {}", frames));
    // In a room of one frame others who take it leave none.
    if (frames != 1) add(result, geometry, kLoses, kFromDevice, 0, fmt::format("a room of {}", frames));
  }
  return result;
}

/// A void of a few blocks, which is poisoned or unmapped. Where it cannot be unmapped blocks wait in limbo,
/// for who may sleep to drain them.
std::vector<Sketch> sketch_void(const Inputs& inputs) {
  constexpr std::uint8_t kMostOrder = 2;
  const bool said = inputs.one("unmaps", 1) != 0;
  std::vector<Sketch> result;
  for (const bool unmaps : {said, !said}) {
    for (const std::uint8_t order : {order_in(inputs, 0, kMostOrder), std::uint8_t{0}}) {
      machine::Geometry geometry{};
      geometry.cpus = 2;
      geometry.zones[machine::kVoid].frames = 2U << order;
      geometry.zones[machine::kVoid].unmaps = unmaps;
      constexpr model::Gfp kTask = model::kKernel | model::kExclusive;
      constexpr model::Gfp kAnywhere = model::kMemalloc | model::kExclusive;
      for (const Play& play : kPlays) add(result, geometry, play, kAnywhere, order, "a void");
      for (const bool masks : {false, true}) {
        for (const Other other : kOthers) {
          Draft draft(geometry);
          draft.context(model::Level::kTask, 0);
          const std::uint8_t one = draft.alloc(kTask, order);
          const std::uint8_t two = draft.alloc(kTask, order);
          if (masks) draft.call({.op = machine::Op::kIrqDisable});
          draft.free(one);
          if (masks) draft.call({.op = machine::Op::kIrqEnable});
          draft.call({.op = machine::Op::kDrain});
          const char* const who = add_other(draft, other);
          draft.free(two);
          if (other != Other::kHandler) draft.call({.op = machine::Op::kDrain});
          draft.alloc(kAnywhere, order);
          result.push_back(draft.done(fmt::format("a void is drained; the other is {}", who)));
        }
      }
    }
  }
  return result;
}

/// The pools of the counterexample, one frame each, and its request until nothing is left for it.
std::vector<Sketch> sketch_route(const Inputs& inputs) {
  machine::Geometry geometry{};
  geometry.cpus = 2;
  geometry.normal() = {};
  const auto has = [&](const char* name, std::size_t bit) { return (inputs.one(name, 0) >> bit & 1U) != 0; };
  for (std::size_t i = 0; i < model::kZoneTypes; ++i) geometry.zones[i].frames = has("zones", i) ? 1 : 0;
  geometry.zones[machine::kVoid].frames = has("void", 0) ? 1 : 0;
  geometry.zones[machine::kVoid].unmaps = has("void", 0) && has("limbo", 0);
  for (std::size_t i = 0; i < model::kLevels + model::kMaxDevices; ++i) {
    machine::RoomShape& room = i < model::kLevels ? geometry.rooms[i] : geometry.devices[i - model::kLevels];
    if (has("rooms", i)) room = {1, has("spilling", i)};
  }
  if (geometry.frames() == 0) geometry.normal().frames = 1;
  constexpr std::uint64_t kMostCalls = 20;
  const std::uint64_t calls = std::min(geometry.frames() + 1, kMostCalls);
  const auto order = order_in(inputs, 0, model::kMaxOrder.value);
  const auto level = static_cast<model::Level>(inputs.one("level", 0) % model::kLevels);
  const model::Gfp gfp{static_cast<std::uint32_t>(inputs.one("gfp", model::kNowait.bits))};
  // Where it may not sleep, or may not fail, it has other reasons to be refused, or not to be.
  constexpr model::Gfp kOfOtherReasons = model::kDirectReclaim | model::kNofail | model::kNoretry;
  std::vector<Sketch> result;
  for (const model::Gfp flags : {gfp, model::Gfp{gfp.bits & ~kOfOtherReasons.bits}}) {
    for (const std::uint8_t wanted : {order, std::uint8_t{0}}) {
      Draft draft(geometry);
      draft.context(level, static_cast<std::uint8_t>(inputs.one("cpu", 0)));
      for (std::uint64_t i = 0; i < calls; ++i) draft.alloc(flags | model::kMemalloc, wanted);
      result.push_back(draft.done("the request, until nothing is left for it"));
    }
  }
  return result;
}

}  // namespace labyrinth::tool
