// One of the processes that share an exploration: takes work, gives some of it away when it is asked to, and
// reports.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "board.hpp"
#include "channel.hpp"
#include "labyrinth/machine/machine.hpp"
#include "programs.hpp"
#include "work.hpp"

namespace labyrinth::tool {

/// What became of a Work.
struct WorkerReport {
  Explored finished;                  ///< Of whole programs.
  std::optional<Explored> present;    ///< Of a part of one, or of one that was stopped.
  std::uint64_t program = 0;          ///< That one,
  bool part = false;                  ///< and whether it was a part of it.
  std::vector<std::uint64_t> hashes;  ///< Of the traces of a part, if they are counted.
  std::optional<Work> rest;           ///< What was left undone.
};
[[nodiscard]] nlohmann::json to_json(const WorkerReport& report);
[[nodiscard]] WorkerReport report_from(const nlohmann::json& json);

/// A run that breaks a clause, among processes that have their addresses in common: as it is in memory.
struct FoundRun {
  std::uint64_t program;
  machine::Trace trace;
  machine::Outcome outcome;
};

/// Bounds on preemptions are tried from this one on.
[[nodiscard]] constexpr int first_bound(const ExploreOptions& options) noexcept {
  return options.preemptions < 0 ? -1 : 0;
}

class Worker {
 public:
  Worker(const ExploreOptions& options, const Programs& programs, machine::Machine& machine, Board& board,
         int socket)
      : options_(options), programs_(programs), machine_(machine), board_(board), socket_(socket) {}
  /// Until the coordinator is gone.
  void run();

 private:
  void do_work(Work work);
  [[nodiscard]] Explored search(Work& work);
  [[nodiscard]] bool look(machine::Explorer& explorer, const Work& work);
  void give(machine::Explorer& explorer, const Work& work);
  void publish(const machine::Explorer& explorer);
  void tell_found(const machine::Outcome& outcome, std::uint64_t program);
  void send_json(MessageKind kind, const nlohmann::json& json) const;

  const ExploreOptions& options_;
  const Programs& programs_;
  machine::Machine& machine_;
  Board& board_;
  int socket_;
  machine::Trace trace_{};
  std::uint64_t next_ = 0, end_ = 0;  ///< The programs after the present one.
  bool part_ = false;                 ///< The present search is not the worker's alone.
  double share_ = 1;
  std::uint64_t runs_ = 0, may_split_ = 0;
  std::uint64_t made_ = 0, from_ = 0;  ///< Executions of searches before, and where the present one began.
  std::optional<machine::Explorer> explorer_;
  int explorer_bound_ = 0;
  machine::MemoryModel explorer_memory_ = machine::MemoryModel::kSc;
  std::set<std::string> told_;
};

}  // namespace labyrinth::tool
