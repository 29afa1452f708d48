// The allocator and the model mean the same by a request's floor, by what is set apart for atomic requests,
// and by the highest zone of a request; the floor is what the design says, never below zero, and below min
// only for those who are entitled to it.
//
// For all 2^32 values of a request's bits, all watermarks of 32 bits, all reserves up to 2^40, both passes,
// and pools of each kind. Assumes, of the order of marks alone, that min <= low, and of floors, that the
// request names a zone.
#include "entitlement.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/proof.hpp"

namespace {

namespace impl = labyrinth;
namespace model = labyrinth::model;

std::int64_t reserves[model::kZoneTypes];

// The design's formula in words of division: half of min, rounded up; of that three quarters, rounded up.
void as_designed(impl::Gfp gfp, std::int64_t min, std::int64_t mark) {
  const std::int64_t half = (min + 1) >> 1;
  if (!gfp.has(impl::kHigh)) {
    labyrinth_cover("min");
    labyrinth_prove(mark == min, "E1: who is not entitled to more leaves min");
  } else if (gfp.has(impl::kDirectReclaim) || gfp.has(impl::kNomemalloc)) {
    labyrinth_cover("half");
    labyrinth_prove(mark == half, "E1: HIGH leaves a half");
  } else {
    labyrinth_cover("three eighths");
    labyrinth_prove(mark == (3 * half + 3) >> 2,
                    "E1: HIGH without reclaim leaves three quarters of the half");
  }
}

void floors(impl::Gfp gfp, impl::Pass pass, model::Pass same) {
  const auto min = static_cast<std::int64_t>(labyrinth_any("min", 32));
  const auto low = static_cast<std::int64_t>(labyrinth_any("low", 32));
  const auto high = static_cast<std::int64_t>(labyrinth_any("high", 32));
  const impl::ZoneIndex highest = impl::highest_zone(gfp);
  labyrinth_assume(highest != impl::kNoZone);
  model::Pool pool{};
  pool.marks = {{min}, {low}, {high}};
  for (std::uint32_t i = 0; i < model::kZoneTypes; ++i) {
    reserves[i] = static_cast<std::int64_t>(labyrinth_any("reserve", 40));
    pool.reserve[i] = {reserves[i]};
  }
  const impl::Watermarks marks{{min}, {low}, {high}};
  const std::int64_t reserve = reserves[highest];

  const std::int64_t floor = impl::floor_of(gfp, pass, marks, {reserve}).value;
  labyrinth_prove(floor == model::floor_of({gfp.bits}, same, pool).count,
                  "E1: the allocator's floor of a zone is the model's");
  pool.kind = model::PoolKind::kVoid;
  labyrinth_prove(
      impl::floor_of(gfp, pass, marks, {0}).value == model::floor_of({gfp.bits}, same, pool).count,
      "E1: and so is that of the void, which has no reserve");
  pool.kind = model::PoolKind::kRoom;
  labyrinth_prove(model::floor_of({gfp.bits}, same, pool).count == 0, "E4: a room has no floor");

  labyrinth_prove(floor >= 0, "E1: a floor is never below zero");
  labyrinth_prove(floor <= (std::int64_t{1} << 40) + (std::int64_t{1} << 32), "E1: and does not overflow");
  if (pass == impl::Pass::kLow) {
    labyrinth_cover("low");
    labyrinth_prove(floor == low + reserve, "E1: the first pass leaves low, whoever asks");
    return;
  }
  const bool everything = gfp.has(impl::kMemalloc) && !gfp.has(impl::kNomemalloc);
  if (everything) {
    labyrinth_cover("everything");
    labyrinth_prove(floor == 0, "E1: MEMALLOC may take everything");
  } else {
    as_designed(gfp, min, floor - reserve);
    labyrinth_prove(floor - reserve >= min / 4, "E4: a quarter of min is for MEMALLOC alone");
  }
  if (floor < min + reserve) {
    labyrinth_cover("below min");
    labyrinth_prove(gfp.has(impl::kHigh) || everything,
                    "E4: what is below min goes to HIGH and to MEMALLOC only");
  }
  if (gfp.has(impl::kNomemalloc)) {
    labyrinth_prove(floor - reserve >= min - min / 2,
                    "E4: NOMEMALLOC leaves what MEMALLOC and atomic requests may take");
  }
  labyrinth_prove(min > low || floor <= low + reserve, "E1: the second pass asks for no more than the first");
}

}  // namespace

extern "C" void proof() {
  const auto bits = static_cast<std::uint32_t>(labyrinth_any("gfp", 32));
  const impl::Gfp gfp{bits};
  const model::Gfp same{bits};
  const bool apart = impl::sets_apart(gfp);
  const bool draws = impl::draws_on_highatomic(gfp);
  labyrinth_prove(apart == model::sets_apart(same), "E4: the same requests set pageblocks apart");
  labyrinth_prove(draws == model::draws_on_highatomic(same, model::Pass::kMin),
                  "E4: the same requests draw on what is set apart");
  labyrinth_prove(!model::draws_on_highatomic(same, model::Pass::kLow), "E4: and none in the first pass");
  labyrinth_prove(!apart || draws, "E4: who sets apart draws");
  labyrinth_prove(!draws || !gfp.has(impl::kNomemalloc), "E4: NOMEMALLOC draws on nothing");
  labyrinth_prove(!draws || gfp.has(impl::kHigh) || gfp.has(impl::kMemalloc),
                  "E4: only HIGH and MEMALLOC draw on what is set apart");
  if (draws) labyrinth_cover("draws");

  const auto zone = model::highest_zone(same);
  const impl::ZoneIndex highest = impl::highest_zone(gfp);
  if (!zone) {
    labyrinth_cover("no zone");
    labyrinth_prove(highest == impl::kNoZone, "X2: modifiers that contradict each other name no zone");
  } else {
    labyrinth_prove(highest == static_cast<impl::ZoneIndex>(*zone), "E4: the highest zone is the same");
  }
  if (labyrinth_any("second pass", 1) != 0) {
    floors(gfp, impl::Pass::kMin, model::Pass::kMin);
  } else {
    floors(gfp, impl::Pass::kLow, model::Pass::kLow);
  }
}
