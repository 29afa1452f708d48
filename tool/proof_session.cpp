// The loop of `labyrinth prove`.
#include "proof_session.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "input.hpp"
#include "proof_trace.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

[[nodiscard]] fs::path make_scratch() {
  std::string path = (fs::temp_directory_path() / "labyrinth-prove-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::system_error(errno, std::generic_category(), path);
  return path;
}

[[nodiscard]] const char* word(Question question) {
  switch (question) {
    case Question::kProof:
      return "proof";
    case Question::kCover:
      return "cover";
    case Question::kMutant:
      return "mutant";
    case Question::kCounterexample:
      return "counterexample";
  }
  return "?";
}

[[nodiscard]] std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) return std::nullopt;
  return text;
}

}  // namespace

std::string default_proofs() { return (program_directory() / "proofs").string(); }

fs::path proof_file(const std::string& directory, const Proof& proof, const std::string& mutant) {
  return fs::path(directory) / (proof.name + (mutant.empty() ? "" : "@" + mutant) + ".c");
}

ProofSession::ProofSession(const ProveOptions& options, const Cbmc& cbmc, unsigned jobs)
    : options_(options),
      cbmc_(cbmc),
      jobs_(jobs),
      cache_(!options.caches         ? fs::path()
             : options.cache.empty() ? default_cache()
                                     : fs::path(options.cache)),
      scratch_(make_scratch()) {}

