// RC11 by its axioms: all graphs of a straight-line program, found by trying every rf and every mo. Small and
// slow, and nothing of it is the machine's: what the explorer finds is held against it.
//
// Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in C/C++11, PLDI 2017, figure 2; with
// C++20's release sequences, of read-modify-writes alone.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace labyrinth::machine::testing {

struct AxiomEvent {
  enum class Kind : std::uint8_t { kRead, kWrite, kAdd, kFence };
  Kind kind = Kind::kRead;
  int order = 0;  ///< As compilers pass it.
  unsigned location = 0;
  std::uint32_t value = 0;  ///< Written, or added.
};

/// Threads of events; all locations begin with 0.
using AxiomProgram = std::vector<std::vector<AxiomEvent>>;

struct AxiomGraphs {
  std::uint64_t graphs = 0;
  /// What the reads of all threads saw, in order, and the last values of all locations.
  std::set<std::string> outcomes;
};

class Axioms {
 public:
  explicit Axioms(const AxiomProgram& program, unsigned locations) : locations_(locations) {
    for (unsigned l = 0; l < locations; ++l) add({AxiomEvent::Kind::kWrite, 0, l, 0}, kInitial);
    for (std::size_t t = 0; t < program.size(); ++t)
      for (const AxiomEvent& event : program[t]) add(event, static_cast<int>(t));
    rf_.resize(events_.size());
    mo_.resize(locations);
  }

  AxiomGraphs graphs() {
    choose_source(0);
    return result_;
  }

 private:
  static constexpr int kInitial = -1;
  static constexpr std::size_t kMost = 24;
  using Set = std::bitset<kMost>;
  struct Relation {
    Set row[kMost];
    [[nodiscard]] bool has(std::size_t a, std::size_t b) const { return row[a].test(b); }
    void set(std::size_t a, std::size_t b) { row[a].set(b); }
  };
  struct Event {
    AxiomEvent what;
    int thread;
  };

  void add(const AxiomEvent& event, int thread) { events_.push_back({event, thread}); }
  [[nodiscard]] std::size_t count() const { return events_.size(); }
  [[nodiscard]] bool reads(std::size_t i) const {
    return events_[i].what.kind == AxiomEvent::Kind::kRead || events_[i].what.kind == AxiomEvent::Kind::kAdd;
  }
  [[nodiscard]] bool writes(std::size_t i) const {
    return events_[i].what.kind == AxiomEvent::Kind::kWrite || events_[i].what.kind == AxiomEvent::Kind::kAdd;
  }
  [[nodiscard]] bool fence(std::size_t i) const { return events_[i].what.kind == AxiomEvent::Kind::kFence; }
  [[nodiscard]] bool update(std::size_t i) const { return events_[i].what.kind == AxiomEvent::Kind::kAdd; }
  [[nodiscard]] bool same(std::size_t a, std::size_t b) const {
    return !fence(a) && !fence(b) && events_[a].what.location == events_[b].what.location;
  }
  [[nodiscard]] bool acquires(std::size_t i) const {
    const int order = events_[i].what.order;
    return (reads(i) || fence(i)) && (order == 2 || order >= 4);
  }
  [[nodiscard]] bool releases(std::size_t i) const {
    return (writes(i) || fence(i)) && events_[i].what.order >= 3 && events_[i].thread != kInitial;
  }
  [[nodiscard]] bool sc(std::size_t i) const { return events_[i].what.order == 5; }

  [[nodiscard]] Relation compose(const Relation& a, const Relation& b) const {
    Relation result;
    for (std::size_t i = 0; i < count(); ++i)
      for (std::size_t k = 0; k < count(); ++k)
        if (a.has(i, k)) result.row[i] |= b.row[k];
    return result;
  }
  [[nodiscard]] Relation join(Relation a, const Relation& b) const {
    for (std::size_t i = 0; i < count(); ++i) a.row[i] |= b.row[i];
    return a;
  }
  [[nodiscard]] Relation closure(Relation a) const {
    for (std::size_t k = 0; k < count(); ++k)
      for (std::size_t i = 0; i < count(); ++i)
        if (a.has(i, k)) a.row[i] |= a.row[k];
    return a;
  }
  [[nodiscard]] Relation reflexive(Relation a) const {
    for (std::size_t i = 0; i < count(); ++i) a.set(i, i);
    return a;
  }
  [[nodiscard]] bool cyclic(const Relation& a) const {
    const Relation all = closure(a);
    for (std::size_t i = 0; i < count(); ++i)
      if (all.has(i, i)) return true;
    return false;
  }
  template <class Keep>
  [[nodiscard]] Relation relation(Keep keep) const {
    Relation result;
    for (std::size_t a = 0; a < count(); ++a)
      for (std::size_t b = 0; b < count(); ++b)
        if (a != b && keep(a, b)) result.set(a, b);
    return result;
  }
  template <class Keep>
  [[nodiscard]] Relation identity(Keep keep) const {
    Relation result;
    for (std::size_t a = 0; a < count(); ++a)
      if (keep(a)) result.set(a, a);
    return result;
  }

