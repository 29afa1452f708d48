// Messages between two processes of one exploration, over a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace labyrinth::tool {

enum class MessageKind : std::uint64_t {
  kWork,     ///< To a worker: a Work.
  kReport,   ///< From a worker, which has nothing to do then: what it did, and what it left undone.
  kGave,     ///< From a worker that goes on: a Work it gave away.
  kProgram,  ///< From a worker: a program that was named is done.
  kFound,    ///< From a worker: a run that breaks a clause.
};

struct Message {
  MessageKind kind = MessageKind::kWork;
  std::vector<std::uint8_t> bytes;
};

/// Both wait until all is through. False, or nothing: the other one is gone.
[[nodiscard]] bool send(int socket, MessageKind kind, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<Message> receive(int socket);

}  // namespace labyrinth::tool
