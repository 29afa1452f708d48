// What fuzzers find in processes that end by abort(), told to whoever started them.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "descriptor.hpp"

namespace labyrinth::tool {

/// Memory that outlives those who write to it: this process's children, and theirs, that were started after
/// it was made. Lines are appended whole, so that several processes may do it at once.
class FoundList {
 public:
  /// Throws if there is no memory for it.
  FoundList();
  /// What was told so far, in its order; of who was killed while it wrote nothing.
  [[nodiscard]] std::vector<nlohmann::json> read() const;

 private:
  Descriptor memory_;
};

/// Tell the one who listens; nothing happens if nobody does.
void tell_found(const nlohmann::json& what);

}  // namespace labyrinth::tool
