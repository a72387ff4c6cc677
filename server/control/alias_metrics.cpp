#include "server/control/alias_metrics.h"

#include <map>
#include <sstream>

#include "server/control/family.h"
#include "server/control/seconds.h"

namespace holdfast::server {
namespace {

using Families = std::vector<prometheus::MetricFamily>;
using zones::AliasState;

bool is_bad(AliasState state) { return state == AliasState::stale || state == AliasState::failed; }

void add_targets(Families& families, const AliasReport& report, std::size_t series) {
  std::map<AliasState, std::size_t> states{{AliasState::unknown, 0},
                                           {AliasState::fresh, 0},
                                           {AliasState::stale, 0},
                                           {AliasState::nodata, 0},
                                           {AliasState::failed, 0}};
  Family left =
      gauge("holdfast_aname_left_seconds",
            "How long the TTL of what is known of the ANAME target lasts; negative: it ended that long ago.");
  Family asked = gauge("holdfast_aname_asked_seconds",
                       "How long ago the last question for the ANAME target was answered, or failed.");
  Family stale =
      gauge("holdfast_aname_stale", "1 when what is known of the ANAME target is stale, or nothing is.");
  Family failed =
      counter("holdfast_aname_failed_total", "Questions for the ANAME target without a usable answer.");
  const bool few = report.targets.size() <= series;
  std::size_t shown = 0;
  for (const AliasReport::Target& target : report.targets) {
    const zones::AliasStatus& status = target.status;
    const AliasState state = status.served.state;
    ++states[state];
    if ((!few && !is_bad(state)) || shown == series) continue;
    ++shown;
    const Labels labels{{"target", status.target.text()}, {"type", zones::text(status.type)}};
    stale.add(labels, is_bad(state));
    failed.add(labels, static_cast<double>(status.counters.failed));
    if (status.served.expires != zones::AliasTime{})
      left.add(labels, seconds(status.served.expires - report.now));
    if (status.asked_at != zones::AliasTime{}) asked.add(labels, seconds(report.now - status.asked_at));
  }
  Family counts =
      gauge("holdfast_aname_targets", "ANAME targets, A and AAAA each, by what is known of them.");
  for (const auto& [state, count] : states)
    counts.add({{"state", zones::text(state)}}, static_cast<double>(count));
  for (Family* family : {&counts, &stale, &left, &asked, &failed}) family->move_to(families);
}

void add_upstreams(Families& families, const AliasReport& report) {
  Family packets = counter("holdfast_resolver_packets_total", "Packets sent to the upstream.");
  Family timeouts = counter("holdfast_resolver_timeouts_total",
                            "Times that the upstream did not answer, or could not be reached.");
  Family refusals =
      counter("holdfast_resolver_refusals_total",
              "Times that the upstream answered REFUSED, SERVFAIL, or with another code that is no answer.");
  Family mismatches = counter("holdfast_resolver_mismatches_total",
                              "Packets in the name of the upstream that were no reply to what was asked.");
  Family waited = counter("holdfast_resolver_waited_total", "Times that a question found no budget.");
  Family budget =
      gauge("holdfast_resolver_budget_used", "Part of the packets of one second that are used, 0 to 1.");
  Family rtt = gauge("holdfast_resolver_rtt_seconds", "Smoothed time that the upstream takes to answer.");
  Family backed_off =
      gauge("holdfast_resolver_backed_off", "1 while the upstream is left alone, since it failed.");
  for (const zones::UpstreamStatus& status : report.upstreams) {
    std::ostringstream endpoint;
    endpoint << status.endpoint;
    const Labels labels{{"upstream", endpoint.str()}};
    packets.add(labels, static_cast<double>(status.packets));
    timeouts.add(labels, static_cast<double>(status.timeouts));
    refusals.add(labels, static_cast<double>(status.refusals));
    mismatches.add(labels, static_cast<double>(status.mismatches));
    waited.add(labels, static_cast<double>(status.waited));
    budget.add(labels, status.budget_used);
    backed_off.add(labels, status.backed_off_until > report.now);
    if (status.srtt) rtt.add(labels, std::chrono::duration<double>(*status.srtt).count());
  }
  for (Family* family : {&packets, &timeouts, &refusals, &mismatches, &waited, &budget, &rtt, &backed_off})
    family->move_to(families);
}

}  // namespace

Families collect(const AliasReport& report, std::size_t series) {
  Families families;
  if (!report.targets.empty()) add_targets(families, report, series);
  add_upstreams(families, report);
  return families;
}

}  // namespace holdfast::server
