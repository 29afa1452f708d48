// Dividing work until there is enough to deal out.
#include "cut.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "exit_codes.hpp"
#include "resume.hpp"
#include "worker.hpp"

namespace labyrinth::tool {

namespace {

/// Half of the programs of a piece, or a part of the one it has; nothing if it cannot be divided as it is.
[[nodiscard]] std::optional<Work> divide(const ExploreOptions& options, const Programs& programs,
                                         Work& work) {
  const std::uint64_t next = work.program + programs.every();
  if (const std::uint64_t to_come = programs.count(next, work.end); to_come != 0) {
    Work gift{.program = next + to_come / 2 * programs.every(),
              .end = work.end,
              .bound = first_bound(options),
              .words = {}};
    work.end = gift.program;
    return gift;
  }
  if (options.preemptions >= 0 || options.executions != 0) return std::nullopt;
  machine::Explorer explorer(options.search);
  if (work.words.empty() || !explorer.restore(work.words)) return std::nullopt;
  Work gift{.program = work.program,
            .end = work.program + 1,
            .bound = work.bound,
            .part = true,
            .share = work.share / 2,
            .words = explorer.split(machine::Explorer::Reader::kAnyone)};
  if (gift.words.empty()) return std::nullopt;
  work.words = explorer.save();
  work.part = true;
  work.share /= 2;
  return gift;
}

/// More pieces than files, as nobody knows how large they are.
void divide_all(const ExploreOptions& options, const Programs& programs, std::vector<Work>& work) {
  constexpr std::size_t kPiecesEach = 8;
  const auto size = [&](const Work& piece) {
    return piece.share + static_cast<double>(programs.count(piece.program + programs.every(), piece.end));
  };
  std::vector<Work> whole;
  while (!work.empty() && work.size() + whole.size() < kPiecesEach * options.cut) {
    const auto largest = std::max_element(work.begin(), work.end(),
                                          [&](const Work& a, const Work& b) { return size(a) < size(b); });
    if (auto gift = divide(options, programs, *largest)) {
      work.push_back(std::move(*gift));
    } else {
      whole.push_back(std::move(*largest));
      work.erase(largest);
    }
  }
  work.insert(work.end(), whole.begin(), whole.end());
  std::sort(work.begin(), work.end(), [&](const Work& a, const Work& b) { return size(a) > size(b); });
}

}  // namespace

int cut(const ExploreOptions& options, const Programs& programs, Resume from) {
  if (options.preemptions >= 0 && !from.shared.empty()) {
    fmt::print(
        stderr,
        "labyrinth: {}: parts of one program cannot go to several machines with --preemptions: whether the "
        "next bound is needed hangs on all of them\n",
        options.resume);
    return kBadUsage;
  }
  divide_all(options, programs, from.work);
  if (from.work.size() < options.cut) {
    fmt::print(
        stderr,
        "labyrinth: {}: what is left is in {} pieces, which are not enough for {} files; explore it for a "
        "while (--resume {} --seconds 10), and cut it then\n",
        options.resume, from.work.size(), options.cut, options.resume);
    return kInconclusive;
  }
  std::vector<Resume> files(options.cut);
  files.front().total = std::exchange(from.total, {});  // Counted once.
  for (std::size_t i = 0; i < from.work.size(); ++i) {
    Work& work = from.work[i];
    Resume& file = files[i % files.size()];
    if (work.part && !file.shared.contains(work.program)) {
      SharedSearch& known = from.shared[work.program];
      file.shared[work.program] = {known.bound, std::exchange(known.known, {})};
    }
    file.work.push_back(std::move(work));
  }
  for (unsigned i = 0; i < options.cut; ++i) {
    const std::string path = fmt::format("{}.{}", options.resume, i + 1);
    if (access(path.c_str(), F_OK) == 0) {
      fmt::print(stderr, "labyrinth: {}: is there already, and is not replaced\n", path);
      return kUnreadable;
    }
    files[i].search = from.search;
    if (!save_resume(path, files[i])) return kUnreadable;
  }
  std::remove(options.resume.c_str());
  fmt::print("{} pieces in {}.1 to {}.{}: the same command goes on with each, by --resume, on any machine\n",
             from.work.size(), options.resume, options.resume, options.cut);
  return kClean;
}

}  // namespace labyrinth::tool
