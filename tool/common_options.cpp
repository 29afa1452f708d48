// Options that many verbs have.
#include "common_options.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace labyrinth::tool {

void add_memory(CLI::App& verb, std::optional<machine::MemoryModel>& memory) {
  using machine::MemoryModel;
  verb.add_option_function<std::string>(
          "--memory",
          [&memory](const std::string& name) {
            memory = name == "rc11" ? MemoryModel::kRc11 : MemoryModel::kSc;
          },
          "What atomics may see: sc (the last value) or rc11 (what the orders in the code permit); default: "
          "what a trace says, else sc")
      ->check(CLI::IsMember({"sc", "rc11"}));
}

void add_common(CLI::App& verb, Common& options, bool finds) {
  verb.add_option("--target", options.target,
                  "Shared object to put under test (default: the reference allocator)");
  verb.add_flag("--json", options.json, "Print one JSON object instead of text");
  verb.add_flag("--verbose", options.verbose, "Show every access in timelines");
  if (finds) {
    verb.add_option("--findings", options.findings, "Directory that findings are saved in")
        ->capture_default_str();
  }
}

void add_timeout(CLI::App& verb, Common& options) {
  verb.add_option("--timeout", options.timeout, "Seconds after which a run is taken never to end; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace labyrinth::tool
