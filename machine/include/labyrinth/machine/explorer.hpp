// Exhaustive exploration: a strategy that, run after run, takes a small program through every order of its
// steps that could make a difference.
//
//     Explorer explorer(options);
//     do {
//       machine.observe(&explorer);
//       explorer.end_run(machine.run(trace, explorer));
//     } while (explorer.next_run());
//
// A step is one atomic access of a context with the local code after it, up to the next; calls begin with the
// step of their first access, and are answered with that of their last. Two runs are equivalent if each
// context takes the same steps and conflicting accesses (one location, one of them a write) come in the same
// order: one Mazurkiewicz trace. Of each trace at least one run is explored: source sets and sleep sets
// (Abdulla, Aronis, Jonsson, Sagonas: JACM 2017), with interrupt handlers as threads that keep what they
// interrupt from going on; docs/exploring.md has the argument.
//
// Under rc11 a class is a graph instead: program order, what each read has read, and the modification orders.
// Each step tries all messages it may read, and all places it may write to; only that a read comes before a
// write that it could have read is a race.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

#include "labyrinth/machine/observer.hpp"
#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/verdict.hpp"

namespace labyrinth::machine {

struct Clock;
struct Footprint;
struct Running;

struct ExplorerOptions {
  MemoryModel memory = MemoryModel::kSc;  ///< That of the runs.
  bool reduces = true;                    ///< False: every order of all steps, for comparison.
  bool counts_traces = false;  ///< Remember which Mazurkiewicz traces were seen: 16 bytes and some time each.
  std::int16_t preemptions = -1;  ///< At most so many switches away from what could go on; -1: any number.
  std::uint16_t depth = 2000;     ///< Steps of one run, at most kMaxExplorerDepth.
  std::uint8_t spurious = 1;      ///< Weak compare-exchanges of one run that may fail although they need not.
  std::uint8_t migrations = 0;    ///< Tasks of one run that may move to another CPU.
  /// Rounds that see the same of a loop that might yet leave by itself, before it waits for others to write.
  std::uint16_t rounds = 128;
};
inline constexpr std::uint16_t kMaxExplorerDepth = 16000;
inline constexpr std::uint16_t kFewestExplorerRounds = 4;

struct ExplorerCounts {
  std::uint64_t executions = 0;   ///< Runs that came to an end of their own, a violation too.
  std::uint64_t redundant = 0;    ///< Runs given up since all that was left had been explored elsewhere.
  std::uint64_t cut = 0;          ///< Runs given up at a limit: the search is not complete.
  std::uint64_t steps = 0;        ///< Over all runs.
  std::uint64_t spins = 0;        ///< Times a context was held back as one that spins.
  std::uint64_t loops = 0;        ///< Runs in which a loop that might have ended by itself was not followed.
  std::uint64_t pruned = 0;       ///< Choices left out because of the bound on preemptions.
  std::uint32_t deepest = 0;      ///< Steps of the longest run.
  std::uint16_t preemptions = 0;  ///< The most of one run.
};

class Explorer final : public Strategy, public Observer {
 public:
  explicit Explorer(const ExplorerOptions& options);
  ~Explorer() override;
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  /// Forget everything and begin a new search.
  void begin() noexcept;
  /// After each run. Whether the outcome is one to be judged: false for runs that were given up as redundant.
  bool end_run(const Outcome& outcome) noexcept;
  /// Choose the next run. False: there is none left.
  [[nodiscard]] bool next_run() noexcept;

