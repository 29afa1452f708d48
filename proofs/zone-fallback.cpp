// A request on its way through the zones, as a whole: it asks its highest zone first and then those below, in
// a first pass down to low and in a second down to min with its reductions (E1), and takes the first block
// that it is given; it is refused only if each zone that is open to it gave a reason, in the pass that asks
// least of it, and with the strongest of those reasons (E2, E3). Reclaim is woken where it is asked for, and
// low did not do (C3). What is set apart is drawn on in the second pass alone, and gives way last (E4).
//
// Whatever the zones answer, so for any number of contexts. A zone is what is proved of it (zone-take-*): it
// gives a block, or is as it was and says why not. Geometry: four zones, three of which the request may have
// (its highest is NORMAL); two zones that are no neighbours, for MOVABLE; and none that is open. Any marks
// and reserves, zones that set pageblocks apart or none; all requests that lead to zones alone (route.cpp
// says which do) but NOFAIL, any order. What shrinkers give back after a refusal is not looked at: who has
// asked them begins again from the top.
#include "labyrinth/model/entitlement.hpp"
#include "memory.cpp"
#include "stand_in_zone.hpp"

using namespace labyrinth;

namespace {

constexpr std::uint32_t kZones = LABYRINTH_ZONES;
constexpr std::uint64_t kFrames = 64;  // of each zone
constexpr std::uint64_t kBits = 20;    // of a mark, or a reserve
// Rooms, the void and what may not fail have rules of their own; which modifiers, each proof says.
constexpr Gfp kRest =
    kDirectReclaim | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc | kZero | kReclaimable | kNoretry;

using Set = std::uint32_t;  // bit per zone
constexpr Set kAll = (1U << kZones) - 1;
constexpr Set kFirstAndLast = 1U << (kZones - 1) | 1U;

// The stations of zones on the way (route.hpp).
enum class At : std::uint8_t { kLow, kMin, kGivesBack };

constinit Zone* zones[kZones]{};
constinit Set there = 0;
constinit Set open = 0;  // to the request
constinit model::Gfp same{};
constinit model::Pool pools[kZones]{};
constinit bool sleeps = false;
constinit bool is_apart = false;  // pageblocks may be

// What the call has met.
struct Met {
  At at = At::kLow;
  std::uint32_t last = kZones;  // zone that was asked there
  Set asked_here = 0;
  Set asked_down_to_low = 0;
  Set asked_down_to_min = 0;
  Set short_of_frames = 0;  // by their last answer, and so on
  Set without_block = 0;
  Set contended = 0;
  Set searched = 0;
  Set searched_again = 0;
  Set asked_again = 0;  // more than twice
  bool is_served = false;
  Pfn served{};
  std::uint32_t wakes = 0;
  std::uint32_t zeroed = 0;
};
constinit Met met{};

std::uint32_t cpu(void*) { return 0; }
bool may_sleep(void*) { return sleeps; }
void wake(void*) {
  labyrinth_prove(met.asked_down_to_low == open && (met.wakes != 0 || met.asked_down_to_min == 0),
                  "C3: reclaim is woken when low did not do, and before more is asked for");
  ++met.wakes;
}
void zero(void*, std::uint64_t pfn, std::uint64_t) {
  labyrinth_prove(met.is_served && pfn == met.served.value,
                  "X5: the block that was given is zeroed, and no other");
  ++met.zeroed;
}

// Which stations come next, and what has been asked at this one.
void arrive(At now, std::uint32_t zone) {
  labyrinth_prove(now >= met.at, "E1: passes are made in order, and each once");
  if (now != met.at) {
    labyrinth_prove(met.asked_down_to_low == open,
                    "E1: all zones are asked down to low before one is down to min");
    labyrinth_prove(
        now != At::kGivesBack || (open & ~(met.asked_down_to_min | met.without_block | met.contended)) == 0,
        "E4: and down to min before what is set apart gives way");
    met.asked_here = 0;
    met.last = kZones;
  }
  labyrinth_prove(zone < met.last, "E1: zones are asked from the highest one down");
  met.at = now;
  met.last = zone;
}

// Where nothing more can be had there, a zone that had frames and no block need not be asked again.
[[nodiscard]] Set may_be_left_out(const Caller& caller) {
  return met.at != At::kLow && !caller.draws && !caller.gives_back ? met.without_block | met.contended : 0;
}

void is_asked_rightly(std::uint32_t zone, Frames floor, const Caller& caller) {
  labyrinth_prove((open >> zone & 1U) != 0, "X2: a zone is asked that is open to the request");
  labyrinth_prove(!met.is_served, "X1: who was served asks nobody");
  const bool first = (met.asked_down_to_low >> zone & 1U) == 0;
  arrive(first ? At::kLow : caller.gives_back ? At::kGivesBack : At::kMin, zone);
  const Set above = open & ~((2U << zone) - 1);
  labyrinth_prove((above & ~(met.asked_here | may_be_left_out(caller))) == 0,
                  "E1: no zone is asked before those above it");
  const model::Pass pass = first ? model::Pass::kLow : model::Pass::kMin;
  labyrinth_prove(floor.value == model::floor_of(same, pass, pools[zone]).count,
                  "E1: the zone is to be left the floor of this pass");
  labyrinth_prove(caller.draws == (is_apart && model::draws_on_highatomic(same, pass)),
                  "E4: who is entitled draws on what is set apart, in the second pass, and nobody else");
  labyrinth_prove(!caller.gives_back || (is_apart && same.has(model::kDirectReclaim)),
                  "E4: what is set apart gives way last, and under the pressure of who may sleep");
  labyrinth_prove(caller.sets_apart == model::sets_apart(same),
                  "E4: it is set apart for high-order atomic requests");
}

// Of zone-take-*: a block, or no change and a reason.
[[nodiscard]] Zone::Taken answer(std::uint32_t zone) {
  const Set bit = Set{1} << zone;
  met.asked_here |= bit;
  met.asked_again |= met.asked_down_to_min & bit;
  if (met.at == At::kLow) {
    met.asked_down_to_low |= bit;
  } else {
    met.asked_down_to_min |= bit;
  }
  met.short_of_frames &= ~bit;
  met.without_block &= ~bit;
  met.contended &= ~bit;
  const std::uint64_t says = labyrinth_any("the zone answers", 2);
  if (says == 1) {
    met.short_of_frames |= bit;
    return {Status::kExhausted, Pfn{}};
  }
  met.searched_again |= met.searched & bit;
  met.searched |= bit;
  if (says == 2) {
    met.without_block |= bit;
    return {Status::kFragmented, Pfn{}};
  }
  if (says == 3) {
    met.contended |= bit;
    return {Status::kContended, Pfn{}};
  }
  met.is_served = true;
  met.served = Pfn{labyrinth_any("block", 52)};
  return {Status::kOk, met.served};
}

}  // namespace

