// Read access to what a zone keeps to itself, for reports: its watermarks and its ownership words.
//
// The names of private members are permitted in an explicit instantiation, [temp.spec.general]; so a report
// can look at a zone, const as it is, and a zone need not know about reports.
#pragma once

#include "zone.hpp"

namespace labyrinth {

template <typename Key, typename Key::Member member>
struct Reveal {
  friend constexpr typename Key::Member member_of(Key) noexcept { return member; }
};

struct OwnershipKey {
  using Member = Ownership Zone::*;
  friend constexpr Member member_of(OwnershipKey) noexcept;
};
template struct Reveal<OwnershipKey, &Zone::ownership_>;

struct WatermarksKey {
  using Member = const Watermarks Zone::*;
  friend constexpr Member member_of(WatermarksKey) noexcept;
};
template struct Reveal<WatermarksKey, &Zone::watermarks_>;

[[nodiscard]] inline const Ownership& ownership_of(const Zone& zone) noexcept {
  return zone.*member_of(OwnershipKey{});
}

[[nodiscard]] inline const Watermarks& watermarks_of(const Zone& zone) noexcept {
  return zone.*member_of(WatermarksKey{});
}

}  // namespace labyrinth
