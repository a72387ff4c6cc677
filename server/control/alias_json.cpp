#include "server/control/alias_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "server/control/json.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;
using zones::AliasTime;

const char* text(zones::Dependence dependence) {
  switch (dependence) {
    case zones::Dependence::no: return "no";
    case zones::Dependence::yes: return "yes";
    case zones::Dependence::unknown: break;
  }
  return "unknown";
}

json::array texts(const std::vector<std::string>& all) {
  json::array array;
  for (const std::string& text : all) array.push_back(utf8(text));
  return array;
}

json::object target(const AliasReport::Target& target, AliasTime now) {
  const zones::AliasStatus& status = target.status;
  json::array addresses;
  for (const auto& address : status.served.addresses) addresses.push_back(json::value(address.to_string()));
  json::array networks;
  const auto* known = status.served.networks.get();
  for (const zones::NetworkRecords& one :
       known != nullptr ? known->all() : std::vector<zones::NetworkRecords>()) {
    json::array given;
    for (const auto& address : one.addresses) given.push_back(json::value(address.to_string()));
    networks.push_back({{"network", one.network.text()},
                        {"addresses", std::move(given)},
                        {"left_seconds", seconds(one.until - now)}});
  }
  const bool has_end = status.served.expires != AliasTime{};
  const bool was_asked = status.asked_at != AliasTime{};
  return {{"target", utf8(status.target.text())},
          {"type", zones::text(status.type)},
          {"state", zones::text(status.served.state)},
          {"addresses", std::move(addresses)},
          {"left_seconds", has_end ? json::value(seconds(status.served.expires - now)) : nullptr},
          {"asked_seconds", was_asked ? json::value(seconds(now - status.asked_at)) : nullptr},
          {"due_seconds", std::max(0.0, seconds(status.due - now))},
          {"upstream", or_null(status.upstream)},
          {"error", or_null(status.served.error)},
          {"asked", status.counters.asked},
          {"failed", status.counters.failed},
          {"mismatches", status.counters.mismatches},
          {"tcp", status.counters.tcp},
          {"depends_on_client", text(status.served.dependence)},
          {"networks", std::move(networks)},
          {"used_by", texts(target.used_by)}};
}

json::object upstream(const zones::UpstreamStatus& status, AliasTime now) {
  std::ostringstream endpoint;
  endpoint << status.endpoint;
  return {{"upstream", endpoint.str()},
          {"rtt_seconds", status.srtt ? json::value(seconds(*status.srtt)) : nullptr},
          {"backed_off_seconds", std::max(0.0, seconds(status.backed_off_until - now))},
          {"budget_used", status.budget_used},
          {"packets", status.packets},
          {"timeouts", status.timeouts},
          {"refusals", status.refusals},
          {"mismatches", status.mismatches},
          {"waited", status.waited}};
}

}  // namespace

json::object to_json(const AliasReport& report) {
  json::array targets, upstreams;
  for (const AliasReport::Target& one : report.targets) targets.push_back(target(one, report.now));
  for (const zones::UpstreamStatus& one : report.upstreams) upstreams.push_back(upstream(one, report.now));
  return {{"targets", std::move(targets)}, {"upstreams", std::move(upstreams)}};
}

}  // namespace holdfast::server
