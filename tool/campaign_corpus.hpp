// A campaign's corpus: what its workers find flows into one directory, and from there to all of them.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "campaign_files.hpp"

namespace labyrinth::tool {

class CampaignCorpus {
 public:
  /// With what is in the directory already.
  explicit CampaignCorpus(const CampaignFiles& files);

  [[nodiscard]] std::size_t size() const { return names_.size(); }
  /// 0, or the errno of the last file that could not be saved since clear_error().
  [[nodiscard]] int error() const { return error_; }
  void clear_error() { error_ = 0; }

  /// Seeds: files of `directory`, of which those called *.trace are traces as text. Complains of what is
  /// neither. False: the directory, or what is to be saved, cannot be.
  [[nodiscard]] bool add_seeds(const std::filesystem::path& directory);

  /// Take in what is new in a worker's `queue`. libFuzzer names a file by the SHA-1 of what belongs in it,
  /// and so tells which is still being written; `ended`: nobody writes there any more. True: all of it is
  /// safe.
  bool adopt(const std::filesystem::path& queue, bool named_by_hash, bool ended);
  /// A worker starts anew: its queue is empty, and it reads the whole corpus by itself.
  void restarts(const std::filesystem::path& queue);
  /// Copy into `inbox` what others than `queue` have found since.
  void deliver(const std::filesystem::path& queue, const std::filesystem::path& inbox);

  /// An input that crashes would end each worker that reads it. Only for what was saved elsewhere.
  void remove(const std::string& name);
  [[nodiscard]] bool has(const std::string& name) const { return names_.contains(name); }

 private:
  struct Queue {
    std::unordered_set<std::string> seen;  ///< Files, by name and by SHA-1.
    std::size_t delivered = 0;             ///< Of `order_`.
  };
  [[nodiscard]] bool add(const std::string& bytes);

  const CampaignFiles& files_;
  std::unordered_set<std::string> names_;
  std::vector<std::string> order_;  ///< Names, as they were added by this process.
  std::map<std::filesystem::path, Queue> queues_;
  int error_ = 0;
};

}  // namespace labyrinth::tool
