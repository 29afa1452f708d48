// Replays inputs for `labyrinth fuzz coverage`: the machine and the model in it count their own lines, as
// does the target.
//
//     coverage_replayer TARGET < LIST      one path a line
//
// Children write the profiles as they end, a batch at a time: a batch whose child is killed by an input is
// done again, one input a child, and what kills the process is named on stderr.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace {

using namespace labyrinth::machine;

constexpr std::size_t kBatch = 256;
constexpr unsigned kSecondsEach = 20;

void replay(Machine& machine, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto parsed = parse_trace(bytes);
  auto trace = std::make_unique<Trace>();
  if (const auto* const text = std::get_if<TraceFile>(&parsed)) {
    *trace = text->trace;
  } else {
    decode_trace({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, *trace);
  }
  Replay strategy(*trace);
  static_cast<void>(machine.run(*trace, strategy));
}

/// In a child, which ends as a program does: that writes the profiles. False: it was killed.
bool replay_apart(Machine& machine, std::span<const std::string> paths) {
  const pid_t child = fork();
  if (child == 0) {
    for (const std::string& path : paths) {
      alarm(kSecondsEach);
      replay(machine, path);
    }
    std::exit(0);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: coverage_replayer TARGET < LIST\n", stderr));
    return 64;
  }
  const auto loaded = Target::load(argv[1]);
  if (const auto* const error = std::get_if<std::string>(&loaded)) {
    static_cast<void>(std::fprintf(stderr, "coverage_replayer: %s\n", error->c_str()));
    return 66;
  }
  std::vector<std::string> paths;
  for (std::string line; std::getline(std::cin, line);) paths.push_back(line);
  Machine machine;
  machine.use(std::get<Target>(loaded).table());
  for (std::size_t first = 0; first < paths.size(); first += kBatch) {
    const auto batch = std::span(paths).subspan(first, std::min(kBatch, paths.size() - first));
    if (replay_apart(machine, batch)) continue;
    for (const std::string& path : batch) {
      if (!replay_apart(machine, std::span(&path, 1)))
        static_cast<void>(
            std::fprintf(stderr, "%s: kills the process; what it covers is not counted\n", path.c_str()));
    }
  }
  return 0;
}
