// A replay that notes what each access is about to touch.
#include "meetings.hpp"

#include <algorithm>

#include "labyrinth/machine/random.hpp"

namespace labyrinth::fuzz {

using machine::Decision;
using machine::Departure;
using machine::Trace;

class Meetings::Noting final : public machine::Strategy {
 public:
  Noting(const Trace& trace, Meetings& notes) noexcept : replay_(trace), notes_(notes) {}

  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 0; }
  [[nodiscard]] machine::Choice choose(const machine::Point& point) noexcept override {
    const bool departs = replay_.first(point.call) == point.access;
    machine::Choice choice{};
    if (departs) choice = replay_.choose(point);
    const bool again = departs && choice.ask_at == point.access;
    if (!again) choice.ask_at = point.access + 1;
    const bool notes = !again && point.coming.bytes != 0 && notes_.count_ != notes_.touches_.size();
    if (notes && point.access <= machine::kMaxAccess) {
      notes_.touches_[notes_.count_++] = {point.coming.address / 8, static_cast<std::uint16_t>(point.access),
                                          point.call, point.context, point.coming.may_write};
    }
    return choice;
  }

 private:
  machine::Replay replay_;
  Meetings& notes_;
};

namespace {

/// What lets the other context go on while this one stands before its access.
[[nodiscard]] Decision way_to(const Trace& trace, std::uint8_t from, std::uint8_t to) noexcept {
  const machine::Context& other = trace.context_storage[to];
  if (other.level != model::Level::kTask && other.cpu == trace.context_storage[from].cpu)
    return {Decision::Kind::kInterrupt, static_cast<std::uint8_t>(other.level)};
  if (other.cpu != trace.context_storage[from].cpu) return {Decision::Kind::kCpu, other.cpu};
  return {Decision::Kind::kTask, to};
}

}  // namespace

void Meetings::look(machine::Machine& machine, const Trace& trace) noexcept {
  count_ = 0;
  Noting noting(trace, *this);
  static_cast<void>(machine.run(trace, noting));
  find_meetings();
}

/// Who touches each granule, and who may write it, says which touches meet another: to compare each with each
/// took half as long as a run.
void Meetings::find_meetings() noexcept {
  struct Granule {
    std::uintptr_t number;
    std::uint16_t touched, written;  // bit per context
  };
  static_assert(machine::kMaxContexts <= 16);
  constexpr std::uint16_t kNone = 0xffff;
  std::array<Granule, std::tuple_size_v<decltype(touches_)>> granules;
  std::array<std::uint16_t, 2 * std::tuple_size_v<decltype(touches_)>> table;  // open addressing
  std::array<std::uint16_t, std::tuple_size_v<decltype(touches_)>> granule_of;
  table.fill(kNone);
  std::uint16_t granule_count = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Touch& touch = touches_[i];
    std::size_t at = (touch.granule * 0x9e3779b97f4a7c15U >> 32) % table.size();
    while (table[at] != kNone && granules[table[at]].number != touch.granule) at = (at + 1) % table.size();
    if (table[at] == kNone) {
      table[at] = granule_count;
      granules[granule_count++] = {touch.granule, 0, 0};
    }
    Granule& granule = granules[granule_of[i] = table[at]];
    const auto context = static_cast<std::uint16_t>(1U << touch.context);
    granule.touched |= context;
    if (touch.may_write) granule.written |= context;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    Touch& touch = touches_[i];
    const Granule& granule = granules[granule_of[i]];
    const unsigned met = touch.may_write ? granule.touched : granule.written;
    touch.meets = (met & ~(1U << touch.context)) != 0;
  }
}

std::optional<Departure> Meetings::draw(const Trace& trace, std::uint64_t& chance) const noexcept {
  if (count_ == 0) return std::nullopt;
  // From some place on the first that meets another, so that no pair is drawn for the length of a run alone.
  const auto count = static_cast<std::uint32_t>(count_);
  const std::uint32_t start = machine::random_below(chance, count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Touch& one = touches_[(start + i) % count];
    if (!one.meets) continue;
    const std::uint32_t from = machine::random_below(chance, count);
    for (std::uint32_t k = 0; k < count; ++k) {
      const Touch& other = touches_[(from + k) % count];
      if (meet(one, other)) return Departure{one.call, one.access, way_to(trace, one.context, other.context)};
    }
  }
  return std::nullopt;
}

}  // namespace labyrinth::fuzz
