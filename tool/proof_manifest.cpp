// Reading proofs.toml. What it says decides what counts as proved, so nothing in it is guessed or left aside.
#include "proof_manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "proof_sketch.hpp"

namespace labyrinth::tool {
namespace {

constexpr std::array kKeys{"name", "statement", "geometry", "unwind", "solver", "seconds",
                           "size", "clauses",   "cover",    "mutant", "flags",  "trace"};

/// Flags that would weaken what a proof says, or that the runner itself has to choose.
[[nodiscard]] bool forbidden(const std::string& flag) {
  constexpr std::array kWhole{"--partial-loops",
                              "--depth",
                              "--property",
                              "--function",
                              "--unwind",
                              "--paths",
                              "--cover",
                              "--assert-to-assume",
                              "--error-label",
                              "--stop-on-fail",
                              "--sat-solver",
                              "--external-sat-solver",
                              "--json-ui",
                              "--xml-ui",
                              "--dimacs",
                              "--program-only",
                              "--incremental-loop",
                              "--symex-complexity-limit",
                              "--ignore-properties-before-unwind-min"};
  if (flag.find("LABYRINTH_COVER") != std::string::npos) return true;
  const std::string word = flag.substr(0, flag.find('='));
  if (std::find(kWhole.begin(), kWhole.end(), word) != kWhole.end()) return true;
  if (!word.starts_with("--no-")) return word.starts_with("--show-");
  return word.find("check") != std::string::npos || word.find("assertion") != std::string::npos ||
         word.find("assumption") != std::string::npos;
}

/// A name becomes part of a file's name, where @ sets off the mutant.
[[nodiscard]] bool good_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
             std::string::npos;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}
  [[nodiscard]] bool failed() const { return failed_; }

  void complain(const toml::source_region& place, const std::string& message) {
    fmt::print(stderr, "{}:{}:{}: {}\n", path_, place.begin.line, place.begin.column, message);
    failed_ = true;
  }

