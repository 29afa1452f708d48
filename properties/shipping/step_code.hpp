// The code that is stepped through: where it lies in this process, and breakpoints in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace labyrinth::step {

/// The executable segment of a shared object.
struct Text {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t base = 0;  ///< What is to be taken off an address for the object's own.
  std::string path;         ///< Of the object.

  [[nodiscard]] bool has(std::uintptr_t address) const noexcept { return address - begin < end - begin; }
};

/// That of the shared object in which the address lies, made writable for breakpoints. Nothing, and why in
/// `error`, if it cannot be.
[[nodiscard]] std::optional<Text> code_of(const void* address, std::string& error);
/// That of the library which the loaded target at `path` calls, the same way; nor if the target is not one
/// that calls the library in an object of its own.
[[nodiscard]] std::optional<Text> text_of(const std::string& path, std::string& error);

/// One breakpoint: an INT3 in place of an instruction's first byte.
class Breakpoint {
 public:
  void set(std::uintptr_t address) noexcept;
  /// Puts the code back as it was.
  void remove() noexcept;
  [[nodiscard]] bool is_at(std::uintptr_t address) const noexcept {
    return address_ != 0 && address_ == address;
  }

 private:
  std::uintptr_t address_ = 0;  // 0: it is not set
  std::uint8_t kept_ = 0;
};

/// What an instruction is, for people: asked of llvm-symbolizer and llvm-objdump, once for each finding.
struct Instruction {
  std::string text;   ///< "lock andq %rdx, (%rax)"; empty if the tools are not there
  std::string lines;  ///< Innermost first, one "function at file:line:column" in each.
};
[[nodiscard]] Instruction instruction_at(const Text& text, std::uintptr_t address);

}  // namespace labyrinth::step