  void choose_source(std::size_t i) {
    while (i < count() && !reads(i)) ++i;
    if (i == count()) {
      const Relation po_rf = relation([&](auto a, auto b) {
        return (events_[a].thread == events_[b].thread && a < b) || (reads(b) && rf_[b] == a);
      });
      return cyclic(po_rf) ? void() : order_location(0);
    }
    for (std::size_t w = 0; w < count(); ++w) {
      if (w == i || !writes(w) || !same(w, i)) continue;
      rf_[i] = w;
      choose_source(i + 1);
    }
  }

  void order_location(unsigned location) {
    if (location == locations_) return judge();
    std::vector<std::size_t> writers;
    for (std::size_t i = locations_; i < count(); ++i)
      if (writes(i) && events_[i].what.location == location) writers.push_back(i);
    do {
      mo_[location] = writers;
      mo_[location].insert(mo_[location].begin(), location);
      order_location(location + 1);
    } while (std::next_permutation(writers.begin(), writers.end()));
  }

  [[nodiscard]] std::size_t place(std::size_t w) const {
    const auto& order = mo_[events_[w].what.location];
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), w) - order.begin());
  }

  void judge() {
    const Relation po = relation([&](auto a, auto b) {
      if (events_[a].thread == kInitial) return events_[b].thread != kInitial;
      return events_[a].thread == events_[b].thread && a < b;
    });
    const Relation rf = relation([&](auto a, auto b) { return reads(b) && rf_[b] == a; });
    const Relation mo =
        relation([&](auto a, auto b) { return writes(a) && writes(b) && same(a, b) && place(a) < place(b); });
    for (std::size_t i = 0; i < count(); ++i)
      if (update(i) && place(rf_[i]) + 1 != place(i)) return;  // atomicity
    const Relation rb = relation(
        [&](auto a, auto b) { return reads(a) && writes(b) && same(a, b) && place(rf_[a]) < place(b); });
    const auto acquire_fence = identity([&](auto i) { return fence(i) && acquires(i); });
    const auto release_fence = identity([&](auto i) { return fence(i) && releases(i); });
    const auto updates = identity([&](auto i) { return update(i); });
    const Relation rs = reflexive(closure(compose(rf, updates)));
    const Relation release =
        join(identity([&](auto i) { return writes(i) && releases(i); }), compose(release_fence, po));
    const Relation acquire =
        join(identity([&](auto i) { return reads(i) && acquires(i); }), compose(po, acquire_fence));
    const auto to_writes = identity([&](auto i) { return writes(i); });
    const Relation sw = compose(compose(compose(compose(release, to_writes), rs), rf), acquire);
    const Relation hb = closure(join(po, sw));
    const Relation eco = closure(join(join(rf, mo), rb));
    for (std::size_t i = 0; i < count(); ++i)
      if (hb.has(i, i) || compose(hb, eco).has(i, i)) return;  // coherence
    const Relation elsewhere = relation([&](auto a, auto b) { return po.has(a, b) && !same(a, b); });
    const Relation here = relation([&](auto a, auto b) { return hb.has(a, b) && same(a, b); });
    const Relation scb = join(join(join(po, compose(compose(elsewhere, hb), elsewhere)), here), join(mo, rb));
    const auto e_sc = identity([&](auto i) { return sc(i); });
    const auto f_sc = identity([&](auto i) { return sc(i) && fence(i); });
    const Relation left = join(e_sc, compose(f_sc, reflexive(hb)));
    const Relation right = join(e_sc, compose(reflexive(hb), f_sc));
    const Relation base = compose(compose(left, scb), right);
    const Relation between = join(hb, compose(compose(hb, eco), hb));
    const Relation fences = compose(compose(f_sc, between), f_sc);
    if (cyclic(join(base, fences))) return;
    ++result_.graphs;
    note_outcome();
  }

  [[nodiscard]] std::uint32_t written(std::size_t w) const {
    return update(w) ? written(rf_[w]) + events_[w].what.value : events_[w].what.value;
  }

  void note_outcome() {
    std::string outcome;
    for (std::size_t i = 0; i < count(); ++i)
      if (reads(i)) outcome += std::to_string(written(rf_[i])) + ' ';
    outcome += '|';
    for (unsigned l = 0; l < locations_; ++l) outcome += ' ' + std::to_string(written(mo_[l].back()));
    result_.outcomes.insert(outcome);
  }

  unsigned locations_;
  std::vector<Event> events_;
  std::vector<std::size_t> rf_;
  std::vector<std::vector<std::size_t>> mo_;
  AxiomGraphs result_;
};

}  // namespace labyrinth::machine::testing
