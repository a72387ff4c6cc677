#include "server/control/route.h"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "server/control/alias_json.h"
#include "server/control/explain_reply.h"
#include "server/control/export_reply.h"
#include "server/control/json.h"
#include "server/control/json_reply.h"
#include "server/control/log_json.h"
#include "server/control/log_query.h"
#include "server/control/metrics.h"
#include "server/control/override_json.h"
#include "server/control/override_query.h"
#include "server/control/transfer_json.h"
#include "server/control/url_query.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kZonesExplained = 20;  // by /readyz

std::string list_of_routes() {
  std::string text;
  for (const Route& route : routes())
    text += fmt::format("{:<4} {:<21} {}\n", route.method, route.path, route.says);
  return text;
}

/// All zones as one array. Written zone by zone: a tree of 100,000 zones would take ten times the room of its text.
void append_zones(std::string& text, const ControlState& state, const Shown& shown) {
  text += '[';
  boost::json::serializer serializer;
  std::array<char, 4096> room;
  state.each_zone(shown, [&](const ZoneStatus& zone) {
    if (text.back() != '[') text += ',';
    const boost::json::value value = to_json(zone);
    serializer.reset(&value);
    while (!serializer.done()) text += serializer.read(room.data(), room.size());
  });
  text += ']';
}

/// The values of the parameter with this name, or the reply that says what is wrong with the query.
std::variant<std::vector<std::string>, Reply> values(std::string_view query, std::string_view name) {
  const auto given = parameters(query);
  std::vector<std::string> found;
  for (const Parameter& parameter : given.value_or(std::vector<Parameter>())) {
    if (parameter.name == name) found.push_back(parameter.value);
  }
  if (given && found.size() == given->size()) return found;
  return Reply{400, fmt::format("only {}=... is known here\n", name)};
}

/// `zones=100`: that many zones at most, see Shown.
std::variant<Shown, Reply> shown_in(std::string_view query) {
  const auto given = values(query, "zones");
  if (const Reply* wrong = std::get_if<Reply>(&given)) return *wrong;
  Shown shown;
  for (const std::string& text : std::get<0>(given)) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), shown.most);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      return Reply{400, "zones is a number, such as zones=100\n"};
    }
  }
  return shown;
}

Reply index(const Asked&) { return {200, "holdfast " HOLDFAST_VERSION "\n\n" + list_of_routes()}; }

Reply metrics(const Asked& asked) {
  return {200, prometheus::TextSerializer().Serialize(collect(asked.state, asked.door)),
          "text/plain; version=0.0.4; charset=utf-8"};
}

Reply healthz(const Asked&) { return {200, "ok\n"}; }

// Ready from the first zone on. Health has no say: what it does not know yet counts as alive.
Reply readyz(const Asked& asked) {
  if (!asked.state.serves) return {200, "ready: an agent serves no zones\n"};
  const ZoneTotals totals = asked.state.zone_totals();
  if (totals.serving != 0) return {200, "ready\n"};
  if (totals.zones == 0) return {503, "not ready: no zone is configured; add a [[zone]] and reload\n"};
  std::string text = "not ready: none of the zones is loaded\n";
  asked.state.each_zone({kZonesExplained}, [&](const ZoneStatus& zone) {
    text += zone.name + ": " + (zone.problems.empty() ? "see the log" : zone.problems.front()) + "\n";
  });
  if (totals.zones > kZonesExplained) text += fmt::format("and {} more\n", totals.zones - kZonesExplained);
  return {503, std::move(text)};
}

boost::json::array overrides_of(const ControlState& state) {
  boost::json::array array;
  if (state.overrides == nullptr) return array;
  for (const health::Override& one : state.overrides->in_force()) array.push_back(to_json(one));
  return array;
}

