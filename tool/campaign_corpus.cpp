// Taking in inputs, and handing them on.
#include "campaign_corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "input.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

[[nodiscard]] std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    // AFL++ keeps directories beside its inputs.
    if (entry.is_regular_file(ignored) && !entry.path().filename().string().starts_with("."))
      files.push_back(entry.path());
  }
  return files;
}

/// "" of what the binary form cannot say; that is told.
[[nodiscard]] std::string encoded(const fs::path& path, const machine::Trace& trace) {
  std::array<std::uint8_t, machine::kMaxEncodedSize> bytes{};
  const std::size_t size = machine::encode_trace(trace, bytes);
  if (size == 0)
    fmt::print(
        stderr,
        "{}: left out: fuzzers' inputs have neither `memory rc11` nor blocks that live from the start\n",
        path.string());
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

CampaignCorpus::CampaignCorpus(const CampaignFiles& files) : files_(files) {
  for (const fs::path& path : files_of(files.corpus())) names_.insert(path.filename());
}

bool CampaignCorpus::add(const std::string& bytes) {
  if (bytes.empty()) return true;
  const std::string name = sha1(bytes);
  if (names_.contains(name)) return true;
  if (const int error = write_durably(files_, files_.corpus() / name, bytes); error != 0) {
    error_ = error;
    return false;
  }
  names_.insert(name);
  order_.push_back(name);
  return true;
}

bool CampaignCorpus::add_seeds(const fs::path& directory) {
  std::vector<fs::path> seeds = files_of(directory);
  std::sort(seeds.begin(), seeds.end());
  for (const fs::path& path : seeds) {
    std::string bytes;
    if (path.extension() == ".trace") {
      const auto file = read_trace(path);
      if (!file) return false;
      bytes = encoded(path, file->trace);
    } else if (const auto read = read_bytes(path)) {
      bytes = *read;
    } else {
      fmt::print(stderr, "{}: cannot be read: {}\n", path.string(), std::strerror(errno));
      return false;
    }
    if (!add(bytes)) {
      fmt::print(stderr, "{}: cannot be written: {}\n", files_.corpus().string(), std::strerror(error_));
      return false;
    }
  }
  return sync_directory(files_.corpus()) == 0;
}

bool CampaignCorpus::adopt(const fs::path& queue, bool named_by_hash, bool ended) {
  std::unordered_set<std::string>& seen = queues_[queue].seen;
  const std::size_t before = order_.size();
  bool all = true;
  for (const fs::path& path : files_of(queue)) {
    const std::string name = path.filename();
    if (seen.contains(name)) continue;
    const auto bytes = read_bytes(path);
    if (!bytes) continue;  // Made smaller or trimmed just now: what comes in its place is seen next time.
    const bool whole = !bytes->empty() && (!named_by_hash || sha1(*bytes) == name);
    // What its writer left half is an input like any other, but not what it is called.
    if ((!whole && !ended) || !add(*bytes)) {
      all = false;
      continue;
    }
    seen.insert(name);
    if (!named_by_hash) seen.insert(sha1(*bytes));
  }
  if (order_.size() != before) {
    if (const int error = sync_directory(files_.corpus()); error != 0) {
      error_ = error;
      return false;
    }
  }
  return all;
}

void CampaignCorpus::restarts(const fs::path& queue) {
  Queue& state = queues_[queue];
  state.seen.clear();
  state.delivered = order_.size();
}

void CampaignCorpus::deliver(const fs::path& queue, const fs::path& inbox) {
  Queue& state = queues_[queue];
  for (; state.delivered < order_.size(); ++state.delivered) {
    const std::string& name = order_[state.delivered];
    if (!names_.contains(name) || state.seen.contains(name)) continue;
    const auto bytes = read_bytes(files_.corpus() / name);
    // A copy: libFuzzer may write this very input again, and begins by making its file empty.
    if (bytes) error_ = std::max(error_, write_whole(files_, inbox / name, *bytes));
    state.seen.insert(name);
  }
}

void CampaignCorpus::remove(const std::string& name) {
  if (names_.erase(name) == 0) return;
  std::error_code ignored;
  fs::remove(files_.corpus() / name, ignored);
}

}  // namespace labyrinth::tool
