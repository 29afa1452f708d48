// What a trace has in it of what traces can have: kinds of call, flags, orders, decisions, levels, memory.
//
// The lists of what there is come from the types themselves, so that a feature that is new is one that no
// seed has, and is named.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

/// Names by group: "call" has "alloc", "free of a part", ...; "flag" has "kernel", "movable", ...
using Features = std::map<std::string, std::set<std::string>>;

[[nodiscard]] Features features_of(const machine::Trace& trace);

/// All that there are.
[[nodiscard]] const Features& all_features();

void join(Features& into, const Features& more);

/// What the first has and the second has not, as "group name".
[[nodiscard]] std::vector<std::string> lacking(const Features& all, const Features& some);

}  // namespace labyrinth::tool
