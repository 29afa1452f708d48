// Splits a line of the text form into words and marks; reads numbers.
#include "trace_text_lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace labyrinth::machine::text {
namespace {

// Not <cctype>: that depends on the locale, and a trace must not.
constexpr bool in_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

constexpr bool blank(char c) noexcept { return c == ' ' || c == '\t'; }

constexpr std::size_t kShownLength = 40;

}  // namespace

Token Cursor::next() noexcept {
  while (position_ < line_.size() && blank(line_[position_])) ++position_;
  const std::size_t start = position_;
  const auto column = static_cast<unsigned>(start + 1);
  if (start == line_.size() || line_[start] == '#') return {Token::Kind::kEnd, {}, column};
  if (!in_word(line_[start])) {
    ++position_;
    return {Token::Kind::kMark, line_.substr(start, 1), column};
  }
  while (position_ < line_.size() && in_word(line_[position_])) ++position_;
  return {Token::Kind::kWord, line_.substr(start, position_ - start), column};
}

Token Cursor::peek_second() const noexcept {
  Cursor ahead(*this);
  static_cast<void>(ahead.next());
  return ahead.next();
}

bool Cursor::take(std::string_view wanted) noexcept {
  if (!peek().is(wanted)) return false;
  static_cast<void>(next());
  return true;
}

std::string shown(const Token& token) {
  if (token.kind == Token::Kind::kEnd) return "the end of the line";
  if (token.kind == Token::Kind::kMark) {
    const auto byte = static_cast<unsigned char>(token.text.front());
    if (byte < 0x20 || byte > 0x7e) return fmt::format("byte 0x{:02x}", byte);
  }
  if (token.text.size() > kShownLength) return fmt::format("`{}...`", token.text.substr(0, kShownLength));
  return fmt::format("`{}`", token.text);
}

std::optional<unsigned> bad_byte(std::string_view line) noexcept {
  const auto* const found = std::ranges::find_if(line, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (found == line.end()) return std::nullopt;
  return static_cast<unsigned>(found - line.begin()) + 1;
}

NumberFault read_number(std::string_view word, std::uint64_t& value) noexcept {
  int base = 10;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    word.remove_prefix(2);
    base = 16;
  }
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error == std::errc::invalid_argument || end != word.data() + word.size())
    return NumberFault::kNotANumber;
  return error == std::errc::result_out_of_range ? NumberFault::kTooLarge : NumberFault::kNone;
}

}  // namespace labyrinth::machine::text
