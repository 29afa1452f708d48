// C2: what a mapper may answer, and what it must not forget: addresses of frames.
//
// An address is a number here. A frame is reached *directly*, at an address that is its for good, or through
// slots: global ones, each of one frame at a time and counted, and those of a context's own stack. Linux:
// kmap(), kmap_local_page(), kmap_atomic() in mm/highmem.c.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

enum class Way : std::uint8_t { kMap, kMapLocal, kMapAtomic };

/// Whether the frame is one of the machine's, and its address in the direct map; 0: it has none.
struct Home {
  bool exists = false;
  std::uint64_t direct = 0;
};

struct MapAnswer {
  Status status = Status::kOk;
  std::uint64_t address = 0;  ///< With kOk.
};

/// What the run showed of an address that was answered.
struct Surroundings {
  bool of_another = false;     ///< A mapping of another frame is certainly alive at it.
  bool in_direct_map = false;  ///< It is the direct address of some frame.
  std::uint64_t known = 0;  ///< Where the frame certainly is in a global slot already; 0: it may be in none.
};

/// An address that a mapping of the frame may have.
[[nodiscard]] constexpr bool fits(const Home& home, std::uint64_t address,
                                  const Surroundings& around) noexcept {
  if (home.direct != 0) return address == home.direct;
  return address != 0 && !around.of_another && !around.in_direct_map;
}

[[nodiscard]] constexpr Clause judge_page_address(const Home& home, std::uint64_t address) noexcept {
  return address == home.direct ? Clause::kNone : Clause::C2;
}

/// Local mappings of one context, oldest first. They are nobody else's: every answer is determined.
class LocalMappings {
 public:
  struct Mapping {
    Pfn pfn{};
    std::uint64_t address = 0;
    Way way = Way::kMapLocal;
  };
  static constexpr std::uint8_t kMost = 16;

  [[nodiscard]] constexpr std::uint8_t depth() const noexcept { return depth_; }
  [[nodiscard]] constexpr const Mapping& at(std::uint8_t index) const noexcept { return mappings_[index]; }
  [[nodiscard]] constexpr const Mapping& newest() const noexcept { return mappings_[depth_ - 1U]; }
  constexpr void push(const Mapping& mapping) noexcept { mappings_[depth_++] = mapping; }
  constexpr void pop() noexcept { --depth_; }
  constexpr void clear() noexcept { depth_ = 0; }

  [[nodiscard]] constexpr Status must_map(const Home& home, std::uint32_t most) const noexcept {
    if (!home.exists) return Status::kBadArgument;
    return depth_ >= most ? Status::kExhausted : Status::kOk;
  }
  /// Only the newest one, and only in the way it was made.
  [[nodiscard]] constexpr Status must_unmap(std::uint64_t address, Way way) const noexcept {
    const bool matches = depth_ > 0 && newest().address == address && newest().way == way;
    return matches ? Status::kOk : Status::kBadArgument;
  }

 private:
  std::array<Mapping, kMost> mappings_{};
  std::uint8_t depth_ = 0;
};

[[nodiscard]] constexpr Clause judge_map_local(const LocalMappings& held, std::uint32_t most,
                                               const Home& home, const MapAnswer& answer,
                                               const Surroundings& around) noexcept {
  if (answer.status != held.must_map(home, most)) return Clause::C2;
  return answer.status != Status::kOk || fits(home, answer.address, around) ? Clause::kNone : Clause::C2;
}

[[nodiscard]] constexpr Clause judge_unmap_local(const LocalMappings& held, std::uint64_t address, Way way,
                                                 Status answer) noexcept {
  return answer == held.must_unmap(address, way) ? Clause::kNone : Clause::C2;
}

/// What the run showed of the frame and the global slots during a map() or an unmap().
struct MapEvidence {
  bool slots_full = false;         ///< At some instant other frames may have had all of them.
  bool mapped_throughout = false;  ///< The frame certainly was in one, all the time.
  bool may_be_mapped = false;      ///< At some instant the frame may have been in one ...
  bool may_be_unmapped = false;    ///< ... at some instant in none, but for this call.
  bool conflict = false;           ///< Another context took a conflicting step.
};

[[nodiscard]] constexpr Clause judge_map(const Home& home, const Situation& situation,
                                         const MapAnswer& answer, const Surroundings& around,
                                         const MapEvidence& seen) noexcept {
  if (!home.exists) return answer.status == Status::kBadArgument ? Clause::kNone : Clause::C2;
  if ((answer.status == Status::kBadContext) != !may_sleep(situation)) return Clause::C1;
  bool permitted = false;
  switch (answer.status) {
    case Status::kBadContext:
      return Clause::kNone;
    case Status::kOk:
      permitted = fits(home, answer.address, around) && (around.known == 0 || answer.address == around.known);
      break;
    case Status::kExhausted:
      permitted = home.direct == 0 && seen.slots_full && !seen.mapped_throughout;
      break;
    case Status::kContended:
      if (home.direct == 0 && !seen.conflict) return Clause::E3;
      permitted = home.direct == 0;
      break;
    case Status::kFragmented:
    case Status::kBadArgument:
      break;
  }
  return permitted ? Clause::kNone : Clause::C2;
}

[[nodiscard]] constexpr Clause judge_unmap(const Home& home, Status answer,
                                           const MapEvidence& seen) noexcept {
  bool permitted = false;
  if (!home.exists) {
    permitted = answer == Status::kBadArgument;
  } else if (home.direct != 0) {
    permitted = answer == Status::kOk;
  } else if (answer == Status::kContended) {
    return seen.conflict ? Clause::kNone : Clause::E3;
  } else {
    permitted = (answer == Status::kOk && seen.may_be_mapped) ||
                (answer == Status::kBadArgument && seen.may_be_unmapped);
  }
  return permitted ? Clause::kNone : Clause::C2;
}

}  // namespace labyrinth::model
