#include "server/control/metrics.h"

#include <map>

#include "server/control/alias_metrics.h"
#include "server/control/family.h"
#include "server/control/kept_metrics.h"
#include "server/control/log_metrics.h"
#include "server/control/meeting_metrics.h"
#include "server/control/notify_metrics.h"
#include "server/control/override_metrics.h"
#include "server/control/pace_metrics.h"
#include "server/control/transfer_metrics.h"

namespace holdfast::server {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

double seconds_since_epoch(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::string type_label(std::size_t type) {
  if (type == 0) return "none";                      // no question to read
  if (type == Counters::kTypes - 1) return "other";  // all that have no counter of their own
  return zones::text(static_cast<zones::RrType>(type));
}

std::string_view text(Transport transport) {
  return transport == Transport::udp ? "udp" : transport == Transport::tcp ? "tcp" : "tls";
}

void add_program(Families& families, const ControlState& state) {
  gauge("holdfast_build_info", "Always 1; the version is in the label.")
      .add({{"version", HOLDFAST_VERSION}}, 1)
      .move_to(families);
  gauge("process_start_time_seconds", "When the program started, seconds since the epoch.")
      .add({}, seconds_since_epoch(state.started))
      .move_to(families);
}

void add_queries(Families& families, const std::vector<const Counters*>& workers) {
  struct Sums {
    std::vector<std::uint64_t> queries = std::vector<std::uint64_t>(Counters::kTypes * Counters::kRcodes);
    std::uint64_t dropped = 0, truncated = 0, unsent = 0;
  };
  std::map<Transport, Sums> transports;
  for (const Counters* worker : workers) {
    Sums& sums = transports[worker->transport()];
    for (std::size_t i = 0; i < sums.queries.size(); ++i) sums.queries[i] += worker->queries[i].read();
    sums.dropped += worker->dropped.read();
    sums.truncated += worker->truncated.read();
    sums.unsent += worker->unsent.read();
  }

  Family queries =
      counter("holdfast_queries_total", "Queries answered, by QTYPE and by the RCODE of the answer.");
  Family dropped = counter("holdfast_queries_dropped_total",
                           "Messages that got no answer: shorter than a header, or themselves an answer.");
  Family truncated =
      counter("holdfast_answers_truncated_total", "Answers that did not fit and were sent with TC.");
  Family unsent = counter("holdfast_answers_unsent_total", "Answers that the kernel did not take.");
  for (const auto& [transport, sums] : transports) {
    const std::string name(text(transport));
    for (std::size_t i = 0; i < sums.queries.size(); ++i) {
      if (sums.queries[i] == 0) continue;
      queries.add({{"transport", name},
                   {"type", type_label(i / Counters::kRcodes)},
                   {"rcode", zones::text(static_cast<zones::Rcode>(i % Counters::kRcodes))}},
                  static_cast<double>(sums.queries[i]));
    }
    dropped.add({{"transport", name}}, static_cast<double>(sums.dropped));
    truncated.add({{"transport", name}}, static_cast<double>(sums.truncated));
    unsent.add({{"transport", name}}, static_cast<double>(sums.unsent));
  }
  queries.move_to(families);
  dropped.move_to(families);
  truncated.move_to(families);
  unsent.move_to(families);
}

void add_connections(Families& families, const std::vector<const TcpCounters*>& workers,
                     Transport transport) {
  if (workers.empty()) return;
  const bool is_tls = transport == Transport::tls;
  const std::string name = is_tls ? "holdfast_tls_" : "holdfast_tcp_";
  const std::string what = is_tls ? "TLS" : "TCP";
  std::uint64_t accepted = 0, closed = 0, evicted = 0, timed_out = 0, accept_errors = 0, bad_handshakes = 0;
  for (const TcpCounters* worker : workers) {
    closed += worker->closed.read();  // before `accepted`, so that never more are closed than were accepted
    accepted += worker->accepted.read();
    evicted += worker->evicted.read();
    timed_out += worker->timed_out.read();
    accept_errors += worker->accept_errors.read();
    bad_handshakes += worker->bad_handshakes.read();
  }
  gauge(name + "connections", what + " connections of clients that are open.")
      .add({}, static_cast<double>(accepted - std::min(closed, accepted)))
      .move_to(families);
  counter(name + "connections_accepted_total", what + " connections of clients accepted.")
      .add({}, static_cast<double>(accepted))
      .move_to(families);
  counter(name + "connections_evicted_total", what + " connections closed to make room for newer ones.")
      .add({}, static_cast<double>(evicted))
      .move_to(families);
  counter(name + "connections_timed_out_total", what + " connections closed because idle, or too slow.")
      .add({}, static_cast<double>(timed_out))
      .move_to(families);
  counter(name + "accept_errors_total",
          what + " connections that could not be accepted, for want of descriptors.")
      .add({}, static_cast<double>(accept_errors))
      .move_to(families);
  if (!is_tls) return;
  counter("holdfast_tls_handshakes_failed_total", "TLS connections closed because hands were not shaken.")
      .add({}, static_cast<double>(bad_handshakes))
      .move_to(families);
}

void add_zone_totals(Families& families, const ZoneTotals& totals) {
  gauge("holdfast_zones", "Zones of the configuration.")
      .add({}, static_cast<double>(totals.zones))
      .move_to(families);
  gauge("holdfast_zones_serving", "Zones that are served; the others could never be loaded.")
      .add({}, static_cast<double>(totals.serving))
      .move_to(families);
  gauge("holdfast_zones_refused", "Zones whose last version was refused.")
      .add({}, static_cast<double>(totals.refused))
      .move_to(families);
  gauge("holdfast_records", "Records of all zones.")
      .add({}, static_cast<double>(totals.records))
      .move_to(families);
  gauge("holdfast_memory_bytes", "Memory that the records of all zones take.")
      .add({}, static_cast<double>(totals.memory))
      .move_to(families);
}

void add_zones(Families& families, const ControlState& state) {
  Family queries = counter("holdfast_zone_queries_total", "Queries answered from the zone, by RCODE.");
  Family serving =
      gauge("holdfast_zone_serving", "1 when the zone is served, 0 when it could never be loaded.");
  Family refused = gauge("holdfast_zone_refused",
                         "1 when the last version was refused; the one before it, if any, is served.");
  Family serial = gauge("holdfast_zone_serial", "The serial of the SOA record served.");
  Family records = gauge("holdfast_zone_records", "Records of the zone.");
  Family memory = gauge("holdfast_zone_memory_bytes", "Memory that the zone takes.");
  Family loaded = gauge("holdfast_zone_loaded_timestamp_seconds", "When the version served was loaded.");
  state.each_zone({state.zone_series}, [&](const ZoneStatus& zone) {
    std::uint64_t noerror = 0, nxdomain = 0, other = 0;
    for (const Counters* worker : state.counters) {
      const Counters::ByZone* counted = worker->zones.at(zone.number);
      if (counted == nullptr) continue;
      noerror += counted->noerror.read();
      nxdomain += counted->nxdomain.read();
      other += counted->other.read();
    }
    queries.add({{"zone", zone.name}, {"rcode", "NOERROR"}}, static_cast<double>(noerror));
    queries.add({{"zone", zone.name}, {"rcode", "NXDOMAIN"}}, static_cast<double>(nxdomain));
    queries.add({{"zone", zone.name}, {"rcode", "other"}}, static_cast<double>(other));
    serving.add({{"zone", zone.name}}, zone.serving);
    refused.add({{"zone", zone.name}}, zone.refused);
    if (!zone.serving) return;
    serial.add({{"zone", zone.name}}, zone.serial);
    records.add({{"zone", zone.name}}, static_cast<double>(zone.records));
    memory.add({{"zone", zone.name}}, static_cast<double>(zone.memory));
    loaded.add({{"zone", zone.name}}, seconds_since_epoch(zone.loaded));
  });
  for (Family* family : {&queries, &serving, &refused, &serial, &records, &memory, &loaded})
    family->move_to(families);
}

void add_live_names(Families& families, const std::vector<LiveNameStatus>& names,
                    const std::vector<const Counters*>& workers) {
  Family answers = counter("holdfast_live_answers_total", "Answers with records of the live name.");
  Family members = gauge("holdfast_live_members",
                         "Members of the live name, by verdict: names as one, pools by those in them.");
  Family answering = gauge("holdfast_live_members_answering",
                           "Members that the live name answers with now, counted likewise.");
  Family ttl = gauge("holdfast_live_ttl_seconds", "TTL that the live name answers with now.");
  std::set<zones::LiveIndex> counted;  // of one name there may be several types
  for (const LiveNameStatus& live : names) {
    const Labels name{{"zone", live.zone}, {"name", live.name}};
    Labels labels = name;
    if (live.type != zones::RrType::A) labels.push_back({"type", zones::text(live.type)});
    std::uint64_t answered = 0;
    for (const Counters* worker : workers) {
      if (const Counter* count = worker->live.at(live.index)) answered += count->read();
    }
    if (counted.insert(live.index).second) answers.add(name, static_cast<double>(answered));

    std::map<health::Verdict, int> by_verdict{
        {health::Verdict::up, 0}, {health::Verdict::down, 0}, {health::Verdict::unknown, 0}};
    int used = 0;
    for (const MemberStatus& member : live.members) {
      if (member.is_pool || !member.of.empty()) continue;  // what is in it counts, or what it is in
      ++by_verdict[member.verdict];
      used += member.answering;
    }
    for (const auto& [verdict, count] : by_verdict) {
      Labels with_verdict = labels;
      with_verdict.push_back({"verdict", std::string(health::text(verdict))});
      members.add(std::move(with_verdict), count);
    }
    answering.add(labels, used);
    ttl.add(labels, live.ttl);
  }
  for (Family* family : {&answers, &members, &answering, &ttl}) family->move_to(families);
}

// One series per verdict, 1 for the one that holds: a single number for three states would make sums and averages lie,
// while here sum by (verdict) counts targets and {verdict="down"} == 1 is the alert.
/// @param now  before the targets were looked at: what is said of their time never falls
void add_targets(Families& families, const std::vector<health::MergedStatus>& targets,
                 std::chrono::steady_clock::time_point now) {
  Family verdicts = gauge("holdfast_target_verdict", "1 for the verdict that holds, 0 for the others.");
  Family transitions =
      counter("holdfast_target_transitions_total", "Changes between up and down, both ways.");
  Family changed = gauge("holdfast_target_last_change_timestamp_seconds", "Since when the verdict holds.");
  Family held = counter("holdfast_target_seconds_total", "How long each verdict held, all in all.");
  for (const health::MergedStatus& status : targets) {
    const Labels labels{{"monitor", status.target.id.monitor},
                        {"address", status.target.id.address.to_string()}};
    for (const auto verdict : {health::Verdict::up, health::Verdict::down, health::Verdict::unknown}) {
      Labels with_verdict = labels;
      with_verdict.push_back({"verdict", std::string(health::text(verdict))});
      held.add(with_verdict,
               std::chrono::duration<double>(status.time.of(verdict, status.verdict, now)).count());
      verdicts.add(std::move(with_verdict), verdict == status.verdict);
    }
    transitions.add(labels, static_cast<double>(status.transitions));
    changed.add(labels, seconds_since_epoch(status.since));
  }
  for (Family* family : {&verdicts, &transitions, &changed, &held}) family->move_to(families);
}

void add_reloads(Families& families, const ReloadMetrics& reloads) {
  counter("holdfast_reloads_total", "Reloads, by whether something of them was refused.")
      .add({{"result", "accepted"}}, static_cast<double>(reloads.accepted()))
      .add({{"result", "refused"}}, static_cast<double>(reloads.refused()))
      .move_to(families);
  gauge("holdfast_last_reload_successful", "1 when nothing of the last reload was refused.")
      .add({}, reloads.last_ok())
      .move_to(families);
  if (reloads.last_success() == std::chrono::system_clock::time_point{}) return;
  gauge("holdfast_last_reload_success_timestamp_seconds", "When a reload was last accepted as a whole.")
      .add({}, seconds_since_epoch(reloads.last_success()))
      .move_to(families);
}

void add_door(Families& families, const DoorCounters& door) {
  counter("holdfast_control_requests_total", "HTTP requests answered.")
      .add({}, static_cast<double>(door.requests))
      .move_to(families);
  gauge("holdfast_control_connections", "HTTP connections that are open.")
      .add({}, static_cast<double>(door.open))
      .move_to(families);
  Family refused =
      counter("holdfast_control_refused_total", "HTTP connections and requests refused, by reason.");
  for (std::size_t i = 0; i < kRefusals; ++i) {
    refused.add({{"reason", std::string(text(static_cast<Refusal>(i)))}},
                static_cast<double>(door.refused[i]));
  }
  refused.move_to(families);
  counter("holdfast_control_accept_errors_total", "HTTP connections that could not be accepted.")
      .add({}, static_cast<double>(door.accept_errors))
      .move_to(families);
}

}  // namespace

std::vector<prometheus::MetricFamily> collect(const ControlState& state, const DoorCounters& door) {
  Families families;
  add_program(families, state);
  add_queries(families, state.counters);
  add_connections(families, state.connections, Transport::tcp);
  add_connections(families, state.tls_connections, Transport::tls);
  add_zone_totals(families, state.zone_totals());
  add_zones(families, state);
  add_live_names(families, state.live_names(), state.counters);
  if (state.aliases) {
    for (prometheus::MetricFamily& family : collect(state.aliases(), state.zone_series))
      families.push_back(std::move(family));
  }
  const auto now = std::chrono::steady_clock::now();
  const std::vector<health::MergedStatus> targets = state.targets();
  add_targets(families, targets, now);
  if (state.meeting) {
    for (prometheus::MetricFamily& family :
         collect(state.meeting(), targets, std::chrono::steady_clock::now()))
      families.push_back(std::move(family));
  }
  if (state.pace) {
    for (prometheus::MetricFamily& family : collect(state.pace())) families.push_back(std::move(family));
  }
  if (state.probes != nullptr) {
    std::vector<health::TargetId> current;
    current.reserve(targets.size());
    for (const health::MergedStatus& status : targets) current.push_back(status.target.id);
    for (prometheus::MetricFamily& family : state.probes->collect(current))
      families.push_back(std::move(family));
  }
  if (state.overrides != nullptr) {
    for (prometheus::MetricFamily& family : collect(*state.overrides)) families.push_back(std::move(family));
  }
  if (state.reloads != nullptr) add_reloads(families, *state.reloads);
  if (state.log_figures) add_log(families, state.log_figures());
  if (state.transfers) {
    for (prometheus::MetricFamily& family : collect(state.transfers(), state.zone_series))
      families.push_back(std::move(family));
  }
  if (state.kept) add_kept(families, *state.kept);
  if (state.notifications) {
    for (prometheus::MetricFamily& family : collect(state.notifications()))
      families.push_back(std::move(family));
  }
  add_door(families, door);
  return families;
}

}  // namespace holdfast::server
