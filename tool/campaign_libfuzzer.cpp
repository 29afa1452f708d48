// Workers of libFuzzer: their command line, and what they say.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "campaign_worker.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

/// The number behind `label`, if it is there.
void number_after(const std::string& line, const char* label, std::uint64_t& into) {
  const std::size_t at = line.find(label);
  if (at != std::string::npos)
    into = std::strtoull(line.c_str() + at + std::string(label).size(), nullptr, 10);
}

}  // namespace

ProcessSetup CampaignWorker::libfuzzer(std::uint32_t seed) {
  ProcessSetup setup;
  setup.command = {own_program(), "fuzz", "--json", "--findings", files_.findings()};
  const auto say = [&](const char* option, const std::string& value) {
    setup.command.emplace_back(option);
    setup.command.push_back(value);
  };
  if (!config_.target.empty()) say("--target", config_.target);
  if (!config_.against.empty()) say("--against", config_.against);
  if (config_.harness != "interleaved") say("--harness", config_.harness);
  for (const std::string& option :
       {fmt::format("-seed={}", seed), fmt::format("-max_len={}", config_.max_len),
        fmt::format("-timeout={}", config_.input_timeout), fmt::format("-rss_limit_mb={}", config_.memory),
        fmt::format("-artifact_prefix={}/", artifacts().string()), std::string("-reload=1")})
    setup.command.push_back(option);
  if (!config_.dictionary.empty()) setup.command.push_back("-dict=" + config_.dictionary.string());
  // It removes what it has made smaller, so it gets a directory of its own to write to; the campaign's corpus
  // it only reads, once.
  setup.command.push_back(queue());
  setup.command.push_back(files_.corpus());
  setup.output = output();
  setup.errors = log();
  return setup;
}

void CampaignWorker::look_at_libfuzzer() {
  std::ifstream file(log(), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_read_));
  std::string line;
  // A last line without its end is still being written; the next look has all of it.
  while (std::getline(file, line) && !file.eof()) {
    log_read_ += line.size() + 1;
    if (line.find(" cov: ") != std::string::npos && line.starts_with("#")) {
      number_after(line, " cov: ", progress_.edges);
      number_after(line, " ft: ", progress_.features);
      number_after(line, " corp: ", progress_.units);
    }
    if (line.find("\tINITED") != std::string::npos) progress_.ready = true;
  }
}

}  // namespace labyrinth::tool
