// Drawing a campaign's course: lines over the time that it has run, in inline SVG.
#include "campaign_plot.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "markup.hpp"

namespace labyrinth::tool {
namespace {

constexpr double kWidth = 720, kHeight = 220, kLeft = 70, kRight = 20, kTop = 16, kBottom = 44;

struct Point {
  double x, y;
};

/// 1, 2 or 5 times a power of ten, for about four steps up to `most`.
[[nodiscard]] double nice_step(double most) {
  constexpr double kSteps = 4;
  const double rough = std::max(most, 1.0) / kSteps;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power) return factor * power;
  }
  return 10 * power;
}

/// Seconds, for about five steps up to `most`.
[[nodiscard]] double nice_time_step(double most) {
  for (const double step : {1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0,
                            21600.0, 43200.0, 86400.0, 172800.0})
    if (most / step <= 6) return step;
  return 604800;
}

[[nodiscard]] std::string short_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole % 86400 == 0 && whole != 0) return fmt::format("{} d", whole / 86400);
  if (whole % 3600 == 0 && whole != 0) return fmt::format("{} h", whole / 3600);
  if (whole % 60 == 0 && whole != 0) return fmt::format("{} min", whole / 60);
  return fmt::format("{} s", whole);
}

[[nodiscard]] std::string short_number(double value) {
  if (value >= 1e9) return fmt::format("{:g}G", value / 1e9);
  if (value >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", value);
}

/// So many points that a screen shows them all; of a long course each so manieth.
[[nodiscard]] std::vector<Point> thinned(const std::vector<CampaignStatistics>& course,
                                         double (*value)(const CampaignStatistics&)) {
  constexpr std::size_t kPoints = 600;
  std::vector<Point> points;
  const std::size_t each = course.size() / kPoints + 1;
  for (std::size_t i = 0; i < course.size(); i += each)
    points.push_back({course[i].active, value(course[i])});
  if (!course.empty()) points.push_back({course.back().active, value(course.back())});
  return points;
}

void draw(std::string& out, const char* title, const char* unit, const std::vector<Point>& points) {
  double most_x = 1, most_y = 1;
  for (const Point& point : points) {
    most_x = std::max(most_x, point.x);
    most_y = std::max(most_y, point.y);
  }
  const double step = nice_step(most_y), top = std::ceil(most_y / step) * step;
  const auto x = [&](double value) { return kLeft + value / most_x * (kWidth - kLeft - kRight); };
  const auto y = [&](double value) { return kHeight - kBottom - value / top * (kHeight - kTop - kBottom); };
  out += fmt::format(
      "<figure><figcaption>{} <b>{}</b></figcaption>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{} over time\">\n",
      title, points.empty() ? "-" : short_number(std::round(points.back().y)), kWidth, kHeight, title);
  for (unsigned i = 0; i <= std::lround(top / step); ++i) {
    const double tick = i * step;
    out += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"y\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        kLeft, kWidth - kRight, y(tick), y(tick), kLeft - 8, y(tick) + 4, short_number(tick));
  }
  const double time_step = nice_time_step(most_x);
  for (unsigned i = 0; i * time_step <= most_x; ++i)
    out += fmt::format("<text class=\"x\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x(i * time_step),
                       kHeight - kBottom + 16, short_time(i * time_step));
  out += fmt::format("<text class=\"x\" x=\"{:.1f}\" y=\"{:.1f}\">time fuzzed</text>\n",
                     (kLeft + kWidth - kRight) / 2, kHeight - 8);
  out += fmt::format("<text class=\"x\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}</text>\n",
                     (kTop + kHeight - kBottom) / 2, unit);
  out += "<polyline points=\"";
  for (const Point& point : points) out += fmt::format("{:.1f},{:.1f} ", x(point.x), y(point.y));
  out += "\"/>\n</svg></figure>\n";
}

constexpr const char* kStyle = R"(<style>
:root { --ink: #1b1f24; --faint: #d5d9de; --paper: #ffffff; --line: #0b62c4; --soft: #59636e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --faint: #363d45; --paper: #14181c; --line: #6cb2ff; --soft: #9aa4ae; }
}
:root { color-scheme: light dark; }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; }
figure { margin: 1.5rem 0; } figcaption { color: var(--soft); } figcaption b { color: var(--ink); }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
svg .x { text-anchor: middle; } svg .y { text-anchor: end; }
svg .grid { stroke: var(--faint); } svg polyline { fill: none; stroke: var(--line); stroke-width: 2;
  stroke-linejoin: round; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .9rem .2rem 0;
  border-bottom: 1px solid var(--faint); font-variant-numeric: tabular-nums; }
</style>
)";

}  // namespace

std::string campaign_page(const std::string& title, const CampaignStatus& status,
                          const std::vector<CampaignStatistics>& course) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, "
      "initial-scale=1\">\n<title>{0}</title>\n{1}</head>\n<body>\n<h1>{0}</h1>\n",
      escaped(title), kStyle);
  out +=
      fmt::format("<p>{}{}. {}</p>\n", escaped(status.state),
                  status.reason.empty() ? "" : ": " + escaped(status.reason), escaped(status_line(status)));
  const auto any = [&](auto field) {
    return std::any_of(course.begin(), course.end(), [&](const auto& s) { return field(s) != 0; });
  };
  using S = CampaignStatistics;
  draw(out, "Executions a second", "a second", thinned(course, [](const S& s) { return s.rate; }));
  draw(out, "Executions", "executions",
       thinned(course, [](const S& s) { return static_cast<double>(s.executions); }));
  if (any([](const S& s) { return s.edges; })) {
    draw(out, "Edges of the target", "edges",
         thinned(course, [](const S& s) { return static_cast<double>(s.edges); }));
    draw(out, "Features: edges by how often, and pairs of accesses", "features",
         thinned(course, [](const S& s) { return static_cast<double>(s.features); }));
  }
  if (any([](const S& s) { return s.afl_edges; }))
    draw(out, "Edges of the target, by AFL++", "edges",
         thinned(course, [](const S& s) { return static_cast<double>(s.afl_edges); }));
  draw(out, "Inputs in the corpus", "inputs",
       thinned(course, [](const S& s) { return static_cast<double>(s.corpus); }));
  draw(out, "Crashes", "crashes", thinned(course, [](const S& s) { return static_cast<double>(s.crashes); }));
  if (!status.crashes.empty()) {
    out +=
        "<h2>Crashes by "
        "signature</h2>\n<table><tr><th>signature</th><th>crashes</th><th>traces</th><th>first "
        "seen (UTC)</th></tr>\n";
    for (const auto& [signature, group] : status.crashes)
      out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{:%Y-%m-%d %H:%M:%S}</td></tr>\n",
                         escaped(signature), group.count, group.traces,
                         fmt::gmtime(static_cast<std::time_t>(group.first_seen)));
    out += "</table>\n";
  }
  return out + "</body>\n</html>\n";
}

}  // namespace labyrinth::tool
