// What a target cannot do never reaches it (LABYRINTH_TARGET_CAN_*): how machines, requests and programs are
// narrowed to what it can, and which requirements say nothing of it for that reason.
#pragma once

#include <cstdint>
#include <vector>

#include "labyrinth/machine/target.h"
#include "labyrinth/machine/trace.hpp"
#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::machine {

/// The machine for a target of these capabilities: as many frames, at the same numbers; those of zones,
/// rooms and the void that it cannot have are zone NORMAL's.
[[nodiscard]] Geometry narrow(const Geometry& geometry, std::uint64_t can) noexcept;
/// The request without the flags that it does not know.
[[nodiscard]] model::Gfp narrow_what_it_lacks(model::Gfp gfp, std::uint64_t can) noexcept;
[[nodiscard]] inline model::Gfp narrow(model::Gfp gfp, std::uint64_t can) noexcept {
  return can == LABYRINTH_TARGET_CAN_ALL ? gfp : narrow_what_it_lacks(gfp, can);
}
/// Whether the call is not made at all. Of frees without CAN_CHECK_FREES only the run can tell.
[[nodiscard]] bool leaves_out(const Call& call, std::uint64_t can) noexcept;

/// A requirement, or a part of it, that is not checked of a target.
struct NotChecked {
  model::Clause clause = model::Clause::kNone;
  const char* why = "";
};
/// By clause. Plain: compiled without hooks.
[[nodiscard]] std::vector<NotChecked> not_checked(const labyrinth_target& target, bool plain);

}  // namespace labyrinth::machine
