// psc, worked out anew for each graph in question: programs with seq_cst accesses are small here.
#include "sc_order.hpp"

namespace labyrinth::machine {

void ScOrder::add(const Event& event) noexcept {
  uses_sc_ = uses_sc_ || event.is_sc;
  if (count_ == kMostEvents - 1) {  // One place is permits()'s.
    overflows_ = true;
    return;
  }
  events_[count_++] = event;
}

void ScOrder::make_room(std::uint16_t location, std::uint16_t place) noexcept {
  for (std::uint16_t i = 0; i < count_; ++i) {
    Event& event = events_[i];
    if (event.location != location) continue;
    if (event.reads != kNone && event.reads >= place) ++event.reads;
    if (event.writes != kNone && event.writes >= place) ++event.writes;
  }
}

/// Events stand in the order of the run, so those of one context in program order.
bool ScOrder::happens_before(std::uint16_t a, std::uint16_t b) const noexcept {
  const Event& one = events_[a];
  const Event& other = events_[b];
  if (one.context == other.context) return a < b;
  return one.own <= other.clock.of(one.context);
}

/// mo or rb: from who wrote, or read, something earlier in the order to who wrote something later.
bool ScOrder::coherence_before(std::uint16_t a, std::uint16_t b) const noexcept {
  const Event& one = events_[a];
  const Event& other = events_[b];
  if (one.location == kNone || one.location != other.location || other.writes == kNone || a == b)
    return false;
  if (one.writes != kNone) return one.writes < other.writes;
  return one.reads < other.writes;
}

/// scb = po | po!=loc; hb; po!=loc | hb & same location | mo | rb.
void ScOrder::relate() noexcept {
  for (std::uint16_t a = 0; a < count_; ++a) {
    hb_[a].reset();
    scb_[a].reset();
    psc_[a].reset();
  }
  const auto program_order = [&](std::uint16_t a, std::uint16_t b) {
    return events_[a].context == events_[b].context && a < b;
  };
  const auto elsewhere = [&](std::uint16_t a, std::uint16_t b) {
    return program_order(a, b) &&
           (events_[a].location == kNone || events_[a].location != events_[b].location);
  };
  for (std::uint16_t a = 0; a < count_; ++a) {
    for (std::uint16_t b = 0; b < count_; ++b) {
      if (a == b) continue;
      if (happens_before(a, b)) hb_[a].set(b);
    }
  }
  for (std::uint16_t a = 0; a < count_; ++a) {
    Set from;  // po!=loc; hb
    for (std::uint16_t b = static_cast<std::uint16_t>(a + 1); b < count_; ++b) {
      if (elsewhere(a, b)) from |= hb_[b];
    }
    for (std::uint16_t b = 0; b < count_; ++b) {
      if (a == b) continue;
      const bool same = events_[a].location != kNone && events_[a].location == events_[b].location;
      if (program_order(a, b) || (same && hb_[a].test(b)) || coherence_before(a, b)) scb_[a].set(b);
      if (!from.test(b)) continue;
      for (std::uint16_t c = static_cast<std::uint16_t>(b + 1); c < count_; ++c) {
        if (elsewhere(b, c)) scb_[a].set(c);
      }
    }
  }
}

/// psc = ([E] | [F]; hb?); scb; ([E] | hb?; [F]) | [F]; (hb | hb; eco; hb); [F], of seq_cst events.
bool ScOrder::has_cycle() noexcept {
  relate();
  const auto is_fence = [&](std::uint16_t i) { return events_[i].location == kNone; };
  // eco = (rf | mo | rb)+: from a to b, if b's place is behind a's, or b reads what a wrote.
  const auto extended = [&](std::uint16_t a, std::uint16_t b) {
    const Event& one = events_[a];
    const Event& other = events_[b];
    if (is_fence(a) || one.location != other.location || a == b) return false;
    const std::uint16_t from = one.writes != kNone ? one.writes : one.reads;
    if (other.writes != kNone) return from < other.writes;
    return one.writes != kNone ? from <= other.reads : from < other.reads;
  };
  Set sc;
  for (std::uint16_t i = 0; i < count_; ++i) sc.set(i, events_[i].is_sc);
  for (std::uint16_t a = 0; a < count_; ++a) {
    if (!sc.test(a)) continue;
    Set reached = scb_[a];
    if (is_fence(a)) {
      Set farther;  // hb; eco
      for (std::uint16_t s = 0; s < count_; ++s) {
        if (!hb_[a].test(s)) continue;
        reached |= scb_[s];
        for (std::uint16_t t = 0; t < count_; ++t) {
          if (extended(s, t)) farther.set(t);
        }
      }
      for (std::uint16_t b = 0; b < count_; ++b) {
        if (!sc.test(b) || !is_fence(b)) continue;
        bool before = a != b && hb_[a].test(b);
        for (std::uint16_t t = 0; t < count_ && !before; ++t) before = farther.test(t) && hb_[t].test(b);
        if (before) psc_[a].set(b);
      }
    }
    for (std::uint16_t b = 0; b < count_; ++b) {
      if (!sc.test(b)) continue;
      bool before = reached.test(b);
      for (std::uint16_t t = 0; is_fence(b) && t < count_ && !before; ++t)
        before = reached.test(t) && hb_[t].test(b);
      if (before) psc_[a].set(b);
    }
  }
  for (std::uint16_t middle = 0; middle < count_; ++middle) {  // Warshall's closure
    for (std::uint16_t a = 0; a < count_; ++a) {
      if (psc_[a].test(middle)) psc_[a] |= psc_[middle];
    }
  }
  for (std::uint16_t a = 0; a < count_; ++a) {
    if (psc_[a].test(a)) return true;
  }
  return false;
}

bool ScOrder::permits(const Event& event) noexcept {
  if (!uses_sc_ && !event.is_sc) return true;
  const std::uint16_t before = count_;
  if (event.writes != kNone) make_room(event.location, event.writes);
  events_[count_++] = event;
  const bool good = !has_cycle();
  count_ = before;
  if (event.writes == kNone) return good;
  for (std::uint16_t i = 0; i < count_; ++i) {
    Event& moved = events_[i];
    if (moved.location != event.location) continue;
    if (moved.reads != kNone && moved.reads > event.writes) --moved.reads;
    if (moved.writes != kNone && moved.writes > event.writes) --moved.writes;
  }
  return good;
}

}  // namespace labyrinth::machine
