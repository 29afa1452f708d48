// What a run of the stress says, for people and for programs.
#pragma once

#include <string_view>

#include "crew.hpp"

namespace labyrinth::shipping {

/// 0 clean, 10 a violation, 11 if too few signals landed inside a call, or it was cut off.
[[nodiscard]] int verdict(const StressOptions& options, const StressResult& result);
/// A case for each clause that was found broken, or one for all of it. `fault`: what was said of the one that
/// ends the run; "" if there was none.
[[nodiscard]] tool::Results results_of(const std::string& program, const StressOptions& options, int code,
                                       std::string_view fault);
/// The command that does the same again.
[[nodiscard]] std::string again(const std::string& program, const StressOptions& options);
void print_report(const std::string& program, const StressOptions& options, const StressResult& result);

}  // namespace labyrinth::shipping
