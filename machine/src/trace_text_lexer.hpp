// The words of the text form: a cursor over one line, and numbers. Nothing here allocates but an error's
// message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace labyrinth::machine::text {

struct Token {
  enum class Kind : std::uint8_t { kWord, kMark, kEnd };  ///< kMark: any single byte that belongs to no word.
  Kind kind = Kind::kEnd;
  std::string_view text;
  unsigned column = 1;

  [[nodiscard]] bool is(std::string_view wanted) const noexcept {
    return kind != Kind::kEnd && text == wanted;
  }
  [[nodiscard]] bool is_word() const noexcept { return kind == Kind::kWord; }
};

/// Reads a line token by token. Blanks separate words and mean nothing else; `#` ends the line.
class Cursor {
 public:
  explicit Cursor(std::string_view line) noexcept : line_(line) {}
  [[nodiscard]] Token next() noexcept;
  [[nodiscard]] Token peek() const noexcept { return Cursor(*this).next(); }
  /// The token after the next one.
  [[nodiscard]] Token peek_second() const noexcept;
  /// Takes the next token if it is `wanted`.
  bool take(std::string_view wanted) noexcept;

 private:
  std::string_view line_;
  std::size_t position_ = 0;
};

/// A token in a message: quoted, printable, short; "the end of the line" if there is none.
[[nodiscard]] std::string shown(const Token& token);

/// The column of the first byte that no line may contain (controls other than tab); nothing if all are good.
[[nodiscard]] std::optional<unsigned> bad_byte(std::string_view line) noexcept;

enum class NumberFault : std::uint8_t { kNone, kNotANumber, kTooLarge };
/// Decimal, or hexadecimal after 0x; the whole word.
[[nodiscard]] NumberFault read_number(std::string_view word, std::uint64_t& value) noexcept;

}  // namespace labyrinth::machine::text
