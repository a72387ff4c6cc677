#include "server/own_records.h"

#include <algorithm>

#include "zones/dns/address.h"
#include "zones/dns/names_in_data.h"

namespace holdfast::server {
namespace {

using zones::Rdata;
using zones::RRset;
using zones::RrType;

constexpr std::size_t kPort = 4;  // where an SRV record has it

/// The part of the pool itself; `members` may be none.
void add_addresses(const RRset& rrset, zones::Pool& pool) {
  for (const Rdata data : rrset) {
    zones::MemberSettings member;
    member.address = zones::to_address(data);
    pool.members.push_back(member);
    ++pool.parts.front().size;
  }
}

void add_records(const RRset& rrset, zones::Pool& pool) {
  const std::size_t offset = *zones::target_offset(rrset.type);
  for (const Rdata data : rrset) {
    zones::Group group;
    group.target.read(data.subspan(offset));  // valid: the zone was checked
    group.data.assign(data.begin(), data.end());
    group.name = group.target.text();
    if (rrset.type == RrType::SRV) group.name += ":" + std::to_string(port_of(group));
    pool.groups.push_back(group);
    ++pool.parts.front().groups;
  }
  for (zones::Group& group : pool.groups) {
    group.part = pool.parts.size();
    pool.add_inside({}, {});
  }
}

}  // namespace

zones::Pool own_records(const zones::Zone& zone, const zones::LiveSettings& settings) {
  zones::Pool pool({.ttl = static_cast<std::uint32_t>(settings.ttl.count())}, {});
  const zones::Node node = zone.find(settings.name);
  const auto types =
      settings.type == RrType::A ? std::vector{RrType::A, RrType::AAAA} : std::vector{settings.type};
  for (const RrType type : types) {
    const RRset rrset = zone.rrset(node, type);
    if (rrset.empty()) continue;
    pool.parts.front().rules.ttl = std::min(pool.rules().ttl, rrset.ttl);
    if (settings.type == RrType::A) {
      add_addresses(rrset, pool);
    } else {
      add_records(rrset, pool);
    }
  }
  return pool;
}

std::uint16_t port_of(const zones::Group& srv) {
  return static_cast<std::uint16_t>(srv.data[kPort] << 8 | srv.data[kPort + 1]);
}

}  // namespace holdfast::server
