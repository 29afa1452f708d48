// A mapper: the direct map, global slots and local stacks behind one handle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/mapping.h"
#include "labyrinth/types.hpp"
#include "mapping_slots.hpp"

namespace labyrinth::mapping {

[[nodiscard]] bool is_valid(const labyrinth_mapper_config& config) noexcept;

class Mapper {
 public:
  Mapper(const labyrinth_mapper_config& config, std::byte* metadata) noexcept;

  [[nodiscard]] void* page_address(std::uint64_t pfn) const noexcept;
  [[nodiscard]] Status map(std::uint64_t pfn, void*& address) noexcept;
  [[nodiscard]] Status unmap(std::uint64_t pfn) noexcept;
  [[nodiscard]] Status map_local(std::uint64_t pfn, bool atomic, void*& address) noexcept;
  [[nodiscard]] Status unmap_local(const void* address, bool atomic) noexcept;

  void set_up(labyrinth_map_stack& stack, std::uint32_t number) const noexcept;
  [[nodiscard]] const Slots& slots() const noexcept { return slots_; }

 private:
  [[nodiscard]] bool knows(std::uint64_t pfn) const noexcept {
    return pfn - config_.first_pfn < config_.frames;
  }
  [[nodiscard]] Status push(std::uint64_t pfn, bool atomic, void*& address) noexcept;

  const labyrinth_mapper_config config_;
  Slots slots_;
};

}  // namespace labyrinth::mapping

struct alignas(LABYRINTH_METADATA_ALIGNMENT) labyrinth_mapper {
  labyrinth::mapping::Mapper mapper;
};
