// A replay that notes what each access is about to touch.
#include "meetings.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "labyrinth/machine/random.hpp"

namespace labyrinth::fuzz {
namespace {

using machine::Decision;
using machine::Departure;
using machine::Trace;

struct Touch {
  std::uintptr_t granule = 0;  // of 8 bytes
  std::uint16_t access = 0;
  std::uint8_t call = 0;
  std::uint8_t context = 0;
  bool may_write = false;
};

/// Of longer runs the beginning.
constexpr std::size_t kMost = 512;

class Noting final : public machine::Strategy {
 public:
  explicit Noting(const Trace& trace) noexcept : replay_(trace) {}

  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 0; }
  [[nodiscard]] machine::Choice choose(const machine::Point& point) noexcept override {
    const bool departs = replay_.first(point.call) == point.access;
    machine::Choice choice{};
    if (departs) choice = replay_.choose(point);
    const bool again = departs && choice.ask_at == point.access;
    if (!again) choice.ask_at = point.access + 1;
    if (!again && point.coming.bytes != 0 && count_ != kMost && point.access <= machine::kMaxAccess) {
      touches_[count_++] = {point.coming.address / 8, static_cast<std::uint16_t>(point.access), point.call,
                            point.context, point.coming.may_write};
    }
    return choice;
  }
  [[nodiscard]] std::span<const Touch> touches() const noexcept { return {touches_.data(), count_}; }

 private:
  machine::Replay replay_;
  std::size_t count_ = 0;
  std::array<Touch, kMost> touches_;
};

[[nodiscard]] bool meet(const Touch& one, const Touch& other) noexcept {
  return one.granule == other.granule && one.context != other.context && (one.may_write || other.may_write);
}

/// What lets the other context go on while this one stands before its access.
[[nodiscard]] Decision way_to(const Trace& trace, std::uint8_t from, std::uint8_t to) noexcept {
  const machine::Context& other = trace.context_storage[to];
  if (other.level != model::Level::kTask && other.cpu == trace.context_storage[from].cpu)
    return {Decision::Kind::kInterrupt, static_cast<std::uint8_t>(other.level)};
  if (other.cpu != trace.context_storage[from].cpu) return {Decision::Kind::kCpu, other.cpu};
  return {Decision::Kind::kTask, to};
}

}  // namespace

std::optional<Departure> draw_meeting(machine::Machine& machine, const Trace& trace,
                                      std::uint64_t& chance) noexcept {
  Noting noting(trace);
  static_cast<void>(machine.run(trace, noting));
  const auto touches = noting.touches();
  if (touches.empty()) return std::nullopt;
  // From some place on the first that meets another, so that no pair is drawn for the length of a run alone.
  const auto count = static_cast<std::uint32_t>(touches.size());
  const std::uint32_t start = machine::random_below(chance, count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Touch& one = touches[(start + i) % count];
    const std::uint32_t from = machine::random_below(chance, count);
    for (std::uint32_t k = 0; k < count; ++k) {
      const Touch& other = touches[(from + k) % count];
      if (meet(one, other)) return Departure{one.call, one.access, way_to(trace, one.context, other.context)};
    }
  }
  return std::nullopt;
}

}  // namespace labyrinth::fuzz
