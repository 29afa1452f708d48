// The rules of where sleeping is permitted and of what may interrupt what are consistent: interruption goes
// strictly upward, through however many handlers; what may sleep holds nothing back; an NMI is held back by
// nothing but an NMI; and to turn a mask on, or to rise in level, never permits more.
//
// For all situations: four levels, eight combinations of masks, in three nested contexts. Assumes nothing.
#include "labyrinth/model/context.hpp"
#include "labyrinth/proof.hpp"

using namespace labyrinth::model;

namespace {

constexpr std::uint32_t kInterrupts = 1;
constexpr std::uint32_t kBottomHalves = 2;
constexpr std::uint32_t kPreemption = 4;

Situation situation(Level level, std::uint32_t masks) {
  return {level, (masks & kInterrupts) != 0, (masks & kBottomHalves) != 0, (masks & kPreemption) != 0};
}

}  // namespace

extern "C" void proof() {
  const auto level = static_cast<Level>(labyrinth_any("level", 2));
  const auto masks = static_cast<std::uint32_t>(labyrinth_any("masks", 3));
  const auto arriving = static_cast<Level>(labyrinth_any("arriving", 2));
  const Situation here = situation(level, masks);
  const bool interrupted = may_interrupt(arriving, here);
  if (interrupted) {
    labyrinth_cover("interrupts");
    labyrinth_prove(arriving > level, "N4: an interruption goes upward in level");
  } else if (arriving > level) {
    labyrinth_cover("held back");
    labyrinth_prove(masks != 0, "N4: without a mask nothing that is more urgent is held back");
  }

  labyrinth_prove(may_interrupt(Level::kNmi, here) == (level != Level::kNmi),
                  "N4: an NMI is held back by nothing but an NMI");
  labyrinth_prove(!may_interrupt(Level::kTask, here), "N4: a task interrupts nothing");
  if (here.interrupts_off) {
    labyrinth_prove(!may_interrupt(Level::kSoftirq, here) && !may_interrupt(Level::kHardirq, here),
                    "N4: with interrupts off neither softirqs nor hardirqs start");
  }
  if (here.bottom_halves_off)
    labyrinth_prove(!may_interrupt(Level::kSoftirq, here), "N4: with bottom halves off no softirq starts");
  labyrinth_prove(interrupted == may_interrupt(arriving, situation(level, masks & ~kPreemption)),
                  "N4: turning preemption off holds no handler back");
  if (arriving != Level::kSoftirq) {
    labyrinth_prove(interrupted == may_interrupt(arriving, situation(level, masks & ~kBottomHalves)),
                    "N4: turning bottom halves off holds back nothing but softirqs");
  }

  // A chain of handlers, each with masks of its own: what may start in the last could have started at first.
  const auto nested = static_cast<Level>(labyrinth_any("nested", 2));
  const auto its_masks = static_cast<std::uint32_t>(labyrinth_any("masks of the handler", 3));
  if (interrupted && may_interrupt(nested, situation(arriving, its_masks))) {
    labyrinth_cover("nests");
    labyrinth_prove(may_interrupt(nested, here), "N4: interruption is transitive");
  }

  if (may_sleep(here)) {
    labyrinth_cover("sleeps");
    labyrinth_prove(level == Level::kTask && masks == 0, "C1: only a task that holds nothing back sleeps");
    labyrinth_prove(interrupted == (arriving != Level::kTask), "N4: who may sleep may be interrupted");
  } else {
    labyrinth_cover("may not sleep");
    labyrinth_prove(level != Level::kTask || masks != 0, "C1: a task that holds nothing back may sleep");
  }
  labyrinth_prove(!may_preempt(here) || may_sleep(here), "C1: who may be preempted may sleep");

  const auto more = static_cast<std::uint32_t>(labyrinth_any("more masks", 3));
  const Situation masked = situation(level, masks | more);
  labyrinth_prove(!may_sleep(masked) || may_sleep(here), "C1: a mask never permits sleeping");
  labyrinth_prove(!may_preempt(masked) || may_preempt(here), "C1: a mask never permits preemption");
  labyrinth_prove(!may_interrupt(arriving, masked) || interrupted, "N4: a mask never permits a handler");
  const auto higher = static_cast<Level>(labyrinth_any("higher", 2));
  labyrinth_assume(higher >= level);
  const Situation raised = situation(higher, masks);
  labyrinth_prove(!may_sleep(raised) || may_sleep(here), "C1: no level above permits more sleeping");
  labyrinth_prove(!may_interrupt(arriving, raised) || interrupted,
                  "N4: no level above permits more handlers");
}
