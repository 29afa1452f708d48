// X5, X6 and M1 of what frames hold: who may touch them, in what order, and what an owner finds in them.
#include <array>
#include <cstring>

#include "frames.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;

namespace {

/// What an owner writes into its frames, at both ends and in the middle: no allocator's poison, and not zero.
constexpr std::uint64_t kOwners = 0x0b5e'55ed'0b5e'55ed;
constexpr auto& kPlaces = Frames::kOwnersPlaces;

[[nodiscard]] bool is_excused(std::uint32_t frame) noexcept {
  const std::uint64_t first = program.checker().memory().span().first.value;
  return core.now != nullptr && program.checker().freed_early(core.now->index, {first + frame});
}

}  // namespace

void touch_frame(std::uintptr_t address) noexcept {
  if (!core.active()) return;
  const std::uint32_t frame = frames.frame_at(address);
  const model::Span span = program.checker().memory().span();
  if (frame >= span.frames.count) {
    program.touch_objects(address - reinterpret_cast<std::uintptr_t>(frames.content(0)) -
                              static_cast<std::uint64_t>(span.frames.count) * kFrameBytes,
                          1);
  }
  if (frame < span.frames.count && !is_excused(frame) &&
      program.checker().owned({span.first.value + frame})) {
    core.fail({.clause = Clause::X5,
               .reason = "the allocator accesses a frame while it belongs to its owner; frame",
               .seen = static_cast<std::int64_t>(span.first.value + frame)});
  }
  if (frame < span.frames.count && !program.checker().reachable({span.first.value + frame})) {
    core.fail({.clause = Clause::X6,
               .reason = "the allocator accesses a frame of the void while it is unmapped; frame",
               .seen = static_cast<std::int64_t>(span.first.value + frame)});
  }
  if (!frames.save(frame)) core.give_up(kNoPlaceForFrames);
}

bool in_objects(std::uintptr_t address) noexcept {
  return in_frames(address) && frames.frame_at(address) >= program.checker().memory().span().frames.count;
}

void touch_frames(std::uintptr_t address, std::size_t bytes) noexcept {
  const std::uint32_t last = frames.frame_at(address + bytes - 1);
  if (in_objects(address)) {
    // A frame is nobody's unit here: neighbours share it.
    const auto start = reinterpret_cast<std::uintptr_t>(
        frames.content(static_cast<std::uint32_t>(program.checker().memory().span().frames.count)));
    program.touch_objects(address - start, bytes);
    for (std::uint32_t frame = frames.frame_at(address); frame <= last; ++frame) {
      if (!frames.save(frame)) core.give_up(kNoPlaceForFrames);
    }
    return;
  }
  for (std::uint32_t frame = frames.frame_at(address); frame <= last; ++frame) {
    touch_frame(reinterpret_cast<std::uintptr_t>(frames.content(frame)));
    if (is_excused(frame)) continue;
    const std::uint8_t unordered = frames.use(frame, 1);
    if (unordered == kNoCall) continue;
    core.fail(
        {.clause = Clause::M1,
         .other = unordered,
         .reason = "the allocator touches a frame, not ordered after its last user by happens-before; offset",
         .seen = frame});
  }
}

/// The owner uses its frames, which counts as a write of their content.
void Program::use_content(Block block) noexcept {
  const auto first = static_cast<std::uint32_t>(block.pfn.value - geometry_.first_pfn);
  const auto count = static_cast<std::uint32_t>(block.order.frames().count);
  if (!checker_.owned(block.pfn)) {
    // A free of it is under way already, the caller's own bug: nobody is left whose use the next owner must
    // come after.
    frames.forget(first, count);
    return;
  }
  if (!checker_.reachable(block.pfn)) {
    return core.fail({.clause = Clause::X6,
                      .reason = "an owner's frame is unmapped, so that its access faults; frame",
                      .seen = static_cast<std::int64_t>(block.pfn.value)});
  }
  if (core.plain) return;  // Nobody sees what orders its calls.
  const std::uint8_t unordered = frames.use(first, count);
  if (unordered == kNoCall) return;
  core.fail({.clause = Clause::M1,
             .other = unordered,
             .reason = "a frame's new owner is not ordered after its last one by happens-before; frame",
             .seen = static_cast<std::int64_t>(block.pfn.value)});
}

/// What the new owner finds.
void Program::find_content(Block block, model::Gfp gfp) noexcept {
  const auto first = static_cast<std::uint32_t>(block.pfn.value - geometry_.first_pfn);
  const auto count = static_cast<std::uint32_t>(block.order.frames().count);
  if (!checker_.owned(block.pfn)) return;
  for (std::uint32_t frame = first; frame < first + count; ++frame) {
    const auto pfn = static_cast<std::int64_t>(geometry_.first_pfn + frame);
    const std::byte* const content = frames.content(frame);
    const auto is_zero = [content] {
      return content[0] == std::byte{0} && std::memcmp(content, content + 1, kFrameBytes - 1) == 0;
    };
    if (gfp.has(model::kZero) && !is_zero()) {
      return core.fail(
          {.clause = Clause::X5, .reason = "a frame asked for with zero is not zeroed; frame", .seen = pfn});
    }
    for (const std::size_t place : kPlaces) {
      if (gfp.has(model::kExclusive) && std::memcmp(content + place, &kOwners, sizeof(kOwners)) == 0) {
        return core.fail({.clause = Clause::X6,
                          .reason = "an exclusive frame still holds what its last owner wrote; frame",
                          .seen = pfn});
      }
    }
  }
}

/// What it leaves.
void Program::leave_content(Block block) noexcept {
  const auto first = static_cast<std::uint32_t>(block.pfn.value - geometry_.first_pfn);
  const auto count = static_cast<std::uint32_t>(block.order.frames().count);
  if (!checker_.owned(block.pfn)) return;
  for (std::uint32_t frame = first; frame < first + count; ++frame) {
    if (!frames.save_places(frame)) return core.active() ? core.give_up(kNoPlaceForFrames) : void();
    for (const std::size_t place : kPlaces) {
      std::memcpy(frames.content(frame) + place, &kOwners, sizeof(kOwners));
    }
  }
}

/// X6: a block of the void has been freed. Unless it is somebody's again already, its content is gone, in
/// limbo too.
void Program::lose_owner(Block block) noexcept {
  const auto pool = checker_.memory().pool_of(block.pfn, block.order);
  if (!pool || checker_.memory().pools[*pool].kind != model::PoolKind::kVoid) return;
  if (!checker_.state().free(block)) return;
  const auto first = static_cast<std::uint32_t>(block.pfn.value - geometry_.first_pfn);
  const auto count = static_cast<std::uint32_t>(block.order.frames().count);
  for (std::uint32_t frame = first; frame < first + count; ++frame) {
    for (const std::size_t place : kPlaces) {
      if (std::memcmp(frames.content(frame) + place, &kOwners, sizeof(kOwners)) != 0) continue;
      return core.fail({.clause = Clause::X6,
                        .reason = "an exclusive frame that was freed still holds what its owner wrote; frame",
                        .seen = static_cast<std::int64_t>(geometry_.first_pfn + frame)});
    }
  }
}

}  // namespace labyrinth::machine
