// What was found, as files for machines.
#include <fmt/format.h>

#include "exit_codes.hpp"
#include "report.hpp"
#include "verbs.hpp"

namespace labyrinth::native {

int write_results(const Options& options, const machine::Target& target, int code,
                  std::vector<tool::CheckResult> found, const std::string& limit) {
  tool::Results results("labyrinth_native", fmt::format("{} {}", target.table().name, target.build()));
  if (found.empty())
    found.push_back({.name = again(options), .code = code, .text = limit, .seconds = options.stress.seconds});
  for (tool::CheckResult& one : found) results.add(std::move(one));
  return results.write(options.stress.results, code) ? code : tool::worse(code, tool::kInconclusive);
}

}  // namespace labyrinth::native
