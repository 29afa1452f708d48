// Histories for tests of linearizability: told call by call, judged online by the checker and as a whole.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>

#include "checker.hpp"
#include "labyrinth/machine/linearize.hpp"

namespace labyrinth::machine::testing {

inline constexpr model::Gfp kPlain{};

/// A history as it happens. Contexts are named by number, and have one call in progress at most.
class Story {
 public:
  explicit Story(const model::Memory& memory, std::initializer_list<model::Block> live = {})
      : memory_(memory) {
    checker().record(&history);
    checker().begin_run(memory_, live);
  }
  /// A zone from frame 0 on.
  explicit Story(std::int64_t frames, model::Watermarks marks = {})
      : Story(model::one_zone({{0}, {frames}}, marks, {4})) {}
  ~Story() { checker().record(nullptr); }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  Story& alloc(std::uint8_t context, model::Gfp gfp = kPlain, std::uint8_t order = 0) {
    checker().begin_allocation(context, {.gfp = gfp, .order = {order}}, 1);
    return *this;
  }
  Story& gets(std::uint8_t context, std::uint64_t pfn, bool wake = false, bool conflict = false) {
    return note(checker().end_allocation(context, {model::Status::kOk, wake, {pfn}}, conflict));
  }
  Story& hears(std::uint8_t context, model::Status status, bool wake = false, bool conflict = false) {
    return note(checker().end_allocation(context, {status, wake, {}}, conflict));
  }
  Story& free(std::uint8_t context, std::uint64_t pfn, std::uint8_t order = 0) {
    checker().begin_free(context, {pfn}, {order}, order <= model::kMaxOrder.value);
    return *this;
  }
  Story& freed(std::uint8_t context, model::Status status = model::Status::kOk) {
    return note(checker().end_free(context, status));
  }
  /// Whole calls, with nothing in between.
  Story& take(std::uint64_t pfn, model::Gfp gfp = kPlain, std::uint8_t order = 0) {
    return alloc(15, gfp, order).gets(15, pfn);
  }
  Story& give_back(std::uint64_t pfn, std::uint8_t order = 0) { return free(15, pfn, order).freed(15); }

  [[nodiscard]] Linearizer::Result judged() const { return linearizer().judge(history); }
  [[nodiscard]] bool explained() const { return judged().verdict == Linearizer::Verdict::kExplained; }
  [[nodiscard]] bool unexplained() const { return judged().verdict == Linearizer::Verdict::kUnexplained; }

  [[nodiscard]] static Linearizer& linearizer() {
    static const auto one = std::make_unique<Linearizer>();
    return *one;
  }
  [[nodiscard]] static Checker& checker() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }

  History history;
  model::Clause online = model::Clause::kNone;  ///< The first clause that the online rules find broken.

 private:
  Story& note(const Violation& broken) {
    if (online == model::Clause::kNone) online = broken.clause;
    return *this;
  }
  model::Memory memory_;
};

}  // namespace labyrinth::machine::testing
