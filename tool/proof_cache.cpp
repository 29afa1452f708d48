// One file for each result: its own hash in the first line, so that a damaged one is known, then JSON.
#include "proof_cache.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[nodiscard]] std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("prove: libcrypto does not do SHA-256; --no-cache does without");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// How a run of this kind ends if all is well.
[[nodiscard]] RunState wanted(Question question) {
  return question == Question::kProof   ? RunState::kHolds
         : question == Question::kCover ? RunState::kReachable
                                        : RunState::kViolated;
}

}  // namespace

std::string cache_key(const std::vector<std::string>& parts) {
  std::string text = "labyrinth proof 1\n";  // Another number when results are judged otherwise.
  for (const std::string& part : parts) text += fmt::format("{}\n{}\n", part.size(), part);
  return sha256(text);
}

std::optional<RunResult> ProofCache::find(Question question, const std::string& key) const {
  if (directory_.empty()) return std::nullopt;
  std::ifstream file(directory_ / key, std::ios::binary);
  std::string hash;
  if (!std::getline(file, hash)) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (sha256(text) != hash) return std::nullopt;
  const json entry = json::parse(text, nullptr, false);
  try {
    if (entry.at("key") != key) return std::nullopt;
    RunResult run;
    run.state = wanted(question);
    run.cached = true;
    run.seconds = entry.at("seconds").get<double>();
    run.bytes = entry.at("bytes").get<std::uint64_t>();
    for (const json& row : entry.at("properties")) {
      run.properties.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(),
                                row.at(2).get<std::string>(), row.at(3).get<std::string>(),
                                row.at(4).get<std::string>()});
    }
    if (entry.at("state") != name(run.state)) return std::nullopt;
    return run;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void ProofCache::keep(Question question, const std::string& key, const RunResult& run) {
  if (directory_.empty() || question == Question::kCounterexample || run.state != wanted(question)) return;
  json properties = json::array();
  for (const Property& property : run.properties)
    properties.push_back(
        json::array({property.id, property.description, property.status, property.file, property.line}));
  const std::string text = json{
      {"key", key},
      {"state", name(run.state)},
      {"seconds", run.seconds},
      {"bytes", run.bytes},
      {"properties",
       properties}}.dump(1, ' ', false, json::error_handler_t::replace);
  // Whoever looks meanwhile finds all of it or nothing.
  std::error_code error;
  fs::create_directories(directory_, error);
  const fs::path beside = directory_ / fmt::format(".{}.{}", key, getpid());
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << sha256(text) << '\n' << text;
  file.close();
  if (file) fs::rename(beside, directory_ / key, error);
  if (file && !error) return;
  std::error_code ignored;
  fs::remove(beside, ignored);
  if (!complained_)
    fmt::print(stderr,
               "labyrinth: prove: {}: results cannot be kept there; --cache names another directory\n",
               directory_.string());
  complained_ = true;
}

fs::path default_cache() {
  const auto environment = [](const char* variable) -> std::string {
    const char* const value = std::getenv(variable);
    return value == nullptr ? "" : value;
  };
  const std::string cache = environment("XDG_CACHE_HOME");
  if (!cache.empty()) return fs::path(cache) / "labyrinth" / "proofs";
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "labyrinth" / "proofs";
}

}  // namespace labyrinth::tool