namespace labyrinth {

Zone::Zone(const ZoneSetup& setup, std::byte*, std::size_t) noexcept
    : shape_(setup.shape()),
      watermarks_(setup.watermarks),
      reserve_(setup.reserve),
      ownership_(geometry_, nullptr, nullptr),
      credits_(geometry_, nullptr),
      prepaid_(geometry_, ownership_, credits_, 1, 1, Frames{0}, nullptr),
      blocks_(geometry_, credits_, false, nullptr),
      highatomic_(geometry_, ownership_, credits_, blocks_, 0, Frames{0}, nullptr) {}

Zone::Taken Zone::take_part(Order order, std::uint32_t frames, Frames floor, const Caller& caller) noexcept {
  labyrinth_prove(frames == 1U << order.value, "X2: the whole block is asked for");
  const auto zone = static_cast<std::uint32_t>(geometry_.base_pfn / kFrames);
  is_asked_rightly(zone, floor, caller);
  return answer(zone);
}

Status Zone::take_bulk(std::uint32_t, Frames, const Caller&, std::uint64_t*) noexcept {
  labyrinth_prove(false, "X2: one block is asked for");
  return Status::kExhausted;
}
Zone::Taken IsolatedZone::take(Order, Frames, std::uint32_t, bool) noexcept {
  labyrinth_prove(false, "X6: only exclusive requests get into the void");
  return {Status::kExhausted, Pfn{}};
}
std::uint64_t IsolatedZone::drain(std::uint64_t) noexcept { return 0; }
bool IsolatedZone::release(Pfn, Order) noexcept { return false; }

// reclaim.cpp: here the request ends.
void Memory::reclaim_for(const Wish& wish, Journey& journey, Page& out) noexcept {
  labyrinth_prove(wish.gfp.has(kDirectReclaim) && out.status != Status::kOk && journey.refusal == out.status,
                  "N1: only who may sleep, and was refused, asks shrinkers");
}
bool Memory::may_not_fail(const Wish&, const Route&) const noexcept { return false; }

}  // namespace labyrinth

