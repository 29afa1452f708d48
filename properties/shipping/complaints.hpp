// What was found broken, kept where a signal handler can put it: no heap, no lock. The first one ends the
// run.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace labyrinth::shipping {

struct Complaint {
  std::string_view clause;  ///< Of docs/requirements.md, as X1.
  std::array<char, 320> text{};
  std::size_t size = 0;

  [[nodiscard]] std::string_view words() const { return {text.data(), size}; }
};

/// Any thread, any level. Complete once the threads are parked: until then the last ones may be half written.
class Complaints {
 public:
  template <typename... Args>
  void add(std::string_view clause, fmt::format_string<Args...> format, Args&&... args) {
    const std::size_t at = count_.fetch_add(1, std::memory_order_acq_rel);
    if (at >= kKept) return;
    Complaint& complaint = kept_[at];
    complaint.clause = clause;
    const auto end =
        fmt::format_to_n(complaint.text.data(), complaint.text.size(), format, std::forward<Args>(args)...);
    complaint.size = std::min(end.size, complaint.text.size());
  }

  /// With nobody else adding.
  void forget() { count_.store(0, std::memory_order_release); }

  [[nodiscard]] bool any() const { return count_.load(std::memory_order_acquire) != 0; }
  [[nodiscard]] std::size_t count() const { return count_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t kept() const { return std::min(count(), kKept); }
  [[nodiscard]] const Complaint& operator[](std::size_t at) const { return kept_[at]; }

 private:
  static constexpr std::size_t kKept = 8;
  std::atomic<std::size_t> count_{0};
  std::array<Complaint, kKept> kept_;
};

/// The run's. A program has complaints.cpp, or its own.
[[nodiscard]] Complaints& complaints();

}  // namespace labyrinth::shipping