  Proof read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end())
        complain(key.source(),
                 fmt::format("there is no key `{}`; there are {}", key.str(), fmt::join(kKeys, ", ")));
    }
    Proof proof;
    proof.name = text(table, "name");
    if (const auto* const node = table.get("name"); node != nullptr && node->is_string())
      check_name(*node, proof.name);
    proof.statement = text(table, "statement");
    proof.geometry = text(table, "geometry");
    proof.unwind = static_cast<unsigned>(number(table, "unwind", 1, 1'000'000));
    proof.seconds = number(table, "seconds", 0.001, 1e7);
    proof.cadical = one_of(table, "solver", {"cadical", "built-in"}) == "cadical";
    proof.size =
        proof_size_of_name(one_of(table, "size", {"quick", "standard", "nightly"})).value_or(proof.size);
    proof.clauses = texts(table, "clauses", "a proof is of clauses of the model");
    proof.cover = texts(table, "cover", "without a point that has to be reachable a proof may be empty");
    proof.mutants = texts(table, "mutant", "without a mutant nobody knows that the proof can fail");
    if (table.contains("trace")) proof.trace = one_of(table, "trace", sketch_kinds());
    if (table.contains("flags")) proof.flags = texts(table, "flags", "leave the key out");
    for (const std::string& flag : proof.flags) {
      if (forbidden(flag))
        complain(
            table.get("flags")->source(),
            fmt::format("flags: `{}` weakens a proof, or is the runner's to choose; leave it out", flag));
    }
    for (const std::string& mutant : proof.mutants) {
      if (!good_name(mutant))
        complain(table.get("mutant")->source(), fmt::format("mutant: `{}` is no name of a file", mutant));
    }
    return proof;
  }

 private:
  void check_name(const toml::node& node, const std::string& name) {
    if (!good_name(name))
      complain(node.source(), fmt::format("name: `{}`: letters, digits, - _ and . are wanted", name));
    const auto [earlier, fresh] = names_.emplace(name, node.source().begin.line);
    if (!fresh)
      complain(node.source(), fmt::format("name: `{}` is the proof of line {}, too", name, earlier->second));
  }

  /// Null, after saying so: the key is missing.
  const toml::node* find(const toml::table& table, const char* key) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) complain(table.source(), fmt::format("this proof has no key `{}`", key));
    return node;
  }

  std::string text(const toml::table& table, const char* key) {
    const toml::node* const node = find(table, key);
    if (node == nullptr) return {};
    const auto* const value = node->as_string();
    if (value == nullptr || value->get().empty()) {
      complain(node->source(), fmt::format("{}: a text is wanted", key));
      return {};
    }
    return value->get();
  }

  std::string one_of(const toml::table& table, const char* key, const std::vector<std::string>& choices) {
    const bool was_failed = failed_;
    std::string value = text(table, key);
    const bool found = std::find(choices.begin(), choices.end(), value) != choices.end();
    if (!found && failed_ == was_failed)
      complain(table.get(key)->source(),
               fmt::format("{}: one of {} is wanted, not `{}`", key, fmt::join(choices, ", "), value));
    return value;
  }

  double number(const toml::table& table, const char* key, double least, double most) {
    const toml::node* const node = find(table, key);
    if (node == nullptr) return least;
    const bool whole = least >= 1;
    const auto value = whole && !node->is_integer() ? std::nullopt : node->value<double>();
    if (!value || !(*value >= least && *value <= most)) {
      complain(node->source(), fmt::format("{}: a {} from {} to {} is wanted", key,
                                           whole ? "whole number" : "number", least, most));
      return least;
    }
    return *value;
  }

  /// A text, or an array of texts, of which there is at least one and none twice.
  std::vector<std::string> texts(const toml::table& table, const char* key, const char* why_not_none) {
    const toml::node* const node = find(table, key);
    if (node == nullptr) return {};
    if (node->is_string()) return {text(table, key)};
    const toml::array* const array = node->as_array();
    std::vector<std::string> values;
    if (array == nullptr) {
      complain(node->source(), fmt::format("{}: an array of texts is wanted", key));
      return {};
    }
    std::set<std::string> seen;
    for (const toml::node& element : *array) {
      const auto* const value = element.as_string();
      if (value == nullptr || value->get().empty()) {
        complain(element.source(), fmt::format("{}: a text is wanted", key));
      } else if (const bool fresh = seen.insert(value->get()).second; !fresh && std::string(key) != "flags") {
        complain(element.source(), fmt::format("{}: `{}` is there twice", key, value->get()));
      } else {
        values.push_back(value->get());
      }
    }
    if (array->empty()) complain(node->source(), fmt::format("{}: is empty; {}", key, why_not_none));
    return values;
  }

  const std::string& path_;
  std::map<std::string, toml::source_index> names_;
  bool failed_ = false;
};

}  // namespace

const char* name(ProofSize size) {
  return size == ProofSize::kQuick ? "quick" : size == ProofSize::kStandard ? "standard" : "nightly";
}

std::optional<ProofSize> proof_size_of_name(const std::string& wanted) {
  for (const ProofSize size : {ProofSize::kQuick, ProofSize::kStandard, ProofSize::kNightly}) {
    if (wanted == name(size)) return size;
  }
  return std::nullopt;
}

std::optional<std::vector<Proof>> read_manifest(const std::string& path) {
  Reader reader(path);
  toml::table document;
  try {
    document = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    if (error.source().begin.line == 0) {
      fmt::print(stderr, "{}: cannot be read; build the proofs, or name their directory with --proofs\n",
                 path);
    } else {
      reader.complain(error.source(), std::string(error.description()));
    }
    return std::nullopt;
  }
  std::vector<Proof> proofs;
  for (const auto& [key, node] : document) {
    const toml::array* const array = key.str() == "proof" ? node.as_array() : nullptr;
    if (array == nullptr || !std::all_of(array->begin(), array->end(),
                                         [](const toml::node& element) { return element.is_table(); })) {
      reader.complain(key.source(),
                      fmt::format("only tables [[proof]] are wanted here, not `{}`", key.str()));
      continue;
    }
    for (const toml::node& element : *array) proofs.push_back(reader.read(*element.as_table()));
  }
  if (!reader.failed() && proofs.empty()) {
    fmt::print(stderr, "{}: there is no table [[proof]] in it\n", path);
    return std::nullopt;
  }
  if (reader.failed()) return std::nullopt;
  return proofs;
}

}  // namespace labyrinth::tool
