// labyrinth corpus merge and convert: corpora into one, and from one form of traces into the other.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "corpus_files.hpp"
#include "corpus_options.hpp"
#include "exit_codes.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// The binary form; or, in `why`, what of the trace it cannot say.
[[nodiscard]] std::string binary_of(const machine::Trace& trace, std::string& why) {
  std::array<std::uint8_t, machine::kMaxEncodedSize> bytes{};
  const std::size_t size = machine::encode_trace(trace, bytes);
  if (size != 0) return {reinterpret_cast<const char*>(bytes.data()), size};
  why = trace.memory == machine::MemoryModel::kRc11
            ? "is under `memory rc11`, which the binary form does not have: it stays text"
        : trace.live_count() != 0
            ? "has blocks that live from the start, which the binary form does not have: it stays text"
            : "has no binary form";
  return "";
}

struct Done {
  std::size_t written = 0;
  nlohmann::json left_out = nlohmann::json::array();
  std::vector<std::string> unreadable{};
};

[[nodiscard]] int finish(const CorpusOptions& options, const char* what, std::size_t inputs,
                         const Done& done) {
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"inputs", inputs},
                                      {"written", done.written},
                                      {"left_out", done.left_out},
                                      {"unreadable", done.unreadable},
                                      {"output", options.output}}
                           .dump(2));
  } else {
    for (const auto& one : done.left_out)
      fmt::print("{}: {}\n", one["file"].get<std::string>(), one["why"].get<std::string>());
    fmt::print("summary: {} {} of {} inputs; in {}\n", done.written, what, inputs, options.output);
  }
  if (interrupted()) return kInconclusive;
  return done.unreadable.empty() ? kClean : kUnreadable;
}

}  // namespace

int corpus_merge(const CorpusOptions& options) {
  catch_interrupt();
  Done done;
  const std::vector<CorpusInput> inputs = read_inputs(options.paths, Wanted::kAll, done.unreadable);
  // Of inputs that are the same trace the smallest.
  std::map<std::string, std::size_t> best;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    // A text says more than its trace: names and a comment.
    const std::string key = (inputs[i].binary ? "binary " : "text ") + bare_key(inputs[i].file.trace);
    const auto [there, is_new] = best.emplace(key, i);
    if (!is_new && inputs[i].bytes.size() < inputs[there->second].bytes.size()) there->second = i;
  }
  StatusLine status;
  for (const auto& [key, i] : best) {
    if (interrupted()) break;
    if (put(options.output, fs::path(inputs[i].path).filename(), inputs[i].bytes).empty())
      return kInconclusive;
    ++done.written;
    if (status.due()) status.show(fmt::format("merge: {} of {} written", done.written, best.size()));
  }
  return finish(options, "different ones", inputs.size(), done);
}

int corpus_convert(const CorpusOptions& options) {
  catch_interrupt();
  Done done;
  const std::vector<CorpusInput> inputs = read_inputs(options.paths, Wanted::kAll, done.unreadable);
  StatusLine status;
  for (const CorpusInput& input : inputs) {
    if (interrupted()) break;
    const fs::path name = fs::path(input.path).filename();
    std::string why;
    const bool text = options.form == "text";
    const std::string bytes = text ? machine::print_trace(input.file) : binary_of(input.file.trace, why);
    if (bytes.empty()) {
      done.left_out.push_back({{"file", input.path}, {"why", why}});
      continue;
    }
    const bool was_text = name.extension() == ".trace";
    const std::string as = (was_text ? name.stem() : name).string() + (text ? ".trace" : "");
    if (put(options.output, as, bytes).empty()) return kInconclusive;
    ++done.written;
    if (status.due()) status.show(fmt::format("convert: {} of {} written", done.written, inputs.size()));
  }
  return finish(options, options.form == "text" ? "texts" : "binary ones", inputs.size(), done);
}

}  // namespace labyrinth::tool
