// Work in a process of its own: what crashes, hangs or ends there ends a child, and its parent tells.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace labyrinth::native {

/// Runs `body` in a child process, which ends with it. The child goes with its parent. Throws
/// std::system_error if there is no process to be had.
[[nodiscard]] pid_t start(const std::function<void()>& body);

/// How it ended, as waitpid() says; nothing if it is still there after so many seconds.
[[nodiscard]] std::optional<int> wait_for(pid_t child, double seconds);
/// Ends it at once.
void kill_and_wait(pid_t child);

/// "it was ended by signal 9 (Killed)", "it called exit(3)".
[[nodiscard]] std::string words_of(int status);

/// Where calls crash: says so in shared().complaints and ends the process.
void tell_crashes();
/// Ends the process with a complaint that was made.
[[noreturn]] void end_with_complaint();

}  // namespace labyrinth::native
