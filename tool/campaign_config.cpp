// Reading and writing campaign.toml. What it says may run for weeks, so nothing in it is guessed.
#include "campaign_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <set>
#include <string_view>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

constexpr double kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file), directory_(fs::absolute(file).parent_path()) {}
  [[nodiscard]] bool failed() const { return failed_; }

  void complain(const toml::source_region& place, const std::string& message) {
    fmt::print(stderr, "{}:{}:{}: {}\n", file_.string(), place.begin.line, place.begin.column, message);
    failed_ = true;
  }

  void keys(const toml::table& table, const std::string& where, std::initializer_list<const char*> allowed) {
    for (const auto& [key, node] : table) {
      if (std::none_of(allowed.begin(), allowed.end(), [&](const char* name) { return key.str() == name; }))
        complain(key.source(), fmt::format("there is no key `{}`{}; there are {}", key.str(), where,
                                           fmt::join(allowed, ", ")));
    }
  }

  /// Null: it is not there, or is no table.
  const toml::table* table(const toml::table& parent, const char* key) {
    const toml::node* const node = parent.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) complain(node->source(), fmt::format("{}: a table [{}] is wanted", key, key));
    return node->as_table();
  }

  template <typename Number>
  void number(const toml::table& table, const char* key, std::uint64_t least, std::uint64_t most,
              Number& into) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return;
    const auto* const value = node->as_integer();
    if (value == nullptr || value->get() < 0 || static_cast<std::uint64_t>(value->get()) < least ||
        static_cast<std::uint64_t>(value->get()) > most) {
      complain(node->source(), fmt::format("{}: a whole number from {} to {} is wanted", key, least, most));
      return;
    }
    into = static_cast<std::uint32_t>(value->get());
    if constexpr (sizeof(Number) == sizeof(std::uint64_t)) into = static_cast<Number>(value->get());
  }

  void duration(const toml::table& table, const char* key, double& into) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return;
    const auto* const text = node->as_string();
    const auto seconds = text != nullptr ? duration_of_text(text->get()) : std::nullopt;
    if (!seconds) {
      complain(node->source(),
               fmt::format("{}: a text such as \"90s\", \"30m\", \"8h\", \"7d\" is wanted", key));
      return;
    }
    into = *seconds;
  }

  void text(const toml::table& table, const char* key, std::string& into) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return;
    const auto* const value = node->as_string();
    if (value == nullptr || value->get().empty()) {
      complain(node->source(), fmt::format("{}: a text is wanted", key));
      return;
    }
    into = value->get();
  }

  void path(const toml::table& table, const char* key, bool directory, fs::path& into) {
    std::string written;
    text(table, key, written);
    if (!written.empty()) into = existing(table.get(key)->source(), key, directory, written);
  }

  void paths(const toml::table& table, const char* key, std::vector<fs::path>& into) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return;
    const toml::array* const array = node->as_array();
    if (array == nullptr) {
      complain(node->source(), fmt::format("{}: an array of directories is wanted", key));
      return;
    }
    for (const toml::node& element : *array) {
      const auto* const value = element.as_string();
      if (value == nullptr || value->get().empty()) {
        complain(element.source(), fmt::format("{}: a text, the path of a directory, is wanted", key));
      } else {
        into.push_back(existing(element.source(), key, true, value->get()));
      }
    }
  }

 private:
  fs::path existing(const toml::source_region& place, const char* key, bool directory,
                    const std::string& written) {
    fs::path path = (directory_ / written).lexically_normal();
    std::error_code ignored;
    if (directory ? !fs::is_directory(path, ignored) : !fs::is_regular_file(path, ignored)) {
      complain(place,
               fmt::format("{}: there is no {} `{}`", key, directory ? "directory" : "file", path.string()));
    }
    return path;
  }

  const fs::path& file_;
  fs::path directory_;
  bool failed_ = false;
};

/// A text that TOML reads as itself: a path may hold any byte.
[[nodiscard]] std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

/// One line `key = value  # meaning`; commented out where nothing is chosen.
void line(std::string& out, bool chosen, const std::string& setting, const char* meaning) {
  out += fmt::format("{}{:<{}}  # {}\n", chosen ? "" : "# ", setting, chosen ? 28 : 26, meaning);
}

}  // namespace

std::optional<double> duration_of_text(const std::string& text) {
  double seconds = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t digits = text.find_first_not_of("0123456789", at);
    constexpr std::size_t kDigits = 9;
    if (digits == std::string::npos || digits == at || digits - at > kDigits) return std::nullopt;
    const double count = static_cast<double>(std::stoul(text.substr(at, digits - at)));
    constexpr std::string_view kUnits = "smhd";
    constexpr std::array kSeconds{1.0, kMinute, kHour, kDay};
    const std::size_t unit = kUnits.find(text[digits]);
    if (unit == std::string_view::npos) return std::nullopt;
    seconds += count * kSeconds.at(unit);
    at = digits + 1;
  }
  return seconds > 0 ? std::optional(seconds) : std::nullopt;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  const std::uint64_t days = whole / 86400, hours = whole / 3600 % 24, minutes = whole / 60 % 60;
  if (days != 0) return fmt::format("{}d {}h {}m", days, hours, minutes);
  if (hours != 0) return fmt::format("{}h {}m {}s", hours, minutes, whole % 60);
  return minutes != 0 ? fmt::format("{}m {}s", minutes, whole % 60) : fmt::format("{}s", whole);
}

