// Asking the dynamic linker.
#include "loaded_object.hpp"

#include <dlfcn.h>

namespace labyrinth::machine {
namespace {

int look_at(dl_phdr_info* info, std::size_t /*size*/, void* data) noexcept {
  auto& wanted = *static_cast<LoadedObject*>(data);
  if (info->dlpi_addr != wanted.base) return 0;
  wanted.headers = {info->dlpi_phdr, info->dlpi_phnum};
  return 1;
}

}  // namespace

std::span<const std::byte> LoadedObject::constants() const noexcept {
  std::size_t bytes = 0;
  for (const auto& header : headers) {
    if (header.p_type != PT_LOAD) continue;
    if ((header.p_flags & PF_W) != 0) break;
    bytes = header.p_vaddr + header.p_memsz;
  }
  return {reinterpret_cast<const std::byte*>(base), bytes};
}

LoadedObject loaded_object(const void* address) noexcept {
  Dl_info info{};
  if (dladdr(address, &info) == 0) return {};
  LoadedObject object{reinterpret_cast<std::uintptr_t>(info.dli_fbase), {}};
  dl_iterate_phdr(look_at, &object);
  return object;
}

bool is_plain(const labyrinth_target& table) noexcept {
  Dl_info info{};
  if (dladdr(&table, &info) == 0 || info.dli_fname == nullptr) return false;
  void* const library = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) return false;
  const bool plain = dlsym(library, "labyrinth_target_plain") != nullptr;
  dlclose(library);
  return plain;
}

}  // namespace labyrinth::machine
