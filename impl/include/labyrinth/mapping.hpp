// The C++ interface of mappings: `Mapper`, a handle on a mapper that lives in its metadata, and
// `LocalMapping`, which maps a frame for a scope. Contexts, step bounds and answers are those of the C
// interface, which this wraps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/mapping.h"
#include "labyrinth/types.hpp"

namespace labyrinth {

using MapperConfig = labyrinth_mapper_config;
using MapPort = labyrinth_map_port;
using MapStack = labyrinth_map_stack;

// How a local mapping is held: kPreemptOff is map_atomic.
enum class Hold : bool { kLocal, kPreemptOff };

class LocalMapping;

// Where a frame was mapped; `address` counts only with kOk.
struct Mapped {
  Status status = Status::kBadArgument;
  void* address = nullptr;
};

// A copyable reference to a mapper, or to none; calls through an empty handle answer kBadArgument.
class Mapper {
 public:
  constexpr Mapper() noexcept = default;
  constexpr explicit Mapper(labyrinth_mapper* handle) noexcept : handle_(handle) {}

  // Bytes of metadata needed; 0 if the configuration is refused.
  [[nodiscard]] static std::size_t metadata_size(const MapperConfig& config) noexcept {
    return labyrinth_mapper_size(&config);
  }
  // An empty handle if the configuration or the metadata is refused.
  [[nodiscard]] static Mapper init(const MapperConfig& config, void* metadata, std::size_t size) noexcept {
    return Mapper{labyrinth_mapper_init(&config, metadata, size)};
  }

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return handle_ != nullptr; }
  [[nodiscard]] constexpr labyrinth_mapper* handle() const noexcept { return handle_; }

  void set_up(MapStack& stack, std::uint32_t number) const noexcept {
    labyrinth_map_stack_init(handle_, &stack, number);
  }
  [[nodiscard]] void* page_address(Pfn pfn) const noexcept {
    return labyrinth_page_address(handle_, pfn.value);
  }
  [[nodiscard]] Mapped map(Pfn pfn) const noexcept {
    Mapped result;
    result.status = static_cast<Status>(labyrinth_map(handle_, pfn.value, &result.address));
    return result;
  }
  [[nodiscard]] Status unmap(Pfn pfn) const noexcept {
    return static_cast<Status>(labyrinth_unmap(handle_, pfn.value));
  }
  // The mapping ends with the scope that it is made in.
  [[nodiscard]] LocalMapping map_local(Pfn pfn, Hold hold = Hold::kLocal) const noexcept;

 private:
  labyrinth_mapper* handle_ = nullptr;
};

// A frame that is mapped until the end of the scope. It can be neither copied nor moved: so scopes nest as
// the context's stack does, and the order is right by construction.
class LocalMapping {
 public:
  LocalMapping(Mapper mapper, Pfn pfn, Hold hold = Hold::kLocal) noexcept : mapper_(mapper), hold_(hold) {
    auto* const map = hold == Hold::kPreemptOff ? labyrinth_map_atomic : labyrinth_map_local;
    status_ = static_cast<Status>(map(mapper_.handle(), pfn.value, &address_));
  }
  ~LocalMapping() {
    if (status_ != Status::kOk) return;
    auto* const unmap = hold_ == Hold::kPreemptOff ? labyrinth_unmap_atomic : labyrinth_unmap_local;
    static_cast<void>(unmap(mapper_.handle(), address_));
  }
  LocalMapping(const LocalMapping&) = delete;
  LocalMapping& operator=(const LocalMapping&) = delete;

  [[nodiscard]] explicit operator bool() const noexcept { return status_ == Status::kOk; }
  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] void* address() const noexcept { return address_; }

 private:
  Mapper mapper_;
  void* address_ = nullptr;
  Status status_ = Status::kBadArgument;
  Hold hold_;
};

inline LocalMapping Mapper::map_local(Pfn pfn, Hold hold) const noexcept {
  return LocalMapping{*this, pfn, hold};
}

}  // namespace labyrinth