std::optional<CampaignConfig> read_campaign_config(const fs::path& file) {
  Reader reader(file);
  toml::table document;
  try {
    document = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    if (error.source().begin.line == 0) {
      fmt::print(stderr, "{}: cannot be read; docs/campaigns.md says what belongs into it\n", file.string());
    } else {
      reader.complain(error.source(), std::string(error.description()));
    }
    return std::nullopt;
  }
  CampaignConfig config;
  constexpr std::uint64_t kWord = std::numeric_limits<std::uint32_t>::max();
  reader.keys(document, "",
              {"target", "against", "harness", "seed", "max_len", "input_timeout", "memory", "free_space",
               "seeds", "dictionary", "workers", "budget", "stop"});
  reader.path(document, "target", false, config.target);
  reader.path(document, "against", false, config.against);
  reader.text(document, "harness", config.harness);
  reader.number(document, "seed", 1, kWord, config.seed);
  reader.number(document, "max_len", 8, 2272, config.max_len);
  reader.number(document, "input_timeout", 1, 3600, config.input_timeout);
  reader.number(document, "memory", 64, 1U << 20U, config.memory);
  reader.number(document, "free_space", 0, 1U << 20U, config.free_space);
  reader.paths(document, "seeds", config.seeds);
  reader.path(document, "dictionary", false, config.dictionary);
  if (const toml::table* const workers = reader.table(document, "workers")) {
    reader.keys(*workers, " in [workers]", {"libfuzzer", "afl"});
    reader.number(*workers, "libfuzzer", 0, 256, config.libfuzzer);
    reader.number(*workers, "afl", 0, 256, config.afl);
    if (config.libfuzzer == 0U && config.afl == 0U)
      reader.complain(workers->source(), "[workers]: at least one worker is wanted");
  }
  if (const toml::table* const budget = reader.table(document, "budget")) {
    reader.keys(*budget, " in [budget]", {"time", "executions"});
    reader.duration(*budget, "time", config.seconds);
    reader.number(*budget, "executions", 1, std::numeric_limits<std::int64_t>::max(), config.executions);
  }
  if (const toml::table* const stop = reader.table(document, "stop")) {
    reader.keys(*stop, " in [stop]", {"no_new_coverage", "signatures"});
    reader.duration(*stop, "no_new_coverage", config.quiet_seconds);
    reader.number(*stop, "signatures", 1, kWord, config.signatures);
  }
  if (reader.failed()) return std::nullopt;
  return config;
}

std::string print_campaign_config(const CampaignConfig& config) {
  std::string out =
      "# A campaign of `labyrinth fuzz`. Change what is to be different, then `labyrinth fuzz resume`.\n";
  const auto text = [](const char* key, const fs::path& value) {
    return fmt::format("{} = {}", key, toml_text(value.string()));
  };
  const auto time = [](const char* key, double seconds) {
    return fmt::format("{} = \"{}s\"", key, static_cast<std::uint64_t>(seconds));
  };
  line(out, !config.target.empty(), text("target", config.target),
       "what is under test; default: the reference allocator");
  line(out, !config.against.empty(), text("against", config.against), "the other target of `differential`");
  line(out, true, text("harness", config.harness), "docs/harnesses.md");
  line(out, true, fmt::format("seed = {}", config.seed), "where chance begins");
  line(out, true, fmt::format("max_len = {}", config.max_len), "bytes of an input");
  line(out, true, fmt::format("input_timeout = {}", config.input_timeout),
       "seconds until an input counts as hanging");
  line(out, true, fmt::format("memory = {}", config.memory), "MiB of one worker");
  line(out, true, fmt::format("free_space = {}", config.free_space),
       "MiB on the disk; with less the workers wait");
  std::vector<std::string> seeds;
  seeds.reserve(config.seeds.size());
  for (const fs::path& seed : config.seeds) seeds.push_back(toml_text(seed.string()));
  line(out, true, fmt::format("seeds = [{}]", fmt::join(seeds, ", ")),
       "directories of inputs or traces to begin with");
  line(out, !config.dictionary.empty(), text("dictionary", config.dictionary), "words for mutations");
  out += "\n[workers]\n";
  line(out, config.libfuzzer.has_value(), fmt::format("libfuzzer = {}", config.libfuzzer.value_or(1)),
       "processes of libFuzzer");
  line(out, config.afl.has_value(), fmt::format("afl = {}", config.afl.value_or(1)), "processes of AFL++");
  out += "\n[budget]\n";
  line(out, config.seconds > 0, time("time", config.seconds > 0 ? config.seconds : 8 * kHour),
       "of all starts together: \"90s\", \"30m\", \"8h\", \"7d\"");
  line(out, config.executions > 0,
       fmt::format("executions = {}", config.executions > 0 ? config.executions : 1'000'000'000),
       "of all workers together");
  out += "\n[stop]\n";
  line(out, config.quiet_seconds > 0,
       time("no_new_coverage", config.quiet_seconds > 0 ? config.quiet_seconds : 2 * kHour),
       "after so long without a find");
  line(out, config.signatures > 0,
       fmt::format("signatures = {}", config.signatures > 0 ? config.signatures : 1),
       "after so many different crashes");
  return out;
}

}  // namespace labyrinth::tool
