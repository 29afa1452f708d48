// Where an object that is loaded (this program, or a shared object) lies in memory, part by part.
#pragma once

#include <link.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/machine/target.h"

namespace labyrinth::machine {

/// Valid as long as the object stays loaded.
struct LoadedObject {
  std::uintptr_t base = 0;                ///< What addresses in the headers are counted from.
  std::span<const ElfW(Phdr)> headers{};  ///< Empty: there is no such object.

  [[nodiscard]] std::span<std::byte> part(const ElfW(Phdr) & header) const noexcept {
    return {reinterpret_cast<std::byte*>(base + header.p_vaddr), header.p_memsz};
  }
  /// What nobody can write: code and constants, with which an object begins, up to its first segment that can
  /// be written. Segments are sorted by address (System V ABI, chapter 5).
  [[nodiscard]] std::span<const std::byte> constants() const noexcept;
};

/// The object that this address lies in.
[[nodiscard]] LoadedObject loaded_object(const void* address) noexcept;

/// Whether the object that the table lies in was built by labyrinth_add_target() as a plain one.
[[nodiscard]] bool is_plain(const labyrinth_target& table) noexcept;

}  // namespace labyrinth::machine
