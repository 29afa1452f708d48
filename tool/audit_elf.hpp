// How large a shared object is, by its own headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace labyrinth::tool {

/// Bytes. What fuzzers count edges in is left out.
struct ObjectSize {
  std::uint64_t code = 0;
  std::uint64_t constants = 0;
  std::uint64_t data = 0;  ///< That can be written to; zeroed or not.
};

/// Nothing: it is no ELF file of this machine's word size, or has neither section nor program headers.
[[nodiscard]] std::optional<ObjectSize> size_of_object(const std::string& path);

}  // namespace labyrinth::tool
