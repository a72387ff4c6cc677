#include "server/control/json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/nowide/utf/convert.hpp>

#include "server/control/override_json.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

template <class T>
json::array each(const std::vector<T>& values, json::object (*one)(const T&)) {
  json::array array;
  array.reserve(values.size());
  for (const T& value : values) array.push_back(one(value));
  return array;
}

json::object member(const MemberStatus& member) {
  return {{"address", member.name.empty() ? json::value(member.address.to_string()) : nullptr},
          {"name", or_null(member.name)},
          {"address_of", or_null(member.of)},
          {"depth", member.depth},
          {"pool", utf8(member.pool)},
          {"monitor", or_null(member.monitor)},
          {"tier", member.tier},
          {"verdict", health::text(member.verdict)},
          {"answering", member.answering},
          {"location", or_null(member.location)},
          {"override", member.decided ? json::value(to_json(*member.decided)) : nullptr}};
}

json::object live_name(const LiveNameStatus& live) {
  return {{"zone", utf8(live.zone)},
          {"name", utf8(live.name)},
          {"type", zones::text(live.type)},
          {"pool", or_null(live.pool)},
          {"aliases", all_of(live.aliases)},
          {"monitor", utf8(live.monitor)},
          {"policy", text(live.policy)},
          {"rule", utf8(live.rule)},
          {"ttl_seconds", live.ttl},
          {"since", rfc3339(live.since)},
          {"members", each(live.members, member)}};
}

json::object contact(const health::ContactStatus& status) {
  return {{"contact", utf8(status.contact)},
          {"type", status.type},
          {"waiting", status.waiting},
          {"is_sending", status.is_sending},
          {"delivered", status.delivered},
          {"retried", status.retried},
          {"failed", status.failed},
          {"elsewhere", status.elsewhere},
          {"left_out", status.left_out},
          {"last_success", status.last_success ? json::value(rfc3339(*status.last_success)) : nullptr}};
}

json::object vote(const health::VoteStatus& vote) {
  const auto& evidence = vote.evidence;
  return {{"agent", utf8(vote.agent)},
          {"location", or_null(vote.location)},
          {"verdict", health::text(vote.verdict)},
          {"counts", vote.counts},
          {"outcome", evidence ? json::value(health::text(evidence->outcome)) : nullptr},
          {"detail", evidence ? json::value(utf8(evidence->detail)) : nullptr},
          {"time", evidence ? json::value(rfc3339(evidence->time)) : nullptr}};
}

json::object target(const health::MergedStatus& status) {
  const health::MonitorSettings& monitor = status.target.monitor;
  const std::uint16_t port = health::endpoint(status.target).port();
  const auto& own = status.own;
  const bool has_last = own && own->last;
  return {{"monitor", utf8(status.target.id.monitor)},
          {"address", status.target.id.address.to_string()},
          {"type", text(monitor.type)},
          {"port", port != 0 ? json::value(port) : nullptr},  // ping has none
          {"verdict", health::text(status.verdict)},
          {"since", rfc3339(status.since)},
          {"transitions", status.transitions},
          {"basis", text(status.basis)},
          {"held", status.verdict != health::Verdict::unknown && is_held(status.basis)},
          {"kept", status.verdict != health::Verdict::unknown && status.basis == health::Basis::kept},
          {"flapping", status.held_down},
          {"votes", each(status.votes, vote)},
          {"unseen_seconds", own ? json::value(std::chrono::duration<double>(own->unseen).count()) : nullptr},
          {"late", own && own->late},
          {"last", has_last ? json::value(to_json(*own->last)) : nullptr}};
}

json::value age(std::optional<std::chrono::steady_clock::time_point> then,
                std::chrono::steady_clock::time_point now) {
  return then ? json::value(std::chrono::duration<double>(now - *then).count()) : nullptr;
}

json::object agent(const health::AgentStatus& status, std::chrono::steady_clock::time_point now) {
  json::array addresses;
  for (const auto& address : status.addresses) addresses.push_back(json::value(address.to_string()));
  return {{"name", utf8(status.name)},         {"location", or_null(status.location)},
          {"standing", text(status.standing)}, {"heard_seconds", age(status.heard, now)},
          {"targets", status.targets},         {"addresses", std::move(addresses)}};
}

}  // namespace

