#include "server/control/route.h"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "server/control/json.h"
#include "server/control/metrics.h"

namespace holdfast::server {
namespace {

Reply as_json(const boost::json::value& value, unsigned status = 200) {
  return {status, boost::json::serialize(value) + "\n", "application/json"};
}

std::string list_of_routes() {
  std::string text;
  for (const Route& route : routes())
    text += fmt::format("{:<4} {:<17} {}\n", route.method, route.path, route.says);
  return text;
}

bool any_served(const std::vector<ZoneStatus>& zones) {
  return std::any_of(zones.begin(), zones.end(), [](const ZoneStatus& zone) { return zone.serving; });
}

Reply index(const Asked&) { return {200, "holdfast " HOLDFAST_VERSION "\n\n" + list_of_routes()}; }

Reply metrics(const Asked& asked) {
  return {200, prometheus::TextSerializer().Serialize(collect(asked.state, asked.door)),
          "text/plain; version=0.0.4; charset=utf-8"};
}

Reply healthz(const Asked&) { return {200, "ok\n"}; }

// Ready from the first zone on. Health has no say: what it does not know yet counts as alive.
Reply readyz(const Asked& asked) {
  const std::vector<ZoneStatus> zones = asked.state.zones();
  if (any_served(zones)) return {200, "ready\n"};
  if (zones.empty()) return {503, "not ready: no zone is configured; add a [[zone]] and reload\n"};
  std::string text = "not ready: none of the zones is loaded\n";
  for (const ZoneStatus& zone : zones) {
    text += zone.name + ": " + (zone.problems.empty() ? "see the log" : zone.problems.front()) + "\n";
  }
  return {503, std::move(text)};
}

Reply status(const Asked& asked) {
  const std::vector<ZoneStatus> zones = asked.state.zones();
  return as_json({{"version", HOLDFAST_VERSION},
                  {"started", rfc3339(asked.state.started)},
                  {"now", rfc3339(asked.now)},
                  {"uptime_seconds", std::chrono::duration<double>(asked.now - asked.state.started).count()},
                  {"ready", any_served(zones)},
                  {"zones", to_json(zones)},
                  {"live", to_json(asked.state.live_names())},
                  {"targets", to_json(asked.state.targets())}});
}

Reply zones(const Asked& asked) { return as_json(to_json(asked.state.zones())); }
Reply live(const Asked& asked) { return as_json(to_json(asked.state.live_names())); }
Reply targets(const Asked& asked) { return as_json(to_json(asked.state.targets())); }

Reply reload(const Asked& asked) {
  const ReloadReport report = asked.state.reload();
  return as_json(to_json(report), report.ok() ? 200 : 422);
}

constexpr std::array kRoutes{
    Route{"GET", "/", "this list", index},
    Route{"GET", "/metrics", "figures for Prometheus", metrics},
    Route{"GET", "/healthz", "200: the program runs", healthz},
    Route{"GET", "/readyz", "200: at least one zone is served", readyz},
    Route{"GET", "/api/v1/status", "all of the three below, and the version", status},
    Route{"GET", "/api/v1/zones", "zones: serial, size, problems of the last load", zones},
    Route{"GET", "/api/v1/live", "live names: members, and which of them answer", live},
    Route{"GET", "/api/v1/targets", "targets: verdict, and what the last probe saw", targets},
    Route{"POST", "/api/v1/reload", "load configuration and zones again", reload, true},
};

}  // namespace

std::span<const Route> routes() noexcept { return kRoutes; }

std::variant<const Route*, Reply> find_route(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const auto route =
      std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& r) { return r.path == path; });
  if (route == kRoutes.end()) return Reply{404, "there is no such page; there are:\n\n" + list_of_routes()};
  if (method == route->method || (method == "HEAD" && route->method == "GET")) return &*route;
  const std::string_view allow = route->method == "GET" ? "GET, HEAD" : route->method;
  return Reply{405, fmt::format("{} takes {}\n", path, allow), Reply{}.type, allow};
}

}  // namespace holdfast::server
