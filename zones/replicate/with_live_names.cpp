#include "zones/replicate/with_live_names.h"

#include "zones/replicate/accept.h"

namespace holdfast::zones {
namespace {

RecordList records_of(const Zone& zone) {
  RecordList records;
  records.reserve(zone.records());
  for (const Node node : zone.nodes()) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const RRset rrset = zone.rrset_at(node, i);
      for (const Rdata data : rrset) records.add(node.name(), rrset.type, rrset.ttl, data);
    }
  }
  return records;
}

}  // namespace

LoadedZone with_live_names(const Zone& zone, std::span<const LiveName> live) {
  Accepted accepted = accept(WholeZone{records_of(zone)}, {.apex = zone.apex(), .live = live});
  LoadedZone loaded{std::move(accepted.zone), {}, {}, kNoStamp};
  const std::string name = "zone " + zone.apex().text();
  for (std::string& warning : accepted.warnings)
    loaded.problems.push_back({name, 0, Problem::Severity::warning, std::move(warning)});
  if (!accepted.problem.empty())
    loaded.problems.push_back({name, 0, Problem::Severity::error, std::move(accepted.problem)});
  return loaded;
}

}  // namespace holdfast::zones
