// A file is written beside its place, and put into it once all of it is on the disk.
#include "whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "descriptor.hpp"

namespace labyrinth::tool {
namespace {

[[nodiscard]] std::string temporary_beside(const std::string& path) {
  return fmt::format("{}.{}.tmp", path, getpid());
}

/// All of it; 0, or an errno.
[[nodiscard]] int write_all(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t put = write(file, text.data() + written, text.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? errno : ENOSPC;
    written += static_cast<std::size_t>(put);
  }
  return 0;
}

/// On the disk; 0, or an errno, and then there is no such file.
[[nodiscard]] int write_temporary(const std::string& temporary, const std::string& text) {
  const Descriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) return errno;
  int error = write_all(file.get(), text);
  if (error == 0 && fsync(file.get()) != 0) error = errno;
  if (error != 0) unlink(temporary.c_str());
  return error;
}

}  // namespace

int write_new(const std::string& path, const std::string& text) {
  const std::string temporary = temporary_beside(path);
  if (const int error = write_temporary(temporary, text); error != 0) return error;
  // link() refuses to replace, and makes the file appear whole.
  const int error = link(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
  unlink(temporary.c_str());
  return error;
}

int write_whole(const std::string& path, const std::string& text) {
  struct stat there{};
  if (lstat(path.c_str(), &there) == 0 &&
      !S_ISREG(there.st_mode)) {  // A pipe, /dev/null, a link to whatever.
    const Descriptor file(open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    return file ? write_all(file.get(), text) : errno;
  }
  const std::string temporary = temporary_beside(path);
  if (const int error = write_temporary(temporary, text); error != 0) return error;
  if (rename(temporary.c_str(), path.c_str()) == 0) return 0;
  const int error = errno;
  unlink(temporary.c_str());
  return error;
}

}  // namespace labyrinth::tool