json::string utf8(std::string_view text) {
  return json::string(boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size()));
}

json::value or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(utf8(text));
}

json::array all_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(utf8(text));
  return array;
}

json::value time_or_null(const std::optional<std::chrono::system_clock::time_point>& time) {
  return time ? json::value(rfc3339(*time)) : nullptr;
}

json::object to_json(const ZoneStatus& zone) {
  json::object object{{"name", utf8(zone.name)},
                      {"file", utf8(zone.file)},
                      {"catalog", or_null(zone.catalog)},
                      {"serving", zone.serving}};
  object["serial"] = zone.serving ? json::value(zone.serial) : nullptr;
  object["records"] = zone.serving ? json::value(zone.records) : nullptr;
  object["memory_bytes"] = zone.serving ? json::value(zone.memory) : nullptr;
  object["loaded"] = zone.serving ? json::value(rfc3339(zone.loaded)) : nullptr;
  object["refused"] = zone.refused;
  object["problems"] = all_of(zone.problems);
  return object;
}

json::array to_json(const std::vector<LiveNameStatus>& names) { return each(names, live_name); }
json::array to_json(const std::vector<health::MergedStatus>& targets) { return each(targets, target); }

json::object to_json(const ZoneTotals& totals) {
  return {{"zones", totals.zones},
          {"serving", totals.serving},
          {"refused", totals.refused},
          {"records", totals.records},
          {"memory_bytes", totals.memory}};
}

json::object to_json(const ReloadReport& report) {
  return {{"ok", report.ok()},
          {"configuration_accepted", report.configuration_accepted},
          {"zones_changed", report.zones_changed},
          {"zones_refused", report.zones_refused},
          {"zones_read", report.zones_read},
          {"zones_unknown", report.zones_unknown},
          {"problems", all_of(report.problems)}};
}

json::object to_json(const health::Observation& seen) {
  return {{"outcome", health::text(seen.outcome)}, {"detail", utf8(seen.detail)},
          {"time", rfc3339(seen.wall_time)},       {"connect_seconds", seconds(seen.connect)},
          {"tls_seconds", seconds(seen.tls)},      {"header_seconds", seconds(seen.header)},
          {"body_seconds", seconds(seen.body)},    {"total_seconds", seconds(seen.total)}};
}

json::object to_json(const health::Delivery& delivery) {
  return {{"id", utf8(delivery.id)},
          {"contact", utf8(delivery.contact)},
          {"kind", text(delivery.kind)},
          {"subject", utf8(delivery.subject)},
          {"events", all_of(delivery.events)},
          {"time", rfc3339(delivery.time)},
          {"changed", rfc3339(delivery.changed)},
          {"result", text(delivery.state)},
          {"attempts", delivery.attempts},
          {"error", or_null(delivery.why)}};
}

json::object to_json(const health::MeetingStatus& status, std::chrono::steady_clock::time_point now) {
  json::array agents;
  for (const health::AgentStatus& one : status.agents) agents.push_back(agent(one, now));
  json::value store;
  if (status.store) {
    store = {{"state", text(status.store->state)},
             {"problem", or_null(status.store->problem)},
             {"contact_seconds", age(status.store->last_contact, now)},
             {"revision", status.store->revision},
             {"waiting_writes", status.store->waiting_writes},
             {"malformed", status.store->malformed},
             {"unreadable", all_of(status.store->unreadable)},
             {"servers", status.store->servers}};
  }
  return {{"agents", std::move(agents)},
          {"blind", status.blind},
          {"duties", status.duties},
          {"held", status.held},
          {"store", std::move(store)}};
}

json::object to_json(const health::NotifyStatus& status) {
  json::array deliveries;
  for (const health::Delivery& delivery : status.deliveries) deliveries.push_back(to_json(delivery));
  return {{"contacts", each(status.contacts, contact)}, {"deliveries", std::move(deliveries)}};
}

}  // namespace holdfast::server
