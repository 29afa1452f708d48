// Finding a target's constants: by its program headers, which are sorted by address (System V ABI, ch. 5).
#include "constants.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>

namespace labyrinth::machine {
namespace {

struct Search {
  std::uintptr_t base;
  std::span<const std::byte> found;
};

int look_at(dl_phdr_info* info, std::size_t /*size*/, void* data) noexcept {
  auto& search = *static_cast<Search*>(data);
  if (info->dlpi_addr != search.base) return 0;
  for (const auto& header : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
    if (header.p_type != PT_LOAD) continue;
    if ((header.p_flags & PF_W) != 0) break;
    search.found = {reinterpret_cast<const std::byte*>(search.base), header.p_vaddr + header.p_memsz};
  }
  return 1;
}

}  // namespace

std::span<const std::byte> constants_of(const labyrinth_target& table) noexcept {
  Dl_info info{};
  if (dladdr(&table, &info) == 0) return {};
  Search search{reinterpret_cast<std::uintptr_t>(info.dli_fbase), {}};
  dl_iterate_phdr(look_at, &search);
  return search.found;
}

}  // namespace labyrinth::machine
