// Step bounds, the size of the objects, and speed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit_elf.hpp"
#include "audit_parts.hpp"
#include "audit_speed.hpp"
#include "corpus_apart.hpp"
#include "input.hpp"
#include "random_program.hpp"

namespace labyrinth::tool {
namespace {

using Numbers = std::vector<std::uint64_t>;  ///< 0: none.

[[nodiscard]] std::string text_of(const Numbers& numbers) {
  std::vector<std::string> words;
  for (const std::uint64_t number : numbers) words.push_back(number == 0 ? "-" : std::to_string(number));
  return fmt::format("{}", fmt::join(words, " "));
}

/// Of bounds or sizes, number by number, where less is better and none is worst.
[[nodiscard]] std::string judge(const Numbers& one, const Numbers& two, const char* better,
                                const char* worse) {
  bool up = false, down = false;
  for (std::size_t i = 0; i < std::max(one.size(), two.size()); ++i) {
    const auto rank = [i](const Numbers& numbers) {
      return i >= numbers.size() || numbers[i] == 0 ? UINT64_MAX : numbers[i];
    };
    up = up || rank(two) > rank(one);
    down = down || rank(two) < rank(one);
  }
  if (!up && !down) return "the same";
  return up && down ? fmt::format("{} and {}", better, worse) : up ? worse : better;
}

void add(AuditSession& session, const std::string& what, const Numbers& one, const Numbers& two,
         const char* better = "better", const char* worse = "worse") {
  session.measured({what, {text_of(one), text_of(two)}, judge(one, two, better, worse)});
}

struct BoundsAsked {
  const char* what;
  machine::Op op;
  std::uint32_t frames;
};
constexpr std::array kBounds{
    BoundsAsked{"declared steps, alloc, 64 frames, orders 0..6", machine::Op::kAlloc, 64},
    BoundsAsked{"declared steps, free, 64 frames, orders 0..6", machine::Op::kFree, 64},
    BoundsAsked{"declared steps, alloc, 4096 frames, orders 0..6", machine::Op::kAlloc, 4096},
    BoundsAsked{"declared steps, free, 4096 frames, orders 0..6", machine::Op::kFree, 4096},
};

[[nodiscard]] Numbers bounds(AuditPair& pair, Which side, const BoundsAsked& asked) {
  machine::Machine& machine = pair.machine(side);
  machine::Trace trace{};
  trace.geometry = machine::one_zone(1, asked.frames);
  trace.context_count = 1;
  trace.context_storage[0] = {model::Level::kTask, 0, 0, 0};
  machine::GoOn in_order;
  Numbers numbers;
  if (machine.run(trace, in_order).kind == machine::Outcome::Kind::kRefused) return numbers;
  trace.call_count = 1;
  for (std::uint8_t order = 0; order <= 6; ++order) {
    trace.call_storage[0] = {.op = asked.op, .order = order};
    numbers.push_back(machine.declared_steps(trace, 0));
  }
  return numbers;
}

void measure_bounds(AuditSession& session) {
  std::array<Numbers, 2> sides;
  work_apart(
      2 * kBounds.size(), kSecondsEach,
      [&](std::size_t i) {
        return nlohmann::json(bounds(session.pair(), kSides.at(i % 2), kBounds.at(i / 2)));
      },
      [&](std::size_t i, const Apart& apart) {
        sides.at(i % 2) = apart.death.empty() ? apart.result.get<Numbers>() : Numbers{};
        if (i % 2 == 1) add(session, kBounds.at(i / 2).what, sides[0], sides[1]);
        return !interrupted();
      });
}

/// The largest numbers of steps that were seen, order by order, where both sides were. They are of other runs
/// on each side, so a little more or less tells little.
void measure_steps(AuditSession& session) {
  const auto numbers = [](const nlohmann::json& rows) {
    Numbers most;
    for (const nlohmann::json& row : rows) {
      const auto order = row.at("order").get<std::size_t>();
      if (order >= most.size()) most.resize(order + 1);
      most[order] = row.at("most");
    }
    return most;
  };
  const auto add_seen = [&](const char* what, Numbers one, Numbers two) {
    const std::size_t orders = std::min(one.size(), two.size());
    one.resize(orders);
    two.resize(orders);
    // What one side alone was seen to do says nothing of the other one.
    for (std::size_t i = 0; i < orders; ++i)
      if (one[i] == 0 || two[i] == 0) one[i] = two[i] = 0;
    if (orders != 0) add(session, what, one, two, "fewer", "more");
  };
  StepTable& one = session.steps(Which::kOld);
  StepTable& two = session.steps(Which::kNew);
  add_seen("most steps seen, alloc, orders 0..", numbers(one.alloc_json()), numbers(two.alloc_json()));
  add_seen("most steps seen, free, orders 0..", numbers(one.free_json()), numbers(two.free_json()));
}

void measure_size(AuditSession& session, const std::array<AuditSide, 2>& sides) {
  const auto of = [](const AuditSide& side) { return size_of_object(side.plain); };
  const auto one = of(sides[0]), two = of(sides[1]);
  if (!one || !two) {
    session.undecided("size: a side has no object without hooks, or it is no ELF file", false);
    return;
  }
  add(session, "code, bytes", {one->code}, {two->code}, "smaller", "larger");
  add(session, "constants, bytes", {one->constants}, {two->constants}, "smaller", "larger");
  add(session, "data, bytes", {one->data}, {two->data}, "smaller", "larger");
}

/// What both run cleanly: of the rest the time would tell how soon a run ends.
[[nodiscard]] std::vector<machine::Trace> programs_for(AuditPair& plain,
                                                       const std::vector<CorpusInput>& corpus,
                                                       std::uint64_t seed) {
  constexpr std::uint64_t kRandom = 64;
  constexpr std::uint64_t kMostFrames = 4096;  // Larger machines are made anew for each run.
  std::vector<machine::Trace> programs;
  std::array<Shown, 2> shown;
  const auto take = [&](machine::Trace& trace) {
    trace.departure_count = 0;
    trace.memory = machine::MemoryModel::kSc;
    if (trace.geometry.frames() > kMostFrames) return;
    static_cast<void>(plain.in_order(trace, shown));
    if (shown[0].kind == Shown::Kind::kClean && shown[1].kind == Shown::Kind::kClean)
      programs.push_back(trace);
  };
  for (const CorpusInput& input : corpus) {
    machine::Trace trace = input.file.trace;
    take(trace);
  }
  for (std::uint64_t number = 0; number < kRandom; ++number) {
    machine::Trace trace;
    constexpr std::uint32_t kRecords = 60;
    random_program(seed, number, kRecords, trace);
    take(trace);
  }
  return programs;
}

void measure_speed(AuditSession& session, const std::array<AuditSide, 2>& sides,
                   const std::vector<CorpusInput>& corpus) {
  constexpr double kSeconds = 3;
  if (sides[0].plain.empty() || sides[1].plain.empty()) {
    session.undecided("speed: a side has no object without hooks (NAME-plain) in plain/ beside it", false);
    return;
  }
  const auto work = [&](std::size_t) -> nlohmann::json {
    const auto one = load_target(sides[0].plain), two = load_target(sides[1].plain);
    if (!one || !two) return {};
    AuditPair plain(*one, *two);
    const std::vector<machine::Trace> programs = programs_for(plain, corpus, session.options().seed);
    if (programs.empty()) return {};
    const SpeedRatio speed = compare_speed(plain, programs, kSeconds);
    return {{"old", fmt::format("{:.2f} M", speed.per_second[0] / 1e6)},
            {"new", fmt::format("{:.2f} M", speed.per_second[1] / 1e6)},
            {"verdict", fmt::format("{} (NEW's time by OLD's: {:.3f}, with 95 % {:.3f} to {:.3f}, {} pairs)",
                                    words_of(speed), speed.median, speed.low, speed.high, speed.pairs)}};
  };
  work_apart(1, 20 * kSeconds, work, [&](std::size_t, const Apart& apart) {
    if (!apart.death.empty() || apart.result.is_null())
      session.undecided("speed: no program runs cleanly on both sides without hooks" +
                            (apart.death.empty() ? std::string() : ": " + apart.death),
                        false);
    else
      session.measured({"calls a second, the machine's share included",
                        {apart.result.at("old"), apart.result.at("new")},
                        apart.result.at("verdict")});
    return true;
  });
}

}  // namespace

void measure_both(AuditSession& session, const std::array<AuditSide, 2>& sides,
                  const std::vector<CorpusInput>& corpus) {
  measure_bounds(session);
  measure_steps(session);
  measure_size(session, sides);
  if (!interrupted()) measure_speed(session, sides, corpus);
}

}  // namespace labyrinth::tool