Reply status(const Asked& asked) {
  const auto shown = shown_in(asked.query);
  if (const Reply* wrong = std::get_if<Reply>(&shown)) return *wrong;
  const ZoneTotals totals = asked.state.zone_totals();
  const boost::json::object head{
      {"version", HOLDFAST_VERSION},
      {"started", rfc3339(asked.state.started)},
      {"now", rfc3339(asked.now)},
      {"uptime_seconds", std::chrono::duration<double>(asked.now - asked.state.started).count()},
      {"ready", !asked.state.serves || totals.serving != 0},
      {"zone_totals", to_json(totals)},
      {"live", to_json(asked.state.live_names())},
      {"targets", to_json(asked.state.targets())},
      {"overrides", overrides_of(asked.state)},
      {"checks", asked.state.meeting ? to_json(asked.state.meeting(), std::chrono::steady_clock::now())
                                     : boost::json::value()}};
  Reply reply{200, boost::json::serialize(head), "application/json"};
  reply.body.back() = ',';
  reply.body += "\"zones\":";
  append_zones(reply.body, asked.state, std::get<0>(shown));
  reply.body += "}\n";
  return reply;
}

Reply zones(const Asked& asked) {
  const auto shown = shown_in(asked.query);
  if (const Reply* wrong = std::get_if<Reply>(&shown)) return *wrong;
  Reply reply{200, "", "application/json"};
  append_zones(reply.body, asked.state, std::get<0>(shown));
  reply.body += '\n';
  return reply;
}
Reply live(const Asked& asked) { return as_json(to_json(asked.state.live_names())); }
Reply targets(const Asked& asked) { return as_json(to_json(asked.state.targets())); }

Reply transfers(const Asked& asked) {
  return as_json(to_json(asked.state.transfers ? asked.state.transfers() : TransferReport()));
}

Reply aliases(const Asked& asked) {
  return as_json(to_json(asked.state.aliases ? asked.state.aliases() : AliasReport()));
}

Reply log(const Asked& asked) {
  if (!asked.state.read_log) {
    return {
        503,
        "there is no log: say where it may be kept, [server] state = \"/var/lib/holdfast\", and restart\n"};
  }
  const auto query = log_query(asked.query, asked.state, asked.now);
  if (const auto* wrong = std::get_if<std::string>(&query)) return {400, *wrong + "\n"};
  try {
    return as_json(to_json(asked.state.read_log(std::get<health::LogQuery>(query)), asked.state));
  } catch (const health::DatabaseError& error) {
    if (!error.is_timeout())
      return {503, fmt::format("the log cannot be read at the moment: {}\n", error.what())};
    return {503,
            fmt::format("this takes longer than {} ms; ask more closely: since, until, monitor, address\n",
                        health::kLongestRead.count())};
  }
}