  /// No run was made yet, nor has it any to go on from: the first one needs no next_run().
  [[nodiscard]] bool is_new() const noexcept {
    return nodes_.empty() && counts_.executions + counts_.redundant + counts_.cut == 0;
  }
  /// Where the search is, between end_run() and next_run(), for another process to go on from: opaque words.
  [[nodiscard]] std::vector<std::uint64_t> save() const { return save_path(kWhole, Reader::kAnyone); }
  /// Who can go on from words: any process, or only those that were forked with the target loaded, and have
  /// all their addresses in common. Addresses that mean nothing to the reader cost redundant runs.
  enum class Reader : std::uint8_t { kAnyone, kForked };
  /// Gives away a part of what is left, for another explorer to restore() and go on with: the choices that
  /// are left at the first state of the path that has any. From then on both explore what is theirs, and no
  /// trace twice. Between end_run() and next_run(); no words: there is nothing to give now.
  [[nodiscard]] std::vector<std::uint64_t> split(Reader reader);
  /// Go on from there, with the same target, program and options; next_run() comes next. False: the words are
  /// not of save(), and a new search has begun.
  [[nodiscard]] bool restore(std::span<const std::uint64_t> words);

  /// N2, a pass of its own: prepare a run that goes to a state the last run was first to reach, and there
  /// lets one context take steps alone until its call is answered. Between end_run() and next_run(), until
  /// false.
  [[nodiscard]] bool next_alone() noexcept;
  struct Alone {
    std::uint8_t context = 0;
    std::uint8_t call = 0;  ///< Index in Trace::calls.
    std::uint32_t steps = 0;
    bool finished = false;  ///< False, and not cut: it waits for what only others can do.
    bool cut = false;       ///< A limit was reached before either was seen.
    bool may_sleep = false;
  };
  /// After such a run.
  [[nodiscard]] Alone end_alone(const Outcome& outcome) noexcept;

  [[nodiscard]] const ExplorerCounts& counts() const noexcept { return counts_; }
  /// Nothing was cut off and nothing left out: once next_run() is false, every trace has been explored.
  [[nodiscard]] bool complete() const noexcept {
    return counts_.cut == 0 && counts_.pruned == 0 && counts_.loops == 0 && !misses_migrations();
  }
  /// Where a handler keeps a CPU, no task can move there; that this depends on when the handler begins is not
  /// taken for a race.
  [[nodiscard]] bool misses_migrations() const noexcept { return options_.migrations != 0 && saw_handlers_; }
  /// The Mazurkiewicz traces of complete runs, by hash; empty unless they are counted.
  [[nodiscard]] const std::unordered_set<std::uint64_t>& traces() const noexcept { return traces_; }
  /// That of the last run.
  [[nodiscard]] std::uint64_t trace() const noexcept { return trace_hash(); }
  /// A guess at the share of the search that is done, from how much of each choice on the present path is.
  [[nodiscard]] double share_done() const noexcept;

  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 0; }
  [[nodiscard]] Choice choose(const Point& point) noexcept override;

  void on_access(const AccessRecord& record) override;
  void on_departure(std::uint8_t, std::uint8_t) override {}
  void on_handler(std::uint8_t, bool) override {}
  void on_call(std::uint8_t) override {}
  void on_answer(std::uint8_t) override {}
  void on_mapping(std::uint64_t, std::uint64_t, bool) override {}
  void on_free_within(std::uint64_t, std::uint8_t) override {}
  void on_mask() override;
  void on_meeting(std::uint8_t what, bool writes) override;

 private:
  struct Node;
  struct Place;
  struct Spin;
  struct Section;

