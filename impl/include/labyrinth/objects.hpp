// The C++ interface of small objects: `Objects`, a handle on what lives in its metadata. Contexts, step
// bounds and answers are those of the C interface, which this wraps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/allocator.hpp"
#include "labyrinth/objects.h"
#include "labyrinth/types.hpp"

namespace labyrinth {

// A byte address: pfn * 4096 + offset.
struct Address {
  std::uint64_t value = LABYRINTH_NO_ADDRESS;

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

// A count of bytes.
struct Bytes {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

// One of the configuration's caches, by its index there.
struct CacheId {
  std::uint32_t value = 0;

  friend constexpr auto operator<=>(const CacheId&, const CacheId&) = default;
};

// The answer to an allocation; see struct labyrinth_object.
struct ObjectAnswer {
  Address address;
  Status status = Status::kBadArgument;
  bool wake = false;
};

using ObjectsConfig = labyrinth_objects_config;

// A copyable reference, or one to nothing; calls through an empty handle answer kBadArgument.
class Objects {
 public:
  constexpr Objects() noexcept = default;
  constexpr explicit Objects(labyrinth_objects* objects) noexcept : objects_(objects) {}

  // Bytes of metadata needed; 0 if the configuration is refused.
  [[nodiscard]] static std::size_t metadata_size(const ObjectsConfig& config) noexcept {
    return labyrinth_objects_metadata_size(&config);
  }

  // An empty handle if the configuration, the allocator or the metadata is refused.
  [[nodiscard]] static Objects init(const ObjectsConfig& config, Allocator allocator, void* metadata,
                                    std::size_t size) noexcept {
    return Objects{labyrinth_objects_init(&config, allocator.handle(), metadata, size)};
  }

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return objects_ != nullptr; }

  [[nodiscard]] ObjectAnswer kmalloc(Gfp gfp, Bytes bytes) const noexcept {
    labyrinth_object out;
    labyrinth_kmalloc(objects_, gfp.bits, bytes.value, &out);
    return {Address{out.address}, static_cast<Status>(out.status), out.wake};
  }
  [[nodiscard]] ObjectAnswer cache_alloc(CacheId cache, Gfp gfp) const noexcept {
    labyrinth_object out;
    labyrinth_cache_alloc(objects_, cache.value, gfp.bits, &out);
    return {Address{out.address}, static_cast<Status>(out.status), out.wake};
  }

  [[nodiscard]] Status kfree(Address address) const noexcept {
    return static_cast<Status>(labyrinth_kfree(objects_, address.value));
  }
  [[nodiscard]] Status cache_free(CacheId cache, Address address) const noexcept {
    return static_cast<Status>(labyrinth_cache_free(objects_, cache.value, address.value));
  }
  void trim() const noexcept { labyrinth_objects_trim(objects_); }

  [[nodiscard]] std::uint64_t kmalloc_steps(Bytes bytes) const noexcept {
    return labyrinth_kmalloc_steps(objects_, bytes.value);
  }
  [[nodiscard]] std::uint64_t kfree_steps() const noexcept { return labyrinth_kfree_steps(objects_); }
  [[nodiscard]] std::uint64_t trim_steps() const noexcept { return labyrinth_objects_trim_steps(objects_); }

 private:
  labyrinth_objects* objects_ = nullptr;
};

}  // namespace labyrinth
