// What a run of the stress says, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "crew.hpp"

namespace labyrinth::shipping {

/// 0 clean, 10 a violation, 11 if too few signals landed inside a call, or it was cut off.
[[nodiscard]] int verdict(const StressOptions& options, const StressResult& result);
/// `again`: the command that does the same again.
void print_report(const std::string& again, const StressOptions& options, const StressResult& result);
[[nodiscard]] nlohmann::json json_of(const std::string& again, const StressOptions& options,
                                     const StressResult& result);
/// A case for each clause that was found broken, or one for all of it. `fault`: what was said of the one that
/// ends the run; "" if there was none.
[[nodiscard]] tool::Results results_of(const std::string& program, const std::string& again,
                                       const StressOptions& options, int code, std::string_view fault);

}  // namespace labyrinth::shipping