ProofSession::~ProofSession() {
  running_.clear();
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

double ProofSession::limit(const Proof& proof) const {
  return options_.seconds > 0 ? options_.seconds : proof.seconds;
}

std::string ProofSession::mutant_of(const Task& task) const {
  if (!options_.mutant.empty()) return options_.mutant;
  return task.question == Question::kMutant ? task.result->proof->mutants[task.mutant] : "";
}

/// What may take long goes first, so that it does not end alone.
void ProofSession::queue(std::vector<ProofResult>& results) {
  std::vector<ProofResult*> order;
  order.reserve(results.size());
  for (ProofResult& result : results) order.push_back(&result);
  std::sort(order.begin(), order.end(), [](const ProofResult* left, const ProofResult* right) {
    if (left->proof->seconds != right->proof->seconds) return left->proof->seconds > right->proof->seconds;
    return left < right;  // As in the manifest.
  });
  const auto add = [this](ProofResult* result, Question question, std::size_t mutant) {
    Task task;
    task.result = result;
    task.question = question;
    task.mutant = mutant;
    waiting_.push_back(std::move(task));
  };
  for (ProofResult* const result : order) {
    result->mutants.resize(result->proof->mutants.size());
    add(result, Question::kProof, 0);
    if (!options_.mutant.empty()) continue;
    add(result, Question::kCover, 0);
    for (std::size_t i = 0; i < result->mutants.size() && !options_.skips_mutants; ++i)
      add(result, Question::kMutant, i);
  }
}

void ProofSession::start(Task task) {
  const Proof& proof = *task.result->proof;
  if (task.result->main.state == RunState::kViolated && task.question != Question::kCounterexample) {
    ++done_;  // What is wrong needs no further runs to be so.
    return;
  }
  const fs::path path = proof_file(options_.proofs, proof, mutant_of(task));
  const auto text = read_file(path);
  if (!text) {
    RunResult run;
    run.state = RunState::kError;
    run.reason = path.string() + ": cannot be read; build the proofs, or correct the manifest";
    return done(task, std::move(run));
  }
  const Property* const property = broken(task.result->main);
  const std::vector<std::string> flags =
      cbmc_flags(proof, task.question, property == nullptr ? "" : property->id);
  const bool external = std::find(flags.begin(), flags.end(), "--external-sat-solver") != flags.end();
  std::vector<std::string> parts{*text, word(task.question), cbmc_.version, external ? cbmc_.cadical : ""};
  parts.insert(parts.end(), flags.begin(), flags.end());
  task.key = cache_key(parts);
  // What a file includes may change while its text does not.
  task.keeps = text->find("#include \"") == std::string::npos;
  if (auto kept = task.keeps ? cache_.find(task.question, task.key) : std::nullopt)
    return done(task, std::move(*kept));

  std::vector<std::string> command{cbmc_.program, "--json-ui"};
  command.insert(command.end(), flags.begin(), flags.end());
  command.push_back(path.string());
  constexpr double kGibi = 1 << 30;
  const Limits limits{limit(proof), static_cast<std::uint64_t>(options_.memory * kGibi)};
  task.text = *text;
  task.process = std::make_unique<ProofProcess>(command, scratch_ / std::to_string(started_++), limits);
  running_.push_back(std::move(task));
}

void ProofSession::done(Task& task, RunResult run) {
  ProofResult& result = *task.result;
  ++done_;
  // Built anew meanwhile, it is not known which of the two was read.
  if (task.process && task.keeps &&
      read_file(proof_file(options_.proofs, *result.proof, mutant_of(task))) == task.text)
    cache_.keep(task.question, task.key, run);
  if (task.question == Question::kCover) {
    result.cover = std::move(run);
  } else if (task.question == Question::kMutant) {
    result.mutants[task.mutant] = std::move(run);
  } else if (task.question == Question::kCounterexample) {
    result.counterexample = std::move(run);
  } else {
    result.main = std::move(run);
    if (result.main.state != RunState::kViolated) return;
    Task next;
    next.result = &result;
    next.question = Question::kCounterexample;
    waiting_.push_front(std::move(next));
  }
}

void ProofSession::watch() {
  constexpr int kPatience = 100;  // milliseconds: limits, progress and Ctrl-C
  std::vector<pollfd> polled;
  for (const Task& task : running_) polled.push_back({task.process->handle(), POLLIN, 0});
  const bool any = poll(polled.data(), polled.size(), kPatience) > 0;
  const auto resident = resident_by_group();
  auto task = running_.begin();
  for (const pollfd& one : polled) {
    const auto current = task++;
    if (any && one.revents != 0) {
      done(*current, judge(current->question, current->process->finish()));
      running_.erase(current);
    } else {
      const auto found = resident.find(current->process->group());
      current->process->check(found == resident.end() ? 0 : found->second);
    }
  }
}

void ProofSession::show_progress() {
  if (!status_.due()) return;
  std::string text =
      fmt::format("prove: {} of {} runs done", done_, done_ + running_.size() + waiting_.size());
  for (const Task& task : running_) {
    const std::string mutant = mutant_of(task);
    text += fmt::format(", {} ({}{}{}) {:.0f} s", task.result->proof->name, word(task.question),
                        mutant.empty() ? "" : " ", mutant, task.process->seconds());
  }
  status_.show(text);
}

std::vector<ProofResult> ProofSession::run(const std::vector<const Proof*>& proofs) {
  std::vector<ProofResult> results(proofs.size());
  for (std::size_t i = 0; i < proofs.size(); ++i) results[i].proof = proofs[i];
  queue(results);
  while (!interrupted() && (!waiting_.empty() || !running_.empty())) {
    while (running_.size() < jobs_ && !waiting_.empty() && !interrupted()) {
      Task next = std::move(waiting_.front());
      waiting_.pop_front();
      start(std::move(next));
    }
    if (!running_.empty()) watch();
    show_progress();
  }
  for (Task& task : running_) task.process->stop();
  for (Task& task : running_) done(task, judge(task.question, task.process->finish()));
  running_.clear();
  waiting_.clear();
  for (ProofResult& result : results) {
    if (options_.mutant.empty()) {
      conclude(result, options_.skips_mutants);
    } else {
      conclude_over(options_.mutant, result);
    }
    if (result.verdict == Verdict::kViolated && options_.trace_seconds > 0 && !interrupted())
      result.trace = find_trace(options_, result);
  }
  return results;
}

}  // namespace labyrinth::tool
