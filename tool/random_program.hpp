// The programs of the random engine.
#pragma once

#include <cstdint>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

/// Program `number` of the stream that `seed` begins, of at most so many records; without a schedule. It
/// comes from random bytes through the fuzzers' grammar, so that both engines reach the same programs.
void random_program(std::uint64_t seed, std::uint64_t number, std::uint32_t records, machine::Trace& trace);

}  // namespace labyrinth::tool
