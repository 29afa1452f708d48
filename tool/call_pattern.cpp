// Reads patterns of programs, and holds programs against them.
#include "call_pattern.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace labyrinth::tool {
namespace {

[[nodiscard]] std::vector<std::string_view> parts(std::string_view text, char separator) {
  std::vector<std::string_view> result;
  for (;;) {
    const std::size_t end = text.find(separator);
    result.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

/// 0: no call is that.
CallPattern::Kinds CallPattern::kinds_of(std::string_view call) {
  Kinds kinds = 0;
  for (const std::string_view word : parts(call, '|')) {
    unsigned order = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), order);
    if (word == "any") {
      kinds |= kAny;
    } else if (word == "free") {
      kinds |= kFree;
    } else if (error == std::errc{} && end == word.data() + word.size() && order <= model::kMaxOrder.value) {
      kinds |= static_cast<Kinds>(Kinds{1} << order);
    } else {
      return 0;
    }
  }
  return kinds;
}

std::optional<CallPattern> CallPattern::of(std::string_view text, std::span<const std::uint8_t> calls,
                                           std::string& error) {
  CallPattern pattern;
  pattern.text_ = text;
  std::vector<std::uint8_t> counts;
  for (const std::string_view context : parts(text, '/')) {
    counts.push_back(0);
    for (const std::string_view call : parts(context, ',')) {
      ++counts.back();
      pattern.calls_.push_back(kinds_of(call));
      if (pattern.calls_.back() != 0) continue;
      error = fmt::format("`{}` is no call: an order, free or any, or several of them with | between", call);
      return std::nullopt;
    }
  }
  if (!std::equal(counts.begin(), counts.end(), calls.begin(), calls.end())) {
    error = fmt::format(
        "`{}` is of contexts of {} calls; the programs have such of {} (tasks by CPU, then handlers)", text,
        fmt::join(counts, "/"), fmt::join(calls, "/"));
    return std::nullopt;
  }
  return pattern;
}

bool CallPattern::matches(const machine::Trace& trace) const noexcept {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const machine::Call& call = trace.call_storage[i];
    const Kinds kind = call.op == machine::Op::kFree ? kFree : static_cast<Kinds>(Kinds{1} << call.order);
    if ((calls_[i] & kind) == 0) return false;
  }
  return true;
}

std::uint64_t CallPattern::programs(std::span<const std::uint8_t> orders, std::size_t flags) const {
  std::uint64_t result = 1;
  for (const Kinds kinds : calls_) {
    const auto allocations =
        std::count_if(orders.begin(), orders.end(), [&](auto order) { return (kinds >> order & 1U) != 0; });
    result *= static_cast<std::uint64_t>(allocations) * flags + ((kinds & kFree) != 0 ? 1 : 0);
  }
  return result;
}

}  // namespace labyrinth::tool
