// Counterexamples about counts: floors, watermarks, reserves. Numbers of a proof are of any size; what they
// show, small ones show as well, so zones are made in which the floor is met after a few frames.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "labyrinth/model/entitlement.hpp"
#include "proof_draft.hpp"

namespace labyrinth::tool {
namespace {

/// The request's flags, less what leads to other pools than zones, or waits.
[[nodiscard]] model::Gfp in_zones(std::uint64_t bits) {
  constexpr model::Gfp kElsewhere = model::kExclusive | model::kRoom | model::kZero | model::kReclaimable |
                                    model::kNoretry | model::kNofail | model::kDeviceField;
  return {static_cast<std::uint32_t>(bits) & model::kGfpMask.bits & ~kElsewhere.bits};
}

/// Asks for single frames until there can be none left.
void ask_for_all(Draft& draft, model::Gfp gfp, std::uint64_t frames) {
  for (std::uint64_t i = 0; i <= frames; ++i) draft.alloc(gfp, 0);
}

}  // namespace

/// A zone that has a frame less than the request and its floor ask for, or just as many.
std::vector<Sketch> sketch_credits(const Inputs& inputs) {
  constexpr std::uint64_t kMostFloor = 8;
  constexpr std::uint8_t kMostOrder = 4;
  const std::uint64_t need = inputs.one("need", 0) + 1;
  const std::uint64_t floor = std::min(inputs.one("floor", 1), kMostFloor);
  std::uint8_t order = 0;
  while (order < kMostOrder && (std::uint64_t{1} << order) < need) ++order;
  std::vector<Sketch> result;
  for (const auto& [o, mark] :
       {std::pair(order, floor), std::pair(order, std::uint64_t{1}), std::pair(std::uint8_t{0}, floor),
        std::pair(std::uint8_t{0}, std::uint64_t{1})}) {
    for (const std::uint64_t more : {0U, 1U, 2U}) {
      const auto frames = static_cast<std::uint32_t>((std::uint64_t{1} << o) + mark + more);
      machine::Geometry geometry =
          machine::one_zone(2, frames - 1, static_cast<std::uint32_t>(mark), static_cast<std::uint32_t>(mark),
                            static_cast<std::uint32_t>(mark));
      Draft alone(geometry);
      alone.context(model::Level::kTask, 0);
      alone.alloc(model::kNowait, o);
      result.push_back(alone.done(fmt::format("order {} of {} frames, floor {}", o, frames - 1, mark)));
      for (const Other other : kOthers) {
        Draft draft(geometry);
        draft.context(model::Level::kTask, 0);
        draft.alloc(model::kNowait, o);
        const char* const who = add_other(draft, other);
        draft.free(draft.alloc(model::kNowait, 0));
        result.push_back(draft.done(fmt::format("{} takes a frame meanwhile and gives it back", who)));
      }
    }
  }
  return result;
}

/// Zones with marks of every small size, emptied by the request.
std::vector<Sketch> sketch_floors(const Inputs& inputs) {
  const model::Gfp gfp = in_zones(inputs.one("gfp", model::kNowait.bits));
  const auto zone = static_cast<std::size_t>(model::highest_zone(gfp).value_or(model::ZoneType::kNormal));
  constexpr std::uint32_t kMostMark = 40;
  constexpr std::uint32_t kApart = 2;
  const auto of_counterexample = static_cast<std::uint32_t>(inputs.one("min", 1) % kMostMark);
  std::vector<std::uint32_t> marks{of_counterexample};
  for (std::uint32_t mark = 0; mark <= kMostMark; ++mark) marks.push_back(mark);
  std::vector<Sketch> result;
  for (const std::uint32_t mark : marks) {
    for (const std::uint32_t step : {0U, kApart}) {
      machine::Geometry geometry{};
      geometry.normal() = {};
      const std::uint32_t frames = mark + 2 * step + 1;
      geometry.zones[zone] = {frames, mark, mark + step, mark + 2 * step, 0, 0};
      Draft draft(geometry);
      draft.context(model::Level::kTask, 0);
      ask_for_all(draft, gfp, frames);
      result.push_back(draft.done(fmt::format("zone {} with min={}", zone, mark)));
    }
  }
  return result;
}

/// Four zones as in the counterexample, of few frames, emptied by requests that could go to the highest.
std::vector<Sketch> sketch_reserve(const Inputs& inputs) {
  constexpr model::Gfp kUpTo[] = {model::kDma, model::kDma32, {}, model::kHighmem | model::kMovable};
  const auto zone = static_cast<std::size_t>(inputs.one("zone", 0) % model::kZoneTypes);
  const auto highest = static_cast<std::size_t>(inputs.one("highest", 3) % model::kZoneTypes);
  const std::vector<std::uint64_t> frames = inputs.all("frames");
  std::vector<Sketch> result;
  constexpr std::array<std::uint64_t, 3> kMosts = {12, 5, 1};
  for (const std::uint64_t most : kMosts) {
    for (const std::uint64_t ratio : {inputs.one("ratio", 1), std::uint64_t{1}, std::uint64_t{2}}) {
      machine::Geometry geometry{};
      std::uint64_t all = 0;
      for (std::size_t i = 0; i < model::kZoneTypes; ++i) {
        const std::uint64_t said = i < frames.size() ? frames[i] : most;
        geometry.zones[i] = {};
        // The zone in question has some, or nothing could be kept in it.
        geometry.zones[i].frames = static_cast<std::uint32_t>(
            said == 0 && i != zone ? 0 : said % std::max(most, std::uint64_t{1}) + 1);
        all += geometry.zones[i].frames;
      }
      geometry.zones[zone].ratio =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(ratio, machine::kMaxRatio));
      Draft draft(geometry);
      draft.context(model::Level::kTask, 0);
      ask_for_all(draft, model::kKswapdReclaim | kUpTo[highest], all);
      result.push_back(draft.done(fmt::format("ratio {} of zone {}", geometry.zones[zone].ratio, zone)));
    }
  }
  return result;
}

}  // namespace labyrinth::tool
