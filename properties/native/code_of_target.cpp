// Whose instructions are the target's: its own object's, and those of libraries that only it needs.
#include <link.h>

#include <algorithm>
#include <vector>

#include "report.hpp"

namespace labyrinth::native {
namespace {

struct Part {
  std::uintptr_t base = 0;
  std::uintptr_t code = 0;  // 0: it has none
};

[[nodiscard]] std::vector<Part> loaded() {
  std::vector<Part> parts;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        Part part{info->dlpi_addr, 0};
        for (int i = 0; i < info->dlpi_phnum && part.code == 0; ++i) {
          const auto& header = info->dlpi_phdr[i];
          if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0)
            part.code = info->dlpi_addr + header.p_vaddr;
        }
        static_cast<std::vector<Part>*>(data)->push_back(part);
        return 0;
      },
      &parts);
  return parts;
}

/// What this program needs itself: the C library's code is interrupted where it is called, as a whole.
std::vector<Part> own;

}  // namespace

void remember_own_objects() { own = loaded(); }

std::vector<step::Text> code_of_target(std::string& error) {
  std::vector<step::Text> code;
  for (const Part& part : loaded()) {
    const bool is_own =
        std::any_of(own.begin(), own.end(), [&](const Part& other) { return other.base == part.base; });
    if (is_own || part.code == 0) continue;
    auto text = step::code_of(reinterpret_cast<const void*>(part.code), error);
    if (!text) return {};
    code.push_back(std::move(*text));
  }
  if (code.empty()) error = "the target has no code of its own";
  return code;
}

}  // namespace labyrinth::native
