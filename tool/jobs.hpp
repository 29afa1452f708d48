// An exploration that several processes share: the coordinator hands out work, asks those who have some to
// give to those who have none, and puts together what they report.
#pragma once

#include <sys/types.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "board.hpp"
#include "descriptor.hpp"
#include "keeper.hpp"
#include "programs.hpp"
#include "watch.hpp"
#include "worker.hpp"

namespace labyrinth::tool {

struct Message;

/// How an exploration ended.
struct Ended {
  Explored total;
  std::optional<Resume> stopped;  ///< What is left of one that was stopped and can be gone on with.
  double seconds = 0;
  bool lost = false;  ///< Something is left, but not known: a worker died.
};

class Jobs {
 public:
  /// The target is loaded, and there are no threads: workers are forked.
  Jobs(const ExploreOptions& options, const Programs& programs, machine::Machine& machine, Keeper& keeper,
       unsigned jobs);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  [[nodiscard]] Ended run(const Resume& from);

 private:
  struct Hand {
    pid_t pid = -1;
    std::unique_ptr<Descriptor> socket;
    Board* board = nullptr;
    std::optional<Watch> watch;
    bool timeout = false;  ///< It was killed, since its run did not end.
    bool alive = false, busy = false, asked = false;
  };
  struct Shared : SharedSearch {
    std::uint64_t open = 0;  ///< Parts that are not done, wherever they are.
    std::unordered_set<std::uint64_t> hashes;
  };
  void start(unsigned jobs);
  void finish();
  void hand_out();
  void ask_for_work();
  void wait();
  void stop_all();
  void handle(Hand& hand, const Message& message);
  void take_gift(Hand& hand, const Work& gift, bool first);
  void take_report(WorkerReport report);
  void take_part(WorkerReport& report);
  void end_search(std::uint64_t program);
  void program_done(std::uint64_t program, const Explored& one);
  void show_lines(bool all);
  void lost(Hand& hand);
  void end_those_that_hang();
  void show_progress();
  [[nodiscard]] static Work from_the_beginning(std::uint64_t program, int bound);
  [[nodiscard]] Ended end();
  [[nodiscard]] bool any_busy() const;

  const ExploreOptions& options_;
  const Programs& programs_;
  machine::Machine& machine_;
  Keeper& keeper_;
  StatusLine status_;
  Board* boards_ = nullptr;
  std::vector<Hand> hands_;
  std::deque<Work> work_;                   ///< Nobody has begun it, or goes on with it.
  std::map<std::uint64_t, Shared> shared_;  ///< Searches in parts, by program.
  std::map<std::uint64_t, Explored>
      lines_;  ///< Programs that were named, and whose turn to be told has not come.
  std::uint64_t told_ = 0;
  Explored total_;        ///< Of programs that are done.
  Explored interrupted_;  ///< Of what was stopped: that it was, and in the end what its words count.
  std::string lost_;      ///< What has become of a worker that died.
  bool stopping_ = false, broken_ = false;
  std::uint64_t before_ = 0;
  double all_ = 0, asked_at_ = 0;
};

}  // namespace labyrinth::tool
