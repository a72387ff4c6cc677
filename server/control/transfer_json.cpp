#include "server/control/transfer_json.h"

#include <boost/json.hpp>

#include "server/control/json.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

json::object secondary(const SecondaryStatus& status) {
  return {{"zone", utf8(status.zone)},
          {"peer", utf8(status.peer)},
          {"address", utf8(status.address)},
          {"serial", status.announced.value()},
          {"held", status.held ? json::value(status.held->value()) : nullptr},
          {"current", status.is_current},
          {"acknowledged", status.is_acknowledged},
          {"notifies", status.attempts},
          {"since", rfc3339(status.since)},
          {"lag_seconds", status.lag.count()},
          {"problem", or_null(status.problem)}};
}

json::object zone_in(const SecondaryZone& zone) {
  return {{"zone", utf8(zone.zone.text())},
          {"catalog", or_null(zone.catalog)},
          {"state", utf8(zone.state)},
          {"primary", or_null(zone.primary)},
          {"serial", zone.serial ? json::value(zone.serial->value()) : nullptr},
          {"last_success", time_or_null(zone.last_success)},
          {"success", or_null(zone.success)},
          {"last_failure", time_or_null(zone.last_failure)},
          {"failure", or_null(zone.failure)},
          {"failures", zone.failures},
          {"warning", or_null(zone.warning)},
          {"next", time_or_null(zone.next)},
          {"expires", time_or_null(zone.expires)},
          {"old", zone.is_old},
          {"expired", zone.is_expired},
          {"whole", zone.whole},
          {"changes", zone.changes},
          {"failed", zone.failed},
          {"octets", zone.octets}};
}

}  // namespace

json::object to_json(const TransferReport& report) {
  json::array secondaries;
  for (const SecondaryStatus& one : report.secondaries) secondaries.push_back(secondary(one));
  json::array zones_in;
  for (const SecondaryZone& zone : report.zones_in) zones_in.push_back(zone_in(zone));
  return {{"secondaries", std::move(secondaries)},
          {"zones_in", std::move(zones_in)},
          {"problem", or_null(report.problem)},
          {"sent",
           {{"whole", report.whole},
            {"changes", report.changes},
            {"failed", report.failed},
            {"octets", report.octets},
            {"running", report.running},
            {"waiting", report.waiting},
            {"closed_connections", report.closed_connections},
            {"refused", report.refused}}},
          {"notifies", {{"taken", report.notifies}, {"refused", report.refused_notifies}}},
          {"updates",
           {{"changed", report.updates.changed},
            {"unchanged", report.updates.unchanged},
            {"unmet", report.updates.unmet},
            {"refused", report.updates.refused},
            {"failed", report.updates.failed},
            {"full", report.updates.full},
            {"records", report.updates.records}}},
          {"bad_signatures", report.bad_signatures}};
}

}  // namespace holdfast::server