  [[nodiscard]] std::uint8_t decide() noexcept;
  [[nodiscard]] std::uint8_t decide_alone(std::uint16_t enabled) noexcept;
  void begin_run() noexcept;
  [[nodiscard]] std::uint16_t busy(std::uint16_t enabled) noexcept;
  void open_node(std::uint16_t enabled) noexcept;
  [[nodiscard]] std::uint8_t pick(const Node& node) const noexcept;
  void wake_some(Node& node) noexcept;
  [[nodiscard]] static Footprint print_so_far(const Node& node) noexcept;
  [[nodiscard]] bool is_new(const Node& node, std::uint8_t context, std::uint32_t message) const noexcept;
  void offer_messages(Node& node, const Point& point) noexcept;
  void offer_variants(Node& node, const Point& point, bool before_step) noexcept;
  void finish_step(bool goes_on) noexcept;
  void find_conflicts() noexcept;
  void find_sources(Node& node) noexcept;
  [[nodiscard]] std::span<const std::uint32_t> conflicts_of(const Node& node) const noexcept;
  [[nodiscard]] std::span<const std::uint32_t> rivals_of(const Node& node) const noexcept;
  [[nodiscard]] std::uint16_t covered(const Node& node, std::size_t at, std::size_t later,
                                      std::uint16_t possible) const noexcept;
  void find_order() noexcept;
  void find_races() noexcept;
  [[nodiscard]] std::size_t whole(std::size_t step, std::size_t seen_by) const noexcept;
  [[nodiscard]] bool excludes(std::uint8_t handler, std::uint8_t context) const noexcept;
  void join_handlers_before(std::size_t step, Clock& clock) const noexcept;
  void join_whole_handlers(std::size_t step, Clock& clock) const noexcept;
  [[nodiscard]] bool move_beginning(std::uint8_t handler) noexcept;
  static void note_masks(Node& node) noexcept;
  void find_sections();
  [[nodiscard]] const Section* section_against(std::size_t step, std::size_t other) const noexcept;
  [[nodiscard]] const Section* open_section(std::size_t step, std::size_t other, std::size_t at,
                                            std::size_t later, const Clock& moved) const noexcept;
  [[nodiscard]] bool is_kept_out(std::size_t step, std::size_t at, const Clock& moved) const noexcept;
  [[nodiscard]] static bool may_keep_out(std::uint8_t context, const Footprint& print) noexcept;
  void join_whole_sections(std::size_t step, Clock& clock) const noexcept;
  [[nodiscard]] bool move_sections() noexcept;
  [[nodiscard]] std::size_t lifted(std::size_t step, std::size_t other) const noexcept;
  void reverse(std::size_t earlier, std::size_t later, const Clock& before, Clock moved) noexcept;
  void reverse_after_handlers(std::size_t at, std::size_t later, const Clock& needed,
                              const Clock& moved) noexcept;
  void reverse_after_sources(std::size_t at, std::size_t later, Clock before, const Clock& moved) noexcept;
  [[nodiscard]] Clock needs(std::size_t at, std::size_t later, Clock known,
                            const Clock& moved) const noexcept;
  [[nodiscard]] std::uint16_t initials(std::size_t at, std::size_t later, const Clock& before, Clock moved,
                                       bool keeps_handlers) const noexcept;
  [[nodiscard]] bool comes_free(std::size_t at, std::size_t later, const Clock& needed,
                                const Clock& moved) const noexcept;
  [[nodiscard]] std::size_t step_back(std::size_t at, std::uint8_t context, std::uint8_t cpu,
                                      Clock& moved) const noexcept;
  void reverse_within_bound(std::size_t at, std::uint8_t own) noexcept;
  [[nodiscard]] bool is_preemption(std::size_t at, std::uint8_t context) const noexcept;
  void note_spin(const Node& node, bool goes_on) noexcept;
  void wake_spinning(std::uintptr_t granule) noexcept;
  void touch_awaited(const Node& node);
  [[nodiscard]] bool repeats(Spin& spin, const Running& me) noexcept;
  [[nodiscard]] Place& place(std::uintptr_t granule) noexcept;
  [[nodiscard]] std::uint64_t trace_hash() const noexcept;
  [[noreturn]] void abandon(bool cut) noexcept;
  static constexpr std::size_t kWhole = SIZE_MAX;
  [[nodiscard]] std::vector<std::uint64_t> save_path(std::size_t nodes, Reader reader) const;
  [[nodiscard]] std::uint16_t left_at(const Node& node) const noexcept;

