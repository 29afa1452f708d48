// The rules of the corpus, one function each.
#include "corpus_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::tool {
namespace {

using machine::Decision;
using machine::Departure;
using machine::Trace;

/// The departure elsewhere, or to something else; both kinds of what a schedule can be a little wrong about.
void bend(const Trace& trace, Departure& departure, std::uint64_t& chance) {
  if (machine::random_below(chance, 4) != 0) {
    const int step = static_cast<int>(machine::random_below(chance, 7)) - 3;
    departure.access = static_cast<std::uint16_t>(
        std::clamp(departure.access + (step == 0 ? 4 : step), 0, static_cast<int>(machine::kMaxAccess)));
    return;
  }
  Decision& decision = departure.decision;
  if (decision.kind == Decision::Kind::kCpu || decision.kind == Decision::Kind::kMigrate) {
    decision.argument = static_cast<std::uint8_t>(machine::random_below(chance, trace.geometry.cpus));
  } else if (trace.call_count != 0) {
    departure.call = static_cast<std::uint8_t>(machine::random_below(chance, trace.call_count));
  }
}

/// Insertion, which keeps the order of those at one point and takes no heap.
void sort_by_point(Departure* begin, Departure* end) {
  const auto earlier = [](const Departure& a, const Departure& b) {
    return a.call != b.call ? a.call < b.call : a.access < b.access;
  };
  for (Departure* at = begin; at != end; ++at)
    std::rotate(std::upper_bound(begin, at, *at, earlier), at, at + 1);
}

}  // namespace

std::set<std::string> requirements_in(const std::string& comment) {
  std::set<std::string> found;
  for (const std::string& name : all_requirements()) {
    if (std::regex_search(comment, std::regex("\\b" + name + "\\b"))) found.insert(name);
  }
  return found;
}

const std::vector<std::string>& all_requirements() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (int clause = 1; clause <= static_cast<int>(model::kLastClause); ++clause)
      all.emplace_back(model::name(static_cast<model::Clause>(clause)));
    all.emplace_back("M2");
    return all;
  }();
  return names;
}

bool is_file_name(const std::string& name) {
  return !name.empty() && name.front() != '-' && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

std::vector<std::string> rules_broken(const CorpusInput& input, bool regression, const std::string& mutants) {
  std::vector<std::string> broken;
  const std::string& comment = input.file.comment;
  if (input.binary) return {"is no text: labyrinth corpus convert --to text makes it one"};
  if (machine::print_trace(input.file) != input.bytes)
    broken.emplace_back("is not in canonical form: labyrinth corpus check --fix writes it anew");
  if (comment.find_first_not_of(" \n") == std::string::npos) {
    broken.emplace_back("has no comment: say in its first lines what it shows");
    return broken;
  }
  if (requirements_in(comment).empty() && comment.find("signature died-") == std::string::npos)
    broken.emplace_back("names no requirement: say in its comment which of docs/requirements.md it shows");
  if (!regression) return broken;
  static const std::regex fails("^Fails on the mutant ([A-Za-z0-9_-]+)|^Failed on ");
  std::smatch found;
  if (!std::regex_search(comment, found, fails)) {
    broken.emplace_back("does not begin with `Fails on the mutant NAME (X1)` or `Failed on TARGET`");
  } else if (found[1].matched && !mutants.empty() &&
             !std::filesystem::exists(std::filesystem::path(mutants) / (found[1].str() + ".patch"))) {
    broken.push_back(fmt::format("names the mutant {}, of which {} has no patch", found[1].str(), mutants));
  }
  return broken;
}

std::vector<Trace> neighbours(const Trace& trace, std::uint64_t count, std::uint64_t seed) {
  std::vector<Trace> result;
  std::uint64_t chance = seed;
  if (trace.departure_count == 0) return result;
  for (std::uint64_t i = 0; i < count; ++i) {
    Trace other = trace;
    auto& departures = other.departure_storage;
    for (std::uint32_t edits = 1 + machine::random_below(chance, 3); edits > 0; --edits) {
      if (other.departure_count == 0) break;
      const std::uint32_t at = machine::random_below(chance, other.departure_count);
      if (machine::random_below(chance, 8) == 0) {
        std::copy(departures.begin() + at + 1, departures.begin() + other.departure_count,
                  departures.begin() + at);
        --other.departure_count;
      } else {
        bend(other, departures[at], chance);
      }
    }
    sort_by_point(departures.data(), departures.data() + other.departure_count);
    if (!machine::find_flaw(other) && !machine::same(other, trace)) result.push_back(other);
  }
  return result;
}

}  // namespace labyrinth::tool
