// Section headers of an ELF file, or, of one that was stripped of them, its program headers (elf(5)).
#include "audit_elf.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

namespace labyrinth::tool {
namespace {

class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  /// The object at that place; nothing if it does not lie within the file.
  template <class T>
  [[nodiscard]] std::optional<T> at(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  /// The text there, up to its zero.
  [[nodiscard]] std::string_view text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    const std::size_t end = bytes_.find('\0', offset);
    return std::string_view(bytes_).substr(offset, (end == std::string::npos ? bytes_.size() : end) - offset);
  }

 private:
  std::string bytes_;
};

[[nodiscard]] std::optional<ObjectSize> by_sections(const Image& image, const ElfW(Ehdr) & head) {
  const auto section = [&](std::uint64_t number) {
    return image.at<ElfW(Shdr)>(head.e_shoff + number * sizeof(ElfW(Shdr)));
  };
  const auto names = section(head.e_shstrndx);
  ObjectSize size;
  for (std::uint64_t number = 0; number < head.e_shnum; ++number) {
    const auto one = section(number);
    if (!one || !names) return std::nullopt;
    if ((one->sh_flags & SHF_ALLOC) == 0) continue;
    if (image.text(names->sh_offset + one->sh_name).starts_with("__sancov_")) continue;
    ((one->sh_flags & SHF_EXECINSTR) != 0 ? size.code
     : (one->sh_flags & SHF_WRITE) != 0   ? size.data
                                          : size.constants) += one->sh_size;
  }
  return size;
}

[[nodiscard]] std::optional<ObjectSize> by_segments(const Image& image, const ElfW(Ehdr) & head) {
  ObjectSize size;
  for (std::uint64_t number = 0; number < head.e_phnum; ++number) {
    const auto one = image.at<ElfW(Phdr)>(head.e_phoff + number * sizeof(ElfW(Phdr)));
    if (!one) return std::nullopt;
    if (one->p_type != PT_LOAD) continue;
    ((one->p_flags & PF_X) != 0   ? size.code
     : (one->p_flags & PF_W) != 0 ? size.data
                                  : size.constants) += one->p_memsz;
  }
  return size;
}

}  // namespace

std::optional<ObjectSize> size_of_object(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const Image image({std::istreambuf_iterator<char>(file), {}});
  const auto head = image.at<ElfW(Ehdr)>(0);
  constexpr unsigned char kClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != kClass)
    return std::nullopt;
  if (head->e_shnum != 0 && head->e_shentsize == sizeof(ElfW(Shdr))) return by_sections(image, *head);
  if (head->e_phnum != 0 && head->e_phentsize == sizeof(ElfW(Phdr))) return by_segments(image, *head);
  return std::nullopt;
}

}  // namespace labyrinth::tool
