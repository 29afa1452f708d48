// What verbs read: trace files, and the target to run them on. Errors are printed here, once, in one form.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {

/// Where this program lies, and what belongs to it beside it: targets/, corpus/, fuzz/. Of an installed one
/// that is a folder of its own, to which bin/labyrinth leads.
[[nodiscard]] std::filesystem::path program_directory();
/// This program's file, where it lay when this was first asked: to be started again. Another build of it may
/// come to lie there meanwhile.
[[nodiscard]] const std::filesystem::path& own_program();

/// Where the target is that this names: `path` if given, else $LABYRINTH_TARGET, else the reference allocator
/// beside this program (of a copy of a harness called NAME-..., the target NAME).
[[nodiscard]] std::string target_path(const std::string& path);

/// The target to use: `path` if given, else $LABYRINTH_TARGET, else the reference allocator beside this
/// program. Prints what is wrong and returns nothing if it cannot be loaded.
[[nodiscard]] std::optional<machine::Target> load_target(const std::string& path);

/// What labyrinth_add_target() builds of the same sources without hooks lies beside, in plain/; "": nothing
/// does.
[[nodiscard]] std::string plain_beside(const std::filesystem::path& hooked);

/// Whether it is the reference allocator, which `labyrinth` takes when nothing is said.
[[nodiscard]] bool is_default(const machine::Target& target);

/// The bytes of a regular file (or of standard input for "-"), one more than machine::kMaxFileBytes at most;
/// nothing, and why in `error`, if it cannot be read.
[[nodiscard]] std::optional<std::string> read_bytes(const std::string& path, std::string& error);

/// Reads at most machine::kMaxFileBytes of a regular file (or of standard input for "-"). Prints
/// FILE:line:column: message and returns nothing if it is no trace.
[[nodiscard]] std::optional<machine::TraceFile> read_trace(const std::string& path);

/// As a word for a shell.
[[nodiscard]] std::string quoted(const std::string& word);

/// "labyrinth VERB [--target …] ARGUMENT", as a shell would take it.
[[nodiscard]] std::string command(const std::string& verb, const machine::Target& target,
                                  const std::string& argument);

}  // namespace labyrinth::tool
