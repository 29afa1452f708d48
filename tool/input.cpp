// Finding targets and reading traces.
#include "input.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "descriptor.hpp"

namespace labyrinth::tool {
namespace {

/// In targets/ beside this program, or, of a program in a folder of the build, beside that.
[[nodiscard]] std::string reference_target() {
  const auto here = program_directory();
  const auto below = [](const std::filesystem::path& folder) { return folder / "targets" / "reference.so"; };
  return (std::filesystem::exists(below(here)) ? below(here) : below(here.parent_path())).string();
}

/// The reference allocator; but a harness that CMake's labyrinth_add_target() called NAME-interleaved_fuzzer,
/// or the like, is for the target NAME beside it.
[[nodiscard]] std::string default_target() {
  const auto& self = own_program();
  const std::string name = self.filename().string();
  const std::size_t dash = name.rfind('-');
  const auto named = self.parent_path() / "targets" / (name.substr(0, dash) + ".so");
  return dash != std::string::npos && std::filesystem::exists(named) ? named.string() : reference_target();
}

void complain(const std::string& path, const std::string& message) {
  fmt::print(stderr, "{}: {}\n", path, message);
}

}  // namespace

const std::filesystem::path& own_program() {
  static const std::filesystem::path program = std::filesystem::canonical("/proc/self/exe");
  return program;
}

std::filesystem::path program_directory() { return own_program().parent_path(); }

std::string plain_beside(const std::filesystem::path& hooked) {
  const auto plain = std::filesystem::absolute(hooked).parent_path() / "plain" / hooked.filename();
  return std::filesystem::exists(plain) ? plain.string() : "";
}

std::string quoted(const std::string& word) {
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-=") ==
      std::string::npos) {
    return word;
  }
  std::string result = "'";
  for (const char letter : word) result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return result + "'";
}

std::string target_path(const std::string& path) {
  const char* const environment = std::getenv("LABYRINTH_TARGET");
  return !path.empty() ? path : environment != nullptr ? environment : default_target();
}

std::optional<machine::Target> load_target(const std::string& path) {
  auto loaded = machine::Target::load(target_path(path));
  if (const auto* const error = std::get_if<std::string>(&loaded)) {
    fmt::print(stderr, "labyrinth: {}\n", *error);
    return std::nullopt;
  }
  return std::get<machine::Target>(std::move(loaded));
}

bool is_default(const machine::Target& target) {
  std::error_code ignored;
  return std::filesystem::equivalent(target.path(), reference_target(), ignored);
}

std::optional<std::string> read_bytes(const std::string& path, std::string& error) {
  const Descriptor file(path == "-" ? dup(STDIN_FILENO)
                                    : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) {
    error = fmt::format("cannot be read: {}", std::strerror(errno));
    return std::nullopt;
  }
  if (path != "-" && !S_ISREG(status.st_mode)) {
    error = "is no regular file; name a trace (corpus/ has some), or - for standard input";
    return std::nullopt;
  }
  constexpr std::size_t kChunk = 65536;
  std::string text;
  std::size_t size = 0;
  while (size <= machine::kMaxFileBytes) {
    text.resize(std::min(size + kChunk, machine::kMaxFileBytes + 1));
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error = fmt::format("cannot be read: {}", std::strerror(errno));
      return std::nullopt;
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::optional<machine::TraceFile> read_trace(const std::string& path) {
  std::string error;
  const auto text = read_bytes(path, error);
  if (!text) {
    complain(path, error);
    return std::nullopt;
  }
  auto parsed = machine::parse_trace(*text);
  if (const auto* const mistake = std::get_if<machine::ParseError>(&parsed)) {
    fmt::print(stderr, "{}\n", machine::error_text(*mistake, path));
    return std::nullopt;
  }
  return std::get<machine::TraceFile>(std::move(parsed));
}

std::string command(const std::string& verb, const machine::Target& target, const std::string& argument) {
  return fmt::format("labyrinth {}{}{} {}", verb, is_default(target) ? "" : " --target ",
                     is_default(target) ? "" : quoted(target.path()), quoted(argument));
}

}  // namespace labyrinth::tool