// What memory_setup.cpp makes of a configuration.
namespace labyrinth {

Memory::Memory(const Config& config, std::byte*) noexcept
    : port_(config.port), max_order_{config.max_order}, cpus_(config.cpus) {
  for (std::uint32_t i = 0; i < kZones; ++i) {
    if ((there >> i & 1U) != 0) zones_[i] = zones[i];
  }
  has_.zones = static_cast<std::uint8_t>(there);
  has_.highatomic = is_apart;
}

}  // namespace labyrinth

namespace {

[[nodiscard]] ZoneSetup any_zone(std::uint32_t i) {
  ZoneSetup setup{.first_pfn = kFrames * i,
                  .frames = kFrames,
                  .max_order = Order{6},
                  .cpus = 1,
                  .watermarks = {},
                  .reserve = {},
                  .grouped = false,
                  .apart = 0};
  const auto min = static_cast<std::int64_t>(labyrinth_any("min", kBits));
  const auto low = static_cast<std::int64_t>(labyrinth_any("low", kBits));
  labyrinth_assume(min <= low);
  setup.watermarks = {Frames{min}, Frames{low}, Frames{low}};
  pools[i].marks = {{min}, {low}, {low}};
  for (std::uint32_t of = 0; of < kZones; ++of) {
    const auto reserve = static_cast<std::int64_t>(labyrinth_any("reserve", kBits));
    setup.reserve[of] = Frames{reserve};
    pools[i].reserve[of] = {reserve};
  }
  return setup;
}

void is_refused(const Page& out) {
  labyrinth_prove(out.pfn == Pfn{} && !met.is_served, "X4: no block is lost by a refusal");
  labyrinth_prove(met.asked_down_to_low == open, "E2: each zone that is open has been asked");
  labyrinth_prove((met.short_of_frames & ~met.asked_down_to_min) == 0,
                  "E2: exhausted is answered of a zone only down to min, with all reductions");
  labyrinth_prove((met.short_of_frames | met.without_block | met.contended) == open,
                  "E2: each zone has a reason");
  const Status strongest = met.contended != 0       ? Status::kContended
                           : met.without_block != 0 ? Status::kFragmented
                                                    : Status::kExhausted;
  labyrinth_prove(out.status == strongest, "E2: the refusal is the strongest of the zones' reasons");
  labyrinth_prove(out.wake == same.has(model::kKswapdReclaim), "C3: reclaim is woken where it is asked for");
  if (out.status == Status::kExhausted) labyrinth_cover("exhausted");
  if (out.status == Status::kFragmented) labyrinth_cover("fragmented");
  if (out.status == Status::kContended) labyrinth_cover("contended");
}

void is_answered_rightly(Gfp gfp, Order order, const Page& out) {
  labyrinth_prove(out.order == order, "X2: the answer is about what was asked for");
  labyrinth_prove(out.wake == (met.wakes != 0) && met.wakes <= 2,
                  "C3: the answer says whether reclaim was woken");
  labyrinth_prove(met.wakes == 0 || gfp.has(kKswapdReclaim), "C3: reclaim is woken for who asks for it");
  if (open == 0) {
    labyrinth_cover("no such zone");
    return labyrinth_prove(met.asked_down_to_low == 0 && out.status == Status::kBadArgument && met.wakes == 0,
                           "X2: what makes no sense is answered bad_argument and changes nothing");
  }
  if (gfp.has(kDirectReclaim) && !sleeps) {
    labyrinth_cover("may not sleep");
    return labyrinth_prove(met.asked_down_to_low == 0 && out.status == Status::kBadContext && met.wakes == 0,
                           "C1: who may not sleep there is answered bad_context and changes nothing");
  }
  // steps.hpp: how often each is asked, and how often it is searched.
  labyrinth_prove(is_apart || met.asked_again == 0, "N3: a zone is asked twice");
  labyrinth_prove(is_apart || met.searched_again == 0, "N3: and searched once");
  if (out.status != Status::kOk) return is_refused(out);
  labyrinth_prove(met.is_served && out.pfn == met.served, "X1: the answer is the block that a zone gave");
  labyrinth_prove(met.zeroed == (gfp.has(kZero) ? 1 : 0), "X5: it is zeroed if that was asked for");
  labyrinth_prove(out.wake == (met.at != At::kLow && gfp.has(kKswapdReclaim)),
                  "C3: reclaim is woken by who was not served down to low");
  if (met.at == At::kLow) labyrinth_cover("served in the first pass");
  if (met.at == At::kMin) labyrinth_cover("served in the second pass");
  if (met.at == At::kGivesBack) labyrinth_cover("served of what was set apart");
}

/// Which zones there are and which is the highest are constants here, and so is each zone on the way.
template <std::uint32_t kBitsOfZone, std::uint32_t kHighest, Set kThere>
[[gnu::noinline]] void run() {
  there = kThere;
  open = there & ((2U << kHighest) - 1);
  // Content is of one kind.
  constexpr std::uint32_t kAny = kRest.bits & ~((kBitsOfZone & kMovable.bits) != 0 ? kReclaimable.bits : 0);
  const auto flags = static_cast<std::uint32_t>(labyrinth_any("gfp", 32));
  labyrinth_assume((flags & ~kAny) == 0);
  const Gfp gfp{(flags & kAny) | kBitsOfZone};  // so that masks of it have an answer
  same = {gfp.bits};
  const Order order{static_cast<std::uint32_t>(labyrinth_any("order", 4))};
  labyrinth_assume(order.value <= LABYRINTH_MAX_ORDER);
  Config config{};
  config.cpus = 1;
  config.max_order = LABYRINTH_MAX_ORDER;
  config.port.cpu = cpu;
  config.port.may_sleep = may_sleep;
  config.port.zero = zero;
  config.port.wake_reclaimer = wake;
  Memory memory(config, nullptr);
  Page out{};

  memory.alloc_page(gfp, order, out);

  is_answered_rightly(gfp, order, out);
}

}  // namespace

extern "C" void proof() {
  Zone zone0(any_zone(0), nullptr, 0);
  Zone zone1(any_zone(1), nullptr, 0);
  Zone zone2(any_zone(2), nullptr, 0);
  Zone zone3(any_zone(3), nullptr, 0);
  zones[0] = &zone0;
  zones[1] = &zone1;
  zones[2] = &zone2;
  zones[3] = &zone3;
  sleeps = labyrinth_any("may sleep", 1) != 0;
  is_apart = labyrinth_any("pageblocks may be set apart", 1) != 0;
  switch (labyrinth_any("request", 2)) {
    case 0:
      return run<0, LABYRINTH_ZONE_NORMAL, kAll>();
    case 1:
      return run<(kHighmem | kMovable).bits, LABYRINTH_ZONE_MOVABLE, kFirstAndLast>();
    default:
      return run<kDma.bits, LABYRINTH_ZONE_DMA, kAll & ~1U>();
  }
}
