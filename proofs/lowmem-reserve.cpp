// What a zone keeps from requests that could go higher is the frames of the zones above it, up to the highest
// one of the request, divided by its ratio: the allocator and the model say so both (Linux: mm/page_alloc.c,
// setup_per_zone_lowmem_reserve()).
//
// For all four zones and each highest zone, sizes of 32 bits; no ratio, 32 and 256, which Linux has by
// default, and the extremes, 1 and 2^32 - 1. Assumes nothing else.
#include "entitlement.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/proof.hpp"

namespace impl = labyrinth;
namespace model = labyrinth::model;

extern "C" void proof() {
  const auto zone = static_cast<std::uint8_t>(labyrinth_any("zone", 2));
  const auto highest = static_cast<std::uint8_t>(labyrinth_any("highest", 2));
  const auto ratio = static_cast<std::uint32_t>(labyrinth_any("ratio", 32));
  labyrinth_assume(ratio == 0 || ratio == 1 || ratio == 32 || ratio == 256 || ratio == UINT32_MAX);
  impl::ZoneConfig ours[LABYRINTH_ZONES]{};
  std::array<model::ZoneConfig, model::kZoneTypes> theirs{};
  std::uint64_t above = 0;
  for (std::uint32_t i = 0; i < model::kZoneTypes; ++i) {
    const std::uint64_t size = labyrinth_any("frames", 32);
    ours[i].frames = size;
    theirs[i].frames = {static_cast<std::int64_t>(size)};
    // Those of the other zones are as they like.
    const auto other = static_cast<std::uint32_t>(labyrinth_any("ratio of another", 32));
    ours[i].lowmem_ratio = i == zone ? ratio : other;
    theirs[i].lowmem_ratio = i == zone ? ratio : other;
    if (zone < i && i <= highest) above += size;
  }

  const std::int64_t kept = impl::lowmem_reserve(ours, zone, highest).value;

  labyrinth_prove(kept == model::lowmem_reserve(theirs, zone, highest).count,
                  "E1: the allocator's lowmem reserve is the model's");
  if (ratio == 0) {
    labyrinth_cover("no ratio");
    labyrinth_prove(kept == 0, "E1: without a ratio nothing is kept");
  }
  if (ratio == 1) labyrinth_prove(kept == static_cast<std::int64_t>(above), "E1: the ratio 1 keeps all");
  if (ratio == 32) labyrinth_prove(kept == static_cast<std::int64_t>(above >> 5), "E1: 32 keeps a 32nd");
  if (ratio == 256) labyrinth_prove(kept == static_cast<std::int64_t>(above >> 8), "E1: 256 keeps a 256th");
  if (highest <= zone) {
    labyrinth_cover("nothing above");
    labyrinth_prove(kept == 0, "E1: nothing is kept from requests that can go no higher");
  } else if (kept != 0) {
    labyrinth_cover("kept");
  }
}
