// One run of CBMC as a process of its own group, so that it can be ended together with the solver and the
// preprocessor that it starts; with limits on its time and on the memory of the whole group.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "descriptor.hpp"

namespace labyrinth::tool {

struct Limits {
  double seconds = 0;
  std::uint64_t bytes = 0;  ///< Resident, of all its processes.
};

struct ProcessEnd {
  enum class Kind { kExited, kSignal, kTimedOut, kOutOfMemory, kStopped };
  Kind kind = Kind::kExited;
  int number = 0;  ///< Exit code or signal.
  double seconds = 0;
  std::uint64_t bytes = 0;  ///< Resident at most.
  std::string output, errors;
};

/// Resident bytes of every process group.
[[nodiscard]] std::map<pid_t, std::uint64_t> resident_by_group();

class ProofProcess {
 public:
  /// `directory` is made, takes its output and its temporary files, and is removed in the end.
  ProofProcess(const std::vector<std::string>& command, std::filesystem::path directory,
               const Limits& limits);
  ~ProofProcess();
  ProofProcess(const ProofProcess&) = delete;
  ProofProcess& operator=(const ProofProcess&) = delete;

  /// Readable once the process has ended.
  [[nodiscard]] int handle() const { return handle_->get(); }
  [[nodiscard]] pid_t group() const { return pid_; }
  [[nodiscard]] double seconds() const;
  /// Ends the group if it is over a limit; `resident`: of the group, now.
  void check(std::uint64_t resident);
  /// Ends the group.
  void stop() { end_group(ProcessEnd::Kind::kStopped); }
  /// Waits for the end.
  [[nodiscard]] ProcessEnd finish();

 private:
  void end_group(ProcessEnd::Kind why);

  std::filesystem::path directory_;
  Limits limits_;
  std::chrono::steady_clock::time_point begin_;
  pid_t pid_ = -1;
  std::unique_ptr<Descriptor> handle_;
  std::uint64_t most_ = 0;
  bool ended_ = false;  ///< By us,
  ProcessEnd::Kind why_ = ProcessEnd::Kind::kExited;
};

}  // namespace labyrinth::tool
