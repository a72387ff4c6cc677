#include "server/own_records.h"

#include <algorithm>

#include "zones/dns/address.h"

namespace holdfast::server {

zones::Pool own_records(const zones::Zone& zone, const zones::LiveSettings& settings) {
  zones::PoolRules rules{.ttl = static_cast<std::uint32_t>(settings.ttl.count())};
  std::vector<zones::MemberSettings> members;
  const zones::Node node = zone.find(settings.name);
  for (const zones::RrType type : {zones::RrType::A, zones::RrType::AAAA}) {
    const zones::RRset rrset = zone.rrset(node, type);
    for (const zones::Rdata data : rrset) {
      zones::MemberSettings member;
      member.address = zones::to_address(data);
      members.push_back(member);
    }
    if (!rrset.empty()) rules.ttl = std::min(rules.ttl, rrset.ttl);
  }
  return {rules, std::move(members)};
}

}  // namespace holdfast::server
