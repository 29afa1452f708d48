// Which files are inputs, and what they say of themselves.
#include "corpus_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <span>

#include "input.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// What is meant as text, though it may not be right: the binary form takes anything.
[[nodiscard]] bool looks_like_text(const std::string& path, const std::string& bytes) {
  if (fs::path(path).extension() == ".trace") return true;
  const bool printable = std::ranges::all_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  });
  return printable && bytes.find("labyrinth trace") != std::string::npos;
}

/// libFuzzer: fuzzer::WriteUnitToFileWithPrefix; these are its prefixes.
constexpr std::array<const char*, 5> kLibfuzzerNames = {"crash-", "timeout-", "oom-", "leak-", "slow-unit-"};

[[nodiscard]] bool of_libfuzzer(const std::string& name) {
  return std::ranges::any_of(kLibfuzzerNames, [&](const char* prefix) { return name.starts_with(prefix); });
}
[[nodiscard]] bool of_afl(const std::string& name) {
  return name.starts_with("id:") || name.starts_with("id_");
}

/// A campaign's list of crashes: the engine of the worker that had each, "afl" of "afl-1", by its path there.
[[nodiscard]] std::map<std::string, std::string> engines_in(const fs::path& campaign) {
  std::map<std::string, std::string> engines;
  std::ifstream lines(campaign / "crashes.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const auto crash = nlohmann::json::parse(line, nullptr, false);  // The last line may be half written.
    if (!crash.is_object()) continue;
    const std::string worker = crash.value("worker", "");
    engines.emplace(crash.value("input", ""), worker.substr(0, worker.rfind('-')));
  }
  return engines;
}

/// "" of what no campaign says.
[[nodiscard]] std::string engine_by_campaign(const fs::path& path) {
  static std::map<fs::path, std::map<std::string, std::string>> campaigns;
  const fs::path folder = fs::absolute(path).parent_path();
  if (folder.parent_path().filename() != "crashes") return "";
  const fs::path campaign = folder.parent_path().parent_path();
  auto known = campaigns.find(campaign);
  if (known == campaigns.end()) known = campaigns.emplace(campaign, engines_in(campaign)).first;
  const auto found = known->second.find((fs::path("crashes") / folder.filename() / path.filename()).string());
  return found == known->second.end() ? "" : found->second;
}

[[nodiscard]] Origin origin_by_name(const std::string& path) {
  const std::string name = fs::path(path).filename();
  const std::string engine = of_libfuzzer(name) ? "libfuzzer"
                             : of_afl(name)     ? "afl++"
                                                : engine_by_campaign(path);
  if (engine.empty()) return {"unknown", "", fmt::format("found as {}", name)};
  return {engine, "", fmt::format("found as {} by {}", name, engine)};
}

/// The line that describe() writes: "signature S, engine E, seed N, 2026-11-22".
void read_header(const std::string& comment, Origin& origin) {
  static const std::regex line(
      "signature [^,\n]+, engine ([^,\n]+)(?:, seed ([^,\n]+))?, (\\d{4})-(\\d\\d)-(\\d\\d)");
  std::smatch found;
  if (!std::regex_search(comment, found, line)) return;
  origin.engine = found[1];
  origin.seed = found[2];
  std::tm date{};
  date.tm_year = std::stoi(found[3]) - 1900;
  date.tm_mon = std::stoi(found[4]) - 1;
  date.tm_mday = std::stoi(found[5]);
  origin.when = timegm(&date);
}

[[nodiscard]] bool meant(const fs::path& path, Wanted wanted) {
  const std::string name = path.filename();
  const std::string folder = path.parent_path().filename();
  if (name.starts_with("README")) return false;
  if (wanted == Wanted::kAll) return true;
  // A campaign's: crashes/SIGNATURE/HASH.
  if (fs::absolute(path).parent_path().parent_path().filename() == "crashes") return true;
  return of_libfuzzer(name) || path.extension() == ".trace" ||
         (of_afl(name) && (folder.starts_with("crashes") || folder.starts_with("hangs")));
}

void add_directory(const fs::path& directory, Wanted wanted, std::set<std::string>& files) {
  std::error_code ignored;
  // AFL++ keeps statistics and a bitmap beside its queue.
  const bool afl = fs::exists(directory / "fuzzer_stats", ignored);
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(".")) continue;
    if (entry.is_directory(ignored)) {
      const bool failures = name.starts_with("crashes") || name.starts_with("hangs");
      if (!afl || (wanted == Wanted::kAll ? name == "queue" : failures))
        add_directory(entry.path(), wanted, files);
    } else if (!afl && entry.is_regular_file(ignored) && meant(entry.path(), wanted)) {
      files.insert(entry.path().string());
    }
  }
}

}  // namespace

std::variant<CorpusInput, std::string> read_input(const std::string& path) {
  std::string error;
  auto bytes = read_bytes(path, error);
  if (!bytes) return fmt::format("{}: {}", path, error);
  CorpusInput input{};
  input.path = path;
  input.origin = origin_by_name(path);
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) input.origin.when = status.st_mtime;
  auto parsed = machine::parse_trace(*bytes);
  if (auto* const file = std::get_if<machine::TraceFile>(&parsed)) {
    input.file = std::move(*file);
    read_header(input.file.comment, input.origin);
  } else if (looks_like_text(path, *bytes)) {
    return machine::error_text(std::get<machine::ParseError>(parsed), path);
  } else {
    input.binary = true;
    machine::decode_trace({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()},
                          input.file.trace);
    input.file.names = machine::default_names(input.file.trace);
  }
  input.bytes = *std::move(bytes);
  return input;
}

std::vector<std::string> list_inputs(const std::vector<std::string>& paths, Wanted wanted) {
  std::set<std::string> files;
  std::error_code ignored;
  for (const std::string& path : paths) {
    if (fs::is_directory(path, ignored)) {
      add_directory(path, wanted, files);
    } else {
      files.insert(path);
    }
  }
  return {files.begin(), files.end()};
}

std::vector<CorpusInput> read_inputs(const std::vector<std::string>& paths, Wanted wanted,
                                     std::vector<std::string>& unreadable) {
  std::vector<CorpusInput> inputs;
  for (const std::string& path : list_inputs(paths, wanted)) {
    auto input = read_input(path);
    if (const auto* const error = std::get_if<std::string>(&input)) {
      fmt::print(stderr, "{}\n", *error);
      unreadable.push_back(path);
    } else {
      inputs.push_back(std::move(std::get<CorpusInput>(input)));
    }
  }
  return inputs;
}

std::string put(const std::string& directory, const std::string& name, const std::string& bytes) {
  std::error_code ignored;
  fs::create_directories(directory, ignored);
  int error = 0;
  for (const std::string& suffix : {std::string(), "-" + short_hash(bytes)}) {
    const fs::path named = fs::path(name);
    const std::string path =
        fs::path(directory) / (named.stem().string() + suffix + named.extension().string());
    error = write_new(path, bytes);
    if (error == 0) return path;
    std::string unread;
    if (error == EEXIST && read_bytes(path, unread) == bytes) return path;
  }
  fmt::print(stderr, "{}/{}: cannot be written: {}\n", directory, name, std::strerror(error));
  return "";
}

std::string short_hash(const std::string& text) {  // FNV-1a
  std::uint32_t value = 2166136261U;
  for (const char letter : text) value = (value ^ static_cast<std::uint8_t>(letter)) * 16777619U;
  return fmt::format("{:08x}", value);
}

std::string bare_key(const machine::Trace& trace) {
  return machine::print_trace({trace, machine::default_names(trace), "", "", {}});
}

}  // namespace labyrinth::tool
