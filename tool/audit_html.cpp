// The verdict as a page that loads nothing. Whatever a target, a trace or a file's name says is escaped.
#include <fmt/format.h>

#include "audit_report.hpp"
#include "markup.hpp"

namespace labyrinth::tool {
namespace {

constexpr const char* kStyle = R"(<style>
:root { --ink: #1b1f24; --faint: #d5d9de; --paper: #ffffff; --soft: #59636e; --bad: #c4320b; --mark: #fff1d6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --faint: #363d45; --paper: #14181c; --soft: #9aa4ae; --bad: #ff8a66; --mark: #3a2f16; }
}
:root { color-scheme: light dark; }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { text-align: left; padding: .15rem .7rem .15rem 0;
  vertical-align: top; } thead th { color: var(--soft); font-weight: normal; border-bottom: 1px solid var(--faint); }
pre, .times td { font: 13px/1.45 ui-monospace, monospace; white-space: pre; } pre { overflow-x: auto; }
.times { table-layout: fixed; width: 100%; } .times td { font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.times .unlike td { background: var(--mark); } .soft { color: var(--soft); } .wrong { color: var(--bad); }
</style>
)";

void write_finding(std::string& out, const AuditFinding& finding, const std::array<AuditSide, 2>& sides) {
  out += fmt::format("<section><h3>{}</h3>\n<p class=\"soft\">found: {}</p>\n", escaped(finding.what),
                     escaped(places_of(finding)));
  for (const Which side : kSides) {
    const Shown& shown = finding.shown.at(index(side));
    if (!shown.words.empty())
      out += fmt::format("<p>{} <span{}>{}</span></p>\n", name(side), shown.wrong() ? " class=\"wrong\"" : "",
                         escaped(shown.words));
  }
  if (!finding.certainty.empty()) out += fmt::format("<p>{}</p>\n", escaped(finding.certainty));
  if (!finding.trace.empty()) {
    out += fmt::format(
        "<pre>{}</pre>\n<div class=\"scroll\"><table class=\"times\"><thead><tr><th>OLD</th>"
        "<th>NEW</th></tr></thead><tbody>\n",
        escaped(finding.trace));
    for (const SideRow& row : finding.rows)
      out += fmt::format("<tr{}><td>{}</td><td>{}</td></tr>\n", row.alike ? "" : " class=\"unlike\"",
                         escaped(row.text[0]), escaped(row.text[1]));
    out += fmt::format("</tbody></table></div>\n<pre>{}</pre>\n", escaped(commands_of(finding, sides)));
  }
  out += "</section>\n";
}

void write_list(std::string& out, const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out += fmt::format("<h2>{}</h2>\n<ul>\n", title);
  for (const std::string& line : lines) out += fmt::format("<li>{}</li>\n", escaped(line));
  out += "</ul>\n";
}

}  // namespace

std::string audit_html(AuditSession& session, const std::array<AuditSide, 2>& sides) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Audit: {}</title>\n{}</head><body>\n<h1>{}</h1>\n<p>OLD {}<br>NEW {}</p>\n",
      escaped(headline(session)), kStyle, escaped(headline(session)),
      escaped(words_of(session, sides[0], Which::kOld)), escaped(words_of(session, sides[1], Which::kNew)));
  for (const AuditSection& section : kAuditSections) {
    bool first = true;
    for (const AuditFinding& finding : session.findings()) {
      if (finding.kind != section.kind) continue;
      if (first) out += fmt::format("<h2>{}</h2>\n", section.title);
      first = false;
      write_finding(out, finding, sides);
    }
  }
  if (!session.measures().empty()) {
    out +=
        "<h2>Better or worse</h2>\n<div class=\"scroll\"><table><thead><tr><th></th><th>OLD</th><th>NEW</th>"
        "<th></th></tr></thead><tbody>\n";
    for (const AuditMeasure& measure : session.measures())
      out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(measure.what),
                         escaped(measure.side[0]), escaped(measure.side[1]), escaped(measure.verdict));
    out += "</tbody></table></div>\n";
  }
  write_list(out, "What could not be decided", session.open());
  write_list(out, "What was done", session.done());
  return out + "</body></html>\n";
}

}  // namespace labyrinth::tool
