// Text into a buffer that may be too small: what does not fit is counted, not written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace labyrinth {

class BoundedText {
 public:
  explicit BoundedText(std::span<char> buffer) noexcept : buffer_(buffer) {}

  void put(char c) noexcept {
    if (size_ < buffer_.size()) buffer_[size_] = c;
    ++size_;
  }
  void put(const char* text) noexcept {
    for (; *text != '\0'; ++text) put(*text);
  }
  void put(std::uint64_t number) noexcept {
    std::uint64_t digit = 1;
    while (number / digit >= 10) digit *= 10;
    for (; digit != 0; digit /= 10) put(static_cast<char>('0' + number / digit % 10));
  }

  // Ends the text with a zero where there is room for one, and tells the size without it.
  [[nodiscard]] std::size_t finish() noexcept {
    if (!buffer_.empty()) buffer_[size_ < buffer_.size() ? size_ : buffer_.size() - 1] = '\0';
    return size_;
  }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
};

}  // namespace labyrinth
