// The two sides of an audit: built shared objects, or revisions, which are checked out and built.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "audit_options.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

struct AuditSide {
  std::string said;      ///< As the caller named it.
  std::string revision;  ///< A commit; "" of a shared object.
  std::string build;     ///< Directory that the revision was built in; "" of a shared object.
  std::string path;      ///< The target with hooks.
  std::string plain;     ///< The one without; "": there is none.
};

/// Both; nothing, after saying why: one is neither a file nor a revision, or does not build.
[[nodiscard]] std::optional<std::array<AuditSide, 2>> find_sides(const AuditOptions& options,
                                                                 StatusLine& status);

/// Builds more of a revision. False, after printing the end of the log: it does not build, or, if it goes
/// past errors, not all of it.
[[nodiscard]] bool build_more(const AuditSide& side, const std::vector<std::string>& targets,
                              StatusLine& status, bool past_errors = false);

}  // namespace labyrinth::tool
