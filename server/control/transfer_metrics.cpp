#include "server/control/transfer_metrics.h"

#include <algorithm>

#include "server/control/family.h"

namespace holdfast::server {
namespace {

void add_zones_in(const std::vector<SecondaryZone>& all, std::size_t most,
                  std::vector<prometheus::MetricFamily>& families) {
  const auto count = [&](auto is) { return static_cast<double>(std::count_if(all.begin(), all.end(), is)); };
  gauge("holdfast_zones_in", "Zones that we are secondary for.")
      .add({}, static_cast<double>(all.size()))
      .move_to(families);
  gauge("holdfast_zones_in_failing",
        "Of these, those whose last attempt to be as their primaries have them failed.")
      .add({}, count([](const auto& zone) { return zone.failures != 0; }))
      .move_to(families);
  gauge("holdfast_zones_in_old",
        "Of these, those of which no primary was heard of for half of the time until they expire.")
      .add({}, count([](const auto& zone) { return zone.is_old; }))
      .move_to(families);
  gauge("holdfast_zones_in_expired", "Of these, those that are answered with SERVFAIL for that.")
      .add({}, count([](const auto& zone) { return zone.is_expired; }))
      .move_to(families);
  Family expires =
      gauge("holdfast_zone_expires_timestamp_seconds", "When the zone expires unless a primary is heard of.");
  Family taken = counter("holdfast_transfers_in_total", "Transfers from primaries, by what came of them.");
  double whole = 0, changes = 0, failed = 0, octets = 0;
  for (const SecondaryZone& zone : all) {
    whole += static_cast<double>(zone.whole);
    changes += static_cast<double>(zone.changes);
    failed += static_cast<double>(zone.failed);
    octets += static_cast<double>(zone.octets);
    if (zone.expires && all.size() <= most)
      expires.add({{"zone", zone.zone.text()}},
                  std::chrono::duration<double>(zone.expires->time_since_epoch()).count());
  }
  expires.move_to(families);
  taken.add({{"result", "whole"}}, whole)
      .add({{"result", "changes"}}, changes)
      .add({{"result", "failed"}}, failed);
  taken.move_to(families);
  counter("holdfast_transfers_in_octets_total", "Octets of transfers from primaries.")
      .add({}, octets)
      .move_to(families);
}

}  // namespace

std::vector<prometheus::MetricFamily> collect(const TransferReport& report, std::size_t most) {
  std::vector<prometheus::MetricFamily> families;
  const auto& all = report.secondaries;
  const auto lagging = std::count_if(all.begin(), all.end(), [](const auto& one) { return !one.is_current; });
  gauge("holdfast_secondaries", "Secondaries that are told of new versions, each counted for each zone.")
      .add({}, static_cast<double>(all.size()))
      .move_to(families);
  gauge("holdfast_secondaries_lagging", "Of these, those that do not hold the last version yet.")
      .add({}, static_cast<double>(lagging))
      .move_to(families);
  Family lag = gauge("holdfast_secondary_lag_seconds",
                     "From when a version was made until the secondary was seen to hold it, or until now.");
  Family held = gauge("holdfast_secondary_serial", "The serial that the secondary said to hold last.");
  if (all.size() <= most) {
    for (const SecondaryStatus& one : all) {
      const Labels labels{{"zone", one.zone}, {"peer", one.peer}, {"address", one.address}};
      lag.add(labels, one.lag.count());
      if (one.held) held.add(labels, one.held->value());
    }
  }
  lag.move_to(families);
  held.move_to(families);
  add_zones_in(report.zones_in, most, families);
  gauge("holdfast_versions_failing",
        "1 when new versions of zones cannot be kept, and so are not transferred.")
      .add({}, report.problem.empty() ? 0 : 1)
      .move_to(families);
  counter("holdfast_transfers_out_total", "Transfers that peers took whole.")
      .add({{"kind", "whole"}}, static_cast<double>(report.whole))
      .add({{"kind", "changes"}}, static_cast<double>(report.changes))
      .move_to(families);
  counter("holdfast_transfers_out_failed_total", "Transfers that peers did not take to the end.")
      .add({}, static_cast<double>(report.failed))
      .move_to(families);
  counter("holdfast_transfers_out_octets_total", "Octets that were sent to peers.")
      .add({}, static_cast<double>(report.octets))
      .move_to(families);
  gauge("holdfast_transfers_out_running", "Transfers that are being sent.")
      .add({}, static_cast<double>(report.running))
      .move_to(families);
  gauge("holdfast_transfers_out_waiting", "Transfers that wait for others to end.")
      .add({}, static_cast<double>(report.waiting))
      .move_to(families);
  counter("holdfast_peer_connections_closed_total",
          "Connections of peers that were closed, since as many were open as may be.")
      .add({}, static_cast<double>(report.closed_connections))
      .move_to(families);
  counter("holdfast_transfers_refused_total", "AXFR and IXFR of those who may not.")
      .add({}, static_cast<double>(report.refused))
      .move_to(families);
  counter("holdfast_notifies_total", "NOTIFY, by whether it came from a primary of the zone.")
      .add({{"result", "taken"}}, static_cast<double>(report.notifies))
      .add({{"result", "refused"}}, static_cast<double>(report.refused_notifies))
      .move_to(families);
  const TransferReport::Updated& updates = report.updates;
  counter("holdfast_updates_total", "UPDATE, by what came of it.")
      .add({{"result", "changed"}}, static_cast<double>(updates.changed))
      .add({{"result", "unchanged"}}, static_cast<double>(updates.unchanged))
      .add({{"result", "unmet"}}, static_cast<double>(updates.unmet))
      .add({{"result", "refused"}}, static_cast<double>(updates.refused))
      .add({{"result", "failed"}}, static_cast<double>(updates.failed))
      .add({{"result", "full"}}, static_cast<double>(updates.full))
      .move_to(families);
  gauge("holdfast_updates_records", "Records that updates removed or added, beside the files of zones.")
      .add({}, static_cast<double>(updates.records))
      .move_to(families);
  counter("holdfast_tsig_failures_total", "Messages whose signature (TSIG) was not valid.")
      .add({}, static_cast<double>(report.bad_signatures))
      .move_to(families);
  return families;
}

}  // namespace holdfast::server
