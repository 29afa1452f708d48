// Loading a target: dlopen, the table's check, and the GNU build id.
#include <dlfcn.h>
#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "labyrinth/machine/machine.hpp"
#include "loaded_object.hpp"
#include "refused_call.hpp"

namespace labyrinth::machine {
namespace {

/// The note that the linker's --build-id wrote into the object, found through its program headers; "" if
/// none.
[[nodiscard]] std::string build_id(const link_map& map) {
  struct Search {
    std::uintptr_t base;
    std::string id;
  } search{map.l_addr, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        if (info->dlpi_addr != wanted.base) return 0;
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& header = info->dlpi_phdr[i];
          if (header.p_type != PT_NOTE) continue;
          const auto* at = reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr);
          const char* const end = at + header.p_memsz;
          while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            std::memcpy(&note, at, sizeof note);
            const char* const name = at + sizeof note;
            const char* const value = name + ((note.n_namesz + 3U) & ~3U);
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
              for (std::uint32_t byte = 0; byte < note.n_descsz; ++byte) {
                wanted.id += fmt::format("{:02x}", static_cast<unsigned char>(value[byte]));
              }
              return 1;
            }
            at = value + ((note.n_descsz + 3U) & ~3U);
          }
        }
        return 0;
      },
      &search);
  return search.id;
}

}  // namespace

std::variant<Target, std::string> Target::load(const std::string& path) {
  const std::string where = path.find('/') == std::string::npos ? "./" + path : path;
  static_cast<void>(take_refused_call());
  void* library = dlopen(where.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fmt::format(
        "cannot load the target {}: {}\n  build one with labyrinth_add_target() and pass its .so", path,
        dlerror());
  }
  if (const char* const refused = take_refused_call(); refused != nullptr)
    return fmt::format("the target {} cannot be used: while it is loaded, {}", path, refused);
  using Entry = const labyrinth_target* (*)();
  auto* const entry = reinterpret_cast<Entry>(dlsym(library, "labyrinth_target_entry"));
  if (entry == nullptr) {
    return fmt::format(
        "{} is no target: it does not export labyrinth_target_entry() (labyrinth/machine/target.h)", path);
  }
  const labyrinth_target* table = entry();
  if (table == nullptr || table->abi != LABYRINTH_TARGET_ABI) {
    return fmt::format(
        "the target {} was built for another version of the target interface ({}, this is {}): rebuild it",
        path, table == nullptr ? 0 : table->abi, LABYRINTH_TARGET_ABI);
  }
  if (table->name == nullptr || table->description == nullptr || table->state_size == nullptr ||
      table->create == nullptr || table->alloc == nullptr || table->free == nullptr) {
    return fmt::format("the target {} lacks one of name, description, state_size, create, alloc, free", path);
  }
  if ((table->can & ~std::uint64_t{LABYRINTH_TARGET_CAN_ALL}) != 0) {
    return fmt::format(
        "the target {} says that it can do what this version does not know ({:#x}): rebuild it", path,
        table->can & ~std::uint64_t{LABYRINTH_TARGET_CAN_ALL});
  }
  const auto given = [](auto* function) { return function != nullptr ? 1 : 0; };
  const int of_objects = given(table->objects_size) + given(table->create_objects) + given(table->kmalloc) +
                         given(table->kfree) + given(table->objects_trim);
  if (of_objects != 0 && of_objects != 5) {
    return fmt::format(
        "the target {} has some of objects_size, create_objects, kmalloc, kfree, objects_trim, and not all",
        path);
  }
  link_map* map = nullptr;
  Target target;
  target.table_ = table;
  target.path_ = path;
  target.plain_ = machine::is_plain(*table);
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) target.build_ = build_id(*map);
  if (target.build_.empty()) {
    return fmt::format(
        "the target {} carries no build id: link it with -Wl,--build-id=sha1, as labyrinth_add_target() does",
        path);
  }
  return target;
}

/// In a dynamic symbol table, imports come before what the hash table lists (GNU hash: its second word is the
/// first symbol listed).
std::vector<std::string> Target::imports(std::string_view prefix) const {
  std::vector<std::string> result;
  Dl_info info;
  void* extra = nullptr;
  if (dladdr1(table_, &info, &extra, RTLD_DL_LINKMAP) == 0) return result;
  const ElfW(Sym)* symbols = nullptr;
  const char* names = nullptr;
  const std::uint32_t* hash = nullptr;
  for (const ElfW(Dyn)* entry = static_cast<const link_map*>(extra)->l_ld; entry->d_tag != DT_NULL; ++entry) {
    // The dynamic linker has made addresses of these.
    if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_GNU_HASH) hash = reinterpret_cast<const std::uint32_t*>(entry->d_un.d_ptr);
  }
  if (symbols == nullptr || names == nullptr || hash == nullptr) return result;
  for (std::uint32_t i = 1; i < hash[1]; ++i) {
    const std::string_view name = names + symbols[i].st_name;
    if (name.starts_with(prefix)) result.emplace_back(name.substr(prefix.size()));
  }
  std::ranges::sort(result);
  return result;
}

}  // namespace labyrinth::machine
