// Lines of JSON in a file without a name, whose descriptor is inherited and named in the environment.
#include "found_list.hpp"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace labyrinth::tool {
namespace {

using nlohmann::json;

/// Names the descriptor.
constexpr const char* kVariable = "LABYRINTH_FUZZ_FOUND";

}  // namespace

FoundList::FoundList() : memory_(memfd_create("labyrinth-found", 0)) {
  // Each write is at the end as it is then, whoever writes.
  if (!memory_ || fcntl(memory_.get(), F_SETFL, O_APPEND) != 0)
    throw std::system_error(errno, std::generic_category(), "fuzz: memory for what is found");
  setenv(kVariable, std::to_string(memory_.get()).c_str(), 1);
}

std::vector<json> FoundList::read() const {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0;
       (got = pread(memory_.get(), part.data(), part.size(), static_cast<off_t>(text.size()))) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  std::vector<json> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    json said = json::parse(text.substr(at, end - at), nullptr, false);
    if (said.is_object()) all.push_back(std::move(said));
    at = end + 1;
  }
  return all;
}

void tell_found(const json& what) {
  const char* const descriptor = std::getenv(kVariable);
  if (descriptor == nullptr) return;
  const std::string line = what.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  // There is nobody to complain to: this process is about to end, and the finding has been saved and told.
  [[maybe_unused]] const ssize_t written = write(std::atoi(descriptor), line.data(), line.size());
}

}  // namespace labyrinth::tool
