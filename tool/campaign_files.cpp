// Locks and files of campaigns.
#include "campaign_files.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// 0, or an errno.
[[nodiscard]] int write_all(int file, const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t put = write(file, bytes.data() + written, bytes.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? errno : ENOSPC;
    written += static_cast<std::size_t>(put);
  }
  return 0;
}

[[nodiscard]] int write_beside(const CampaignFiles& files, const fs::path& path, const std::string& bytes,
                               bool durably) {
  static unsigned number = 0;
  const fs::path temporary = files.scratch() / fmt::format("{}.{}", getpid(), ++number);
  int error = 0;
  {
    const Descriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return errno;
    error = write_all(file.get(), bytes);
    if (error == 0 && durably && fsync(file.get()) != 0) error = errno;
  }
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
  }
  return error;
}

}  // namespace

bool campaign_runs(const CampaignFiles& files) {
  const Descriptor file(open(files.lock().c_str(), O_RDONLY | O_CLOEXEC));
  return file && flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::unique_ptr<Descriptor> lock_campaign(const CampaignFiles& files) {
  auto file = std::make_unique<Descriptor>(open(files.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  // campaign_runs() of another process holds it for a moment.
  constexpr int kTries = 20;
  for (int i = 0; *file && i < kTries; ++i) {
    if (flock(file->get(), LOCK_EX | LOCK_NB) == 0) return file;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return nullptr;
}

int write_durably(const CampaignFiles& files, const fs::path& path, const std::string& bytes) {
  return write_beside(files, path, bytes, true);
}

int write_whole(const CampaignFiles& files, const fs::path& path, const std::string& bytes) {
  return write_beside(files, path, bytes, false);
}

int sync_directory(const fs::path& directory) {
  const Descriptor handle(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return handle && fsync(handle.get()) == 0 ? 0 : errno;
}

int append_line(const fs::path& path, const std::string& line) {
  const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return errno;
  const off_t end = lseek(file.get(), 0, SEEK_END);
  char last = '\n';
  if (end > 0 && pread(file.get(), &last, 1, end - 1) != 1) return errno;
  if (const int error = write_all(file.get(), (last == '\n' ? "" : "\n") + line + "\n"); error != 0) {
    // Half a line would be read as none, but would take the place that a whole one needs.
    return ftruncate(file.get(), end) == 0 ? error : errno;
  }
  return fsync(file.get()) == 0 ? 0 : errno;
}

std::optional<std::string> read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (file.bad()) return std::nullopt;
  return bytes.str();
}

std::string sha1(const std::string& bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::uint64_t free_bytes(const CampaignFiles& files) {
  struct statvfs disk{};
  if (statvfs(files.root.c_str(), &disk) != 0) return std::numeric_limits<std::uint64_t>::max();
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

}  // namespace labyrinth::tool