/// Where probes come from, for a firewall.
Reply agent_addresses(const health::MeetingStatus& status, std::string_view form) {
  std::vector<boost::asio::ip::address> all;
  for (const health::AgentStatus& agent : status.agents)
    all.insert(all.end(), agent.addresses.begin(), agent.addresses.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  boost::json::array array;
  std::string text;
  for (const auto& address : all) {
    array.push_back(boost::json::value(address.to_string()));
    text += address.to_string() + (form != "cidr" ? "\n" : address.is_v4() ? "/32\n" : "/128\n");
  }
  if (form == "json") return as_json(array);
  if (form == "plain" || form == "cidr") return {200, std::move(text)};
  return {400, "addresses is plain, json or cidr\n"};
}

Reply agents(const Asked& asked) {
  const auto forms = values(asked.query, "addresses");
  if (const Reply* wrong = std::get_if<Reply>(&forms)) return *wrong;
  const auto status = asked.state.meeting ? asked.state.meeting() : health::MeetingStatus();
  if (!std::get<0>(forms).empty()) return agent_addresses(status, std::get<0>(forms).back());
  return as_json(to_json(status, std::chrono::steady_clock::now()));
}

Reply accept_store(const Asked& asked) {
  if (asked.state.accept_store && asked.state.accept_store()) return as_json({{"accepted", true}});
  return as_json({{"accepted", false}, {"error", "there is no store, or nothing of it was refused"}}, 409);
}

Reply reload(const Asked& asked) {
  const auto zones = values(asked.query, "zone");
  if (const Reply* wrong = std::get_if<Reply>(&zones)) return *wrong;
  const ReloadReport report = asked.state.reload(std::get<0>(zones));
  return as_json(to_json(report), report.ok() ? 200 : 422);
}

Reply overrides(const Asked& asked) { return as_json(overrides_of(asked.state)); }

Reply as_reply(const OverrideAnswer& answer) {
  using enum OverrideAnswer::Result;
  const OverrideAnswer::Result result = answer.result;
  return as_json(to_json(answer), result == done      ? 200
                                  : result == unfit   ? 400
                                  : result == unknown ? 404
                                                      : 409);
}

Reply decide(const Asked& asked) {
  const auto wish = override_wish(asked.query);
  if (const auto* wrong = std::get_if<std::string>(&wish)) return error(400, *wrong);
  if (asked.state.overrides == nullptr) return error(503, "nothing can be decided here");
  return as_reply(asked.state.overrides->decide(std::get<OverrideWish>(wish)));
}

Reply release(const Asked& asked) {
  const auto wish = release_wish(asked.query);
  if (const auto* wrong = std::get_if<std::string>(&wish)) return error(400, *wrong);
  if (asked.state.overrides == nullptr) return error(503, "nothing can be decided here");
  const auto& [subject, author] = std::get<ReleaseWish>(wish);
  return as_reply(asked.state.overrides->release(subject, author));
}

Reply notifications(const Asked& asked) {
  return as_json(to_json(asked.state.notifications ? asked.state.notifications() : health::NotifyStatus()));
}

Reply notify(const Asked& asked) {
  const auto contacts = values(asked.query, "contact");
  if (const Reply* wrong = std::get_if<Reply>(&contacts)) return *wrong;
  const auto& names = std::get<0>(contacts);
  if (names.size() != 1) return {400, "say which contact is to be told: ?contact=NAME\n"};
  const auto delivery = asked.state.test_contact ? asked.state.test_contact(names.front()) : std::nullopt;
  if (!delivery) {
    return as_json(
        {{"error", "there is no such contact in service; one that is new is there after a reload"}}, 404);
  }
  return as_json(to_json(*delivery), delivery->state == health::DeliveryState::delivered ? 200 : 502);
}

constexpr std::array kRoutes{
    Route{"GET", "/", "this list", index},
    Route{"GET", "/metrics", "figures for Prometheus", metrics},
    Route{"GET", "/healthz", "200: the program runs", healthz},
    Route{"GET", "/readyz", "200: at least one zone is served, or this is an agent", readyz},
    Route{"GET", "/api/v1/status", "all of the four below, and the version", status},
    Route{"GET", "/api/v1/zones", "zones: serial, size, problems of the last load", zones},
    Route{"GET", "/api/v1/live", "live names: members, and which of them answer", live},
    Route{"GET", "/api/v1/explain",
          "?name=www.example.com: why it answers as it does; also "
          "&type=A&client=192.0.2.7&if_down=location:eu&at=1h",
          explain, Route::Thread::reading, explains_past},
    Route{"GET", "/api/v1/replay",
          "?name=www.example.com&fall=2: what other thresholds would have changed; also "
          "&type=A&rise=5&since=1d",
          replay, Route::Thread::reading},
    Route{"GET", "/api/v1/aliases", "targets of ANAMEs: what is known of them, and of who is asked", aliases},
    Route{"GET", "/api/v1/transfers", "secondaries: which version each holds; what was sent", transfers},
    Route{"GET", "/api/v1/export",
          "?zone=example.com: the zone file of what is served; with &live=true as secondaries get it",
          export_zone},
    Route{"GET", "/api/v1/targets", "targets: verdict, and what the last probe saw", targets},
    Route{"GET", "/api/v1/overrides", "what operators decided, in force now", overrides},
    Route{"GET", "/api/v1/log", "the log of probes and events; ?since=1h&outcome=failed, see the reference",
          log, Route::Thread::reading},
    Route{"GET", "/api/v1/agents",
          "who checks, and the store where they meet; ?addresses=plain, json or cidr: where probes come from",
          agents},
    Route{"POST", "/api/v1/store/accept", "the store is right, although it went back or was wiped",
          accept_store},
    Route{"POST", "/api/v1/reload", "load configuration and zones again; ?zone=NAME: only that zone", reload,
          Route::Thread::aside},
    Route{"POST", "/api/v1/override",
          "?decision=drain&subject=shop/192.0.2.10&author=NAME&reason=TEXT, also &for=1h&force=true", decide},
    Route{"POST", "/api/v1/release", "end the override of ?subject=..., or with that id; &author=NAME",
          release},
    Route{"GET", "/api/v1/notifications", "contacts, and the last notifications to them", notifications},
    Route{"POST", "/api/v1/notify", "send a test to ?contact=NAME", notify, Route::Thread::aside},
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
