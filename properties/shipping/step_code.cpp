// Finding code, breakpoints in it, and its source lines.
#include "step_code.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "input.hpp"
#include "loaded_object.hpp"

namespace labyrinth::step {
namespace {

constexpr std::uint8_t kInt3 = 0xcc;

[[nodiscard]] void* library_function(const std::string& target) {
  void* const object = dlopen(target.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (object == nullptr) return nullptr;
  void* const function = dlsym(object, "labyrinth_alloc_page");
  dlclose(object);
  return function;
}

/// What a command prints; "" if it cannot be run.
[[nodiscard]] std::string output_of(const std::string& command) {
  // NOLINTNEXTLINE(cert-env33-c): fixed words, numbers, and a path in quotes.
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "re"), pclose);
  std::string text;
  std::array<char, 4096> buffer;
  while (pipe != nullptr) {
    const std::size_t bytes = fread(buffer.data(), 1, buffer.size(), pipe.get());
    if (bytes == 0) break;
    text.append(buffer.data(), bytes);
  }
  return text;
}

/// "…/impl/src/zone.cpp:3:1" without what comes before impl/, which differs from machine to machine.
[[nodiscard]] std::string from_impl(const std::string& place) {
  const std::size_t at = place.find("impl/");
  return at == std::string::npos ? place : place.substr(at);
}

}  // namespace

std::optional<Text> code_of(const void* address, std::string& error) {
  Dl_info info{};
  const machine::LoadedObject object = machine::loaded_object(address);
  const auto code = std::find_if(object.headers.begin(), object.headers.end(), [](const auto& header) {
    return header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0;
  });
  const bool found = dladdr(address, &info) != 0 && code != object.headers.end();
  const auto begin = found ? reinterpret_cast<std::uintptr_t>(object.part(*code).data()) : 0;
  const std::uintptr_t end = begin + (found ? object.part(*code).size() : 0);
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = begin & ~(page - 1);
  if (!found ||
      mprotect(reinterpret_cast<void*>(first), end - first, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    error = fmt::format("the code of {} cannot be made writable for breakpoints",
                        found ? info.dli_fname : "what is no shared object");
    return std::nullopt;
  }
  return Text{begin, end, object.base, info.dli_fname};
}

std::optional<Text> text_of(const std::string& path, std::string& error) {
  const void* const function = library_function(path.find('/') == std::string::npos ? "./" + path : path);
  if (function != nullptr) return code_of(function, error);
  error = fmt::format(
      "{} does not call the library in a shared object of its own: build it with labyrinth_add_stepped()",
      path);
  return std::nullopt;
}

void Breakpoint::set(std::uintptr_t address) noexcept {
  remove();
  auto* const code = reinterpret_cast<volatile std::uint8_t*>(address);
  address_ = address;
  kept_ = *code;
  *code = kInt3;
}

void Breakpoint::remove() noexcept {
  if (address_ == 0) return;
  *reinterpret_cast<volatile std::uint8_t*>(address_) = kept_;
  address_ = 0;
}

Instruction instruction_at(const Text& text, std::uintptr_t address) {
  const std::uintptr_t at = address - text.base;
  Instruction result;
  const std::string lines = output_of(
      fmt::format("llvm-symbolizer-19 --output-style=GNU --pretty-print -f -i -C --obj={} {:#x} 2>/dev/null",
                  tool::quoted(text.path), at));
  for (std::size_t from = 0; from < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', from), lines.size());
    std::string line = lines.substr(from, end - from);
    const std::size_t place = line.rfind(" at ");
    if (line.starts_with(" (inlined by) ")) line.erase(0, 14);
    const std::size_t cut = line.rfind(" at ");
    if (place != std::string::npos && cut != std::string::npos)
      result.lines += fmt::format("{} at {}\n", line.substr(0, cut), from_impl(line.substr(cut + 4)));
    from = end + 1;
  }
  // An instruction has at most fifteen bytes; the last line with a tab after its address is not ours.
  const std::string code =
      output_of(fmt::format("llvm-objdump-19 -d --no-show-raw-insn --no-leading-addr --start-address={:#x} "
                            "--stop-address={:#x} {} 2>/dev/null",
                            at, at + 15, tool::quoted(text.path)));
  const std::size_t label = code.find(">:\n");
  if (label != std::string::npos) {
    const std::size_t begin = code.find_first_not_of(" \t", label + 3);
    const std::size_t end = code.find('\n', begin);
    if (begin != std::string::npos) result.text = code.substr(begin, end - begin);
    for (char& letter : result.text)
      if (letter == '\t') letter = ' ';
  }
  return result;
}

}  // namespace labyrinth::step
