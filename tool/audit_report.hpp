// An audit's verdict on one page: for a person at a terminal, for a program, for a browser.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "audit_session.hpp"
#include "audit_sides.hpp"

namespace labyrinth::tool {

/// "Something that was right became wrong." and the like, for the exit code.
[[nodiscard]] std::string headline(const AuditSession& session);

[[nodiscard]] std::string audit_text(AuditSession& session, const std::array<AuditSide, 2>& sides);
[[nodiscard]] nlohmann::json audit_json(AuditSession& session, const std::array<AuditSide, 2>& sides);
/// A document of its own, that loads nothing.
[[nodiscard]] std::string audit_html(AuditSession& session, const std::array<AuditSide, 2>& sides);

/// The sections of findings, in the order in which they matter.
struct AuditSection {
  AuditFinding::Kind kind;
  const char* title;
};
inline constexpr std::array kAuditSections{
    AuditSection{AuditFinding::Kind::kWorse, "What was right and is wrong now"},
    AuditSection{AuditFinding::Kind::kNoticeable, "What a caller could notice besides"},
    AuditSection{AuditFinding::Kind::kBetter, "What was wrong and is right now"},
    AuditSection{AuditFinding::Kind::kBoth, "What is wrong before and after"},
};

/// "corpus/a.trace, corpus/b.trace and 3 more"
[[nodiscard]] std::string places_of(const AuditFinding& finding);
/// "build/default/targets/reference.so (reference, build 0a1b2c…)"
[[nodiscard]] std::string words_of(AuditSession& session, const AuditSide& side, Which which);
/// The commands that show a finding again; "" if its trace was not saved.
[[nodiscard]] std::string commands_of(const AuditFinding& finding, const std::array<AuditSide, 2>& sides);

}  // namespace labyrinth::tool
