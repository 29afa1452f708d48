// The table of properties: which cases, what is said of them, and the mutant that shows the property can
// fail.
#include "aims.hpp"
#include "property.hpp"

namespace labyrinth::properties {
namespace {

constexpr Property kProperties[] = {
    {"X1", "X1", "a frame belongs to at most one live block", "claim-of-a-stale-word", &aims::owners,
     check_run, judge_owners},
    {"X2", "X2", "blocks are aligned and where the flags permit; what does not exist is refused",
     "blocks-counted-from-the-zone", &aims::places, check_run, judge_places},
    {"X3", "X3", "a live block's free succeeds, any other is answered bad_argument", "lost-update-in-free",
     &aims::frees, check_run, judge_frees},
    {"X4", "X4", "once all is freed, all can be allocated again", "block-of-a-prepaid-word-paid-twice",
     &aims::nothing_lost, check_run, judge_refusals},
    {"X5", "X5", "content is its owner's, and zero where zero was asked for", "zero-forgotten-in-a-room",
     &aims::content},
    {"X6", "X6", "exclusive blocks come from the void only, and carry nothing over",
     "exclusive-from-the-zones-too", &aims::exclusive, check_run, judge_places},
    {"N1", "N1", "what may not sleep never does", "shrinkers-for-atomic-requests", &aims::sleepers, check_run,
     judge_sleepers},
    {"N2", "N2", "whoever goes on alone, from wherever the others stand, returns",
     "zone-lock-in-an-interrupt", &aims::alone, check_alone, nullptr, 150, 150},
    {"N3", "N3", "every call returns within its bound", "zone-lock-in-an-interrupt", &aims::bounds, check_run,
     judge_returns},
    {"N4", "X3", "every call is served inside any interrupted call", "no-frees-from-nmis", &aims::nesting,
     check_run, judge_returns},
    {"E1", "E1", "a success leaves the caller's floor", "watermark-off-by-one", &aims::floors, check_run,
     judge_floors},
    {"E2", "E2", "nobody is refused what is there", "no-second-look-after-reclaim", &aims::refusals,
     check_run, judge_refusals},
    {"E3", "E3", "contended only where somebody else was about", "contended-by-a-stopped-holder",
     &aims::conflicts, check_run, judge_conflicts},
    {"E4", "E4", "rooms and reserves are their owners'", "room-of-another-cpu", &aims::reserves, check_run,
     judge_places},
    {"C1", "C1", "what may sleep is refused exactly where nobody may", "context-checked-only-when-short",
     &aims::contexts, check_run, judge_sleepers},
    {"C2", "C2", "local mappings are a stack, and reach their frames", "slot-without-its-context",
     &aims::stacks, check_run, judge_stacks},
    {"C3", "C3", "background reclaim is woken when wanted and needed, and only then",
     "wake-up-lost-by-a-refusal", &aims::wakes, check_run, judge_wakes},
    {"M1", "M1", "no data race", "free-without-release", &aims::races},
    {"M2", "C2", "all of it under weak memory", "ready-before-address", &aims::weak, check_run, nullptr, 8000,
     30000},
    {"L1", "L1", "some order of the calls explains all answers", "lost-update-in-free", &aims::histories,
     check_history},
    {"identity", "", "an allocation and its free change nothing", "free-into-a-prepaid-word-pays-twice",
     &aims::sequential, check_identity, nullptr, 4000},
    {"snapshot", "", "an allocation and its free change nothing that the shipped library shows of itself", "",
     &aims::snapshots, check_snapshot, nullptr, 4000},
    {"frees-commute", "", "in whatever order blocks are freed, the same is there",
     "free-into-a-prepaid-word-pays-twice", &aims::sequential, check_frees_commute, nullptr, 4000},
    {"splitting", "", "splitting a request never yields more, and never less of what is there",
     "free-into-a-prepaid-word-pays-twice", &aims::sequential, check_splitting, nullptr, 4000},
    {"cpus", "", "permuting CPUs changes nothing", "room-of-another-cpu", &aims::cpus, check_cpus, nullptr,
     4000},
    {"more-memory", "", "more memory never fails earlier", "block-of-a-prepaid-word-paid-twice",
     &aims::single_frames, check_more_memory, nullptr, 4000},
    {"forms", "", "a trace printed and read, or encoded and decoded, is the same trace", "", &aims::forms,
     check_forms, nullptr, 3000},
    {"double-free", "X3", "bad callers: frees of what is freed already, from every level",
     "lost-update-in-free", &aims::double_frees, check_run, judge_frees},
    {"foreign-free", "X3", "bad callers: frees of frames that are not theirs, or nobody's",
     "lost-update-in-free", &aims::foreign_frees, check_run, judge_frees},
    {"bad-context", "N1", "bad callers: requests that may sleep from where nobody may",
     "unmap-with-preemption-off", &aims::bad_contexts, check_run, judge_sleepers},
    {"bad-unmap", "C2", "bad callers: unmapping out of order, twice, the wrong way, of others",
     "slot-reused-as-it-was", &aims::bad_unmaps, check_run, judge_stacks},
    {"wrong-room", "", "bad callers: rooms of other owners, and of nobody", "room-of-a-device-by-cpu",
     &aims::wrong_rooms, check_run, judge_places},
    {"commands", "", "20 allocations, frees and masks of any kind in any context, judged by the model",
     "lost-update-in-free", &aims::commands, check_run, nullptr, 20000},
    {"everything", "", "20 to 40 calls of any kind on machines with everything", "room-of-another-cpu",
     &aims::everything, check_run, nullptr, 4000},
};

}  // namespace

std::span<const Property> all_properties() noexcept { return kProperties; }

}  // namespace labyrinth::properties