  ExplorerOptions options_;
  ExplorerCounts counts_;
  std::unordered_set<std::uint64_t> traces_;
  std::vector<Node> nodes_;
  std::size_t fixed_ = 0;      ///< Nodes whose other choices are explored elsewhere, or have been.
  std::size_t prefix_ = 0;     ///< Nodes whose choice is made before the run begins.
  std::size_t fresh_ = 0;      ///< The first node whose step was not taken by an earlier run.
  std::size_t depth_ = 0;      ///< Steps taken in the present run.
  std::uint8_t wanted_ = 0;    ///< The context that is to take the next step, or kNobody.
  std::uint8_t stepping_ = 0;  ///< The context whose step is being taken, or kNobody.
  bool accessed_ = false;      ///< That step has made an access.
  bool from_call_ = false;     ///< That step began before its call did.
  std::uint8_t detours_ = 0;
  bool redundant_ = false, cut_ = false;
  std::uint32_t run_ = 0;  ///< Number of the run; marks what of the tables is of this run.

  std::vector<Node> kept_;        ///< The path of the last run, while a context runs alone.
  std::size_t reached_ = 0;       ///< Steps of the last run.
  std::size_t alone_from_ = 0;    ///< The state from which a context runs alone,
  std::uint16_t alone_left_ = 0;  ///< those that have not been there,
  Alone alone_;                   ///< and what has become of the present one.
  bool is_alone_ = false;

  struct Touch {
    std::uintptr_t granule;
    std::uint64_t value;
    bool write;
    bool could_write;
    bool read = true;
    bool rc11 = false;
    std::uint32_t message = 0;   ///< Of a history, and read: the number of the write.
    bool awaited = false;        ///< Not read by the step, but a write of it let the context go on.
    std::uint64_t expected = 0;  ///< Under rc11: of a compare-exchange.
  };
  std::vector<Touch> touches_;  ///< Of all steps of the run.
  std::vector<Place> places_;
  std::uint32_t place_count_ = 0;
  std::vector<Spin> spins_;
  std::vector<std::uint32_t> conflicts_;  ///< Of all steps: the steps they conflict with, the last one first.
  std::vector<std::uint32_t> rivals_;     ///< Of all steps under rc11: the steps they race with.
  std::vector<std::uint32_t> writer_;     ///< By number of a write under rc11: its step.
  struct ReadOf {
    std::uint32_t step, next;
    bool took;            ///< Nobody else can exchange what it has read,
    std::uint64_t value;  ///< which is this.
  };
  std::vector<ReadOf> reads_;  ///< Lists, by place.
  std::vector<std::uint32_t> races_, reversed_;
  std::array<std::vector<std::uint32_t>, kMaxContexts> steps_of_;  ///< Per context: its steps of the run.
  std::vector<Clock> begins_;  ///< Per handler: what of its CPU it turned out to begin after.
  struct BegunAfter {
    std::uint32_t first, step;  ///< The first step of a handler or a section, and what it comes after.
  };
  std::vector<Section> sections_;  ///< By the index of the step and class; empty: no step masks anything.
  std::vector<Clock>
      sections_begin_;  ///< Per step: what the section that it begins turned out to come after.
  std::vector<BegunAfter> begun_after_;
  bool saw_handlers_ = false;        ///< In any run.
  std::uint16_t handlers_ = 0;       ///< Bit per handler that has taken a step.
  std::uint16_t held_back_ = 0;      ///< Bit per context that spins.
  std::uint16_t was_held_ = 0;       ///< Those that have not taken a step since they were held back.
  std::uint16_t unproven_ = 0;       ///< Of these, those that might leave their loop by themselves.
  bool leaves_loops_ = false;        ///< One of those was not let go on although it could.
  std::uint32_t writes_before_ = 0;  ///< Writes of the run before the present step.
  bool failed_exchange_ = false;
  bool has_masks_ = false;     ///< A step of the run leaves something masked.
  bool orders_steps_ = false;  ///< Some of its steps conflict: their order makes a difference by itself.
};

}  // namespace labyrinth::machine
