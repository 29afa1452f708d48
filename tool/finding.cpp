// Describing and saving findings.
#include "finding.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

[[nodiscard]] std::uint32_t hash(std::string_view text) noexcept {  // FNV-1a
  std::uint32_t value = 2166136261U;
  for (const char letter : text) value = (value ^ static_cast<std::uint8_t>(letter)) * 16777619U;
  return value;
}

[[nodiscard]] std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string bare_text(machine::TraceFile file) {
  file.comment.clear();
  file.build.clear();
  file.recorded.clear();
  return machine::print_trace(file);
}

std::string date_text(std::time_t when) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(when)); }

std::string signature(const machine::Trace& trace, const machine::Violation& violation) {
  std::string call = "drain";
  if (violation.call < trace.call_count) {
    const machine::Op op = trace.call_storage[violation.call].op;
    call = op == machine::Op::kAlloc     ? "alloc"
           : op == machine::Op::kBulk    ? "bulk"
           : op == machine::Op::kExact   ? "exact"
           : op == machine::Op::kFree    ? "free"
           : op == machine::Op::kDrain   ? "limbo"  // "drain" is the end of a run
           : op == machine::Op::kCache   ? "cache"
           : op == machine::Op::kBalance ? "balance"
           : op == machine::Op::kKmalloc ? "kmalloc"
           : op == machine::Op::kKfree   ? "kfree"
           : machine::maps(op)           ? "map"
           : machine::unmaps(op)         ? "unmap"
           : machine::addresses(op)      ? "page_address"
                                         : "mask";
  }
  std::string contexts;
  if (call != "drain")
    contexts = fmt::format("-{}", machine::level_name(trace.context_storage[violation.context].level));
  return fmt::format("{}-{}{}", model::name(violation.clause), call, contexts);
}

machine::TraceFile with_schedule(const machine::Trace& trace, const machine::Outcome& outcome) {
  machine::TraceFile file{};
  file.trace = trace;
  file.trace.departure_count = outcome.departure_count;
  const auto earlier = [](const machine::Departure& a, const machine::Departure& b) {
    return a.call != b.call ? a.call < b.call : a.access < b.access;
  };
  // Inserted behind their equals: several departures of one point are carried out in the order they were
  // made.
  auto* const begin = file.trace.departure_storage.begin();
  for (std::uint8_t i = 0; i < outcome.departure_count; ++i) {
    auto* const at = std::upper_bound(begin, begin + i, outcome.departures[i], earlier);
    std::move_backward(at, begin + i, begin + i + 1);
    *at = outcome.departures[i];
  }
  file.names = machine::default_names(file.trace);
  return file;
}

bool describe(machine::Machine& machine, const machine::Target& target, const Origin& origin,
              machine::TraceFile& file) {
  const std::vector<std::string> first = record(file, observe(machine, file));
  const machine::Violation violation = machine.outcome().violation;
  const std::vector<std::string> second = record(file, observe(machine, file));
  if (first != second || machine.outcome().kind != machine::Outcome::Kind::kViolation) {
    const auto [left, right] = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
    fmt::print(
        stderr,
        "labyrinth: two replays of the same trace differ: the target is not deterministic.\n  {}\n  {}\n",
        left != first.end() ? *left : "(end)", right != second.end() ? *right : "(end)");
    return false;
  }
  file.comment = fmt::format(
      "{}: {}.\n{}: seen {}, permitted {}.\nsignature {}, engine {}{}{}, {}\n{}{}target {} build {}\n",
      model::name(violation.clause), model::sentence(violation.clause), violation.reason, violation.seen,
      violation.permitted, signature(file.trace, violation), origin.engine,
      origin.seed.empty() ? "" : ", seed ", origin.seed, date_text(origin.when.value_or(std::time(nullptr))),
      origin.how, origin.how.empty() ? "" : "\n", target.table().name, target.build());
  file.build = target.build();
  file.recorded = first;
  return true;
}

std::optional<std::string> save(const std::string& directory, const std::string& signature,
                                const machine::TraceFile& file) {
  const std::string text = machine::print_trace(file);
  const std::string bare = bare_text(file);
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  int error = 0;
  for (int copy = 1; copy < 1000; ++copy) {
    std::string path = fmt::format("{}/{}-{:08x}{}.trace", directory, signature, hash(bare),
                                   copy == 1 ? "" : fmt::format("-{}", copy));
    error = write_new(path, text);
    if (error == 0) return path;
    if (error != EEXIST) break;
    const auto other = machine::parse_trace(contents(path));
    const auto* const saved = std::get_if<machine::TraceFile>(&other);
    if (saved != nullptr && bare_text(*saved) == bare) return path;
  }
  fmt::print(stderr,
             "labyrinth: the finding cannot be saved in {}: {}. Here it is; say --findings DIRECTORY for "
             "another place.\n\n{}\n",
             directory, std::strerror(error), text);
  return std::nullopt;
}

}  // namespace labyrinth::tool
