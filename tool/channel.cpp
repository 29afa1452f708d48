// Messages as kind, length, bytes.
#include "channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace labyrinth::tool {

namespace {

[[nodiscard]] bool write_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

[[nodiscard]] bool read_all(int socket, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

bool send(int socket, MessageKind kind, std::span<const std::uint8_t> bytes) {
  const std::array<std::uint64_t, 2> head{static_cast<std::uint64_t>(kind), bytes.size()};
  return write_all(socket, std::as_bytes(std::span(head))) && write_all(socket, std::as_bytes(bytes));
}

std::optional<Message> receive(int socket) {
  std::array<std::uint64_t, 2> head{};
  if (!read_all(socket, std::as_writable_bytes(std::span(head)))) return std::nullopt;
  Message message;
  message.kind = static_cast<MessageKind>(head[0]);
  message.bytes.resize(head[1]);
  if (!read_all(socket, std::as_writable_bytes(std::span(message.bytes)))) return std::nullopt;
  return message;
}

}  // namespace labyrinth::tool
