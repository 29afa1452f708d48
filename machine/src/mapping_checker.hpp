// Holds the mappings of a run against the model (C2), online. Like the checker of blocks it sees calls begin
// and answer; a call takes effect at some instant between. So of a frame's users in global slots it knows
// bounds: answered maps less unmaps that have begun are certainly there; those answered or begun, less
// answered unmaps, may be.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/mapping.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::machine {

class MappingChecker {
 public:
  struct Setup {
    model::Span span{};
    std::uint64_t base = 0;  ///< The address of the first frame.
    MapShape shape{};
    std::array<model::Span, model::kZoneTypes + 1> unmapped{};  ///< Of the zones without a direct map.
  };
  void begin_run(const Setup& setup) noexcept;

  [[nodiscard]] model::Home home_of(model::Pfn pfn) const noexcept;
  [[nodiscard]] Violation judge_page_address(model::Pfn pfn, std::uint64_t address) const noexcept;

  void begin_map(std::uint8_t context, model::Pfn pfn, const model::Situation& situation) noexcept;
  /// Under rc11 the context's open call saw what was no longer the last: it can be refused by any state of
  /// the run, since which it was is not told apart.
  void look_back(std::uint8_t context) noexcept;
  [[nodiscard]] Violation end_map(std::uint8_t context, const model::MapAnswer& answer,
                                  bool conflict) noexcept;
  void begin_unmap(std::uint8_t context, model::Pfn pfn) noexcept;
  [[nodiscard]] Violation end_unmap(std::uint8_t context, model::Status status, bool conflict) noexcept;

  [[nodiscard]] Violation end_map_local(std::uint8_t context, model::Pfn pfn, model::Way way,
                                        const model::MapAnswer& answer) noexcept;
  /// From here on the mapping that this takes back may be gone.
  void begin_unmap_local(std::uint8_t context, std::uint64_t address, model::Way way) noexcept;
  [[nodiscard]] Violation end_unmap_local(std::uint8_t context, std::uint64_t address, model::Way way,
                                          model::Status status) noexcept;
  [[nodiscard]] const model::LocalMappings& held_by(std::uint8_t context) const noexcept {
    return held_[context];
  }

  /// A frame that may be in a global slot.
  struct Frame {
    model::Pfn pfn{};
    std::uint64_t address =
        0;  ///< That all maps answered since it was in no slot; 0: none yet, or not all the same.
    bool ambiguous =
        false;  ///< They were not: some of them may have been unmapped before they were answered.
    std::int16_t users = 0;  ///< Answered maps less answered unmaps.
    std::int16_t maps = 0;   ///< In progress.
    std::int16_t unmaps = 0;
    [[nodiscard]] bool certainly_mapped() const noexcept { return users > unmaps; }
    void answered_at(std::uint64_t where) noexcept;
    void forget_if_unmapped() noexcept;
  };
  /// Every frame that was to be put in a global slot during the run.
  [[nodiscard]] std::uint8_t frame_count() const noexcept { return frame_count_; }
  [[nodiscard]] const Frame& frame(std::uint8_t index) const noexcept { return frames_[index]; }

  /// Calls `visit(pfn, address)` for each mapping that is certainly alive.
  template <class Visit>
  void each_alive(Visit visit) const noexcept {
    for (std::uint8_t i = 0; i < frame_count_; ++i) {
      const Frame& frame = frames_[i];
      if (frame.certainly_mapped() && frame.address != 0) visit(frame.pfn, frame.address);
    }
    for (std::size_t context = 0; context < held_.size(); ++context) {
      const model::LocalMappings& held = held_[context];
      const std::uint8_t certain = static_cast<std::uint8_t>(held.depth() - (leaves_ >> context & 1U));
      for (std::uint8_t i = 0; i < certain; ++i) visit(held.at(i).pfn, held.at(i).address);
    }
  }

 private:
  struct Open {
    model::Pfn pfn{};
    model::Situation situation{};
    Frame* frame = nullptr;  ///< Null: it needs no slot, or must be refused, or no call is in progress.
    bool is_map = false;
    /// Of a map: an unmap of the frame was in progress meanwhile, so what it maps may be gone before it
    /// answers.
    bool may_be_undone = false;
    model::MapEvidence seen{};
  };
  [[nodiscard]] Frame* frame_of(model::Pfn pfn) noexcept;
  [[nodiscard]] bool slots_full_for(const Frame& frame) const noexcept;
  void look_again() noexcept;
  [[nodiscard]] model::Surroundings around(model::Pfn pfn, std::uint64_t address) const noexcept;
  [[nodiscard]] static Violation broken(model::Clause clause, const char* reason, std::uint64_t seen,
                                        std::uint64_t permitted = 0) noexcept;

  Setup setup_{};
  std::array<model::LocalMappings, kMaxContexts> held_{};
  std::uint16_t leaves_ = 0;  ///< Bit per context: its newest local mapping is being taken back.
  std::array<Open, kMaxContexts> open_{};
  std::array<Frame, std::size_t{2} * kMaxCalls> frames_{};
  std::uint8_t frame_count_ = 0;
};

}  // namespace labyrinth::machine
