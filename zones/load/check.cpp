#include "zones/load/check.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>

#include "zones/dns/address.h"
#include "zones/load/owners.h"
#include "zones/parallel.h"
#include "zones/settings.h"

namespace holdfast::zones {
namespace {

using Entry = RecordList::Entry;
using Entries = std::span<const Entry>;

constexpr std::size_t kRecordHeader = 12;  // a pointer to the owner, type, class, TTL, length

std::string described(NameView owner, RrType type) { return owner.text() + " " + text(type); }

bool same_data(const RecordList& records, const Entry& a, const Entry& b) {
  const auto x = records.data(a);
  const auto y = records.data(b);
  return a.type == b.type && std::equal(x.begin(), x.end(), y.begin(), y.end());
}

constexpr std::size_t kLeast = 20'000;  // records that another thread is worth

/// Calls `work(part, findings)` for each of `parts`, in as many threads; what they find comes in the order of the parts.
template <class Work>
void in_parts(unsigned parts, Findings& findings, Work work) {
  if (parts == 1) return work(0, findings);
  std::vector<Findings> found(parts);
  in_parallel(parts, parts, [&](std::size_t part) { work(part, found[part]); });
  for (Findings& part : found) findings.append(std::move(part));
}

/// A name with many labels makes as many nodes, nearly all of them empty: a small file can make a huge zone.
bool names_fit(const Owners& owners, unsigned threads) {
  std::vector<std::size_t> octets(threads);
  in_parallel(threads, threads, [&](std::size_t part) {
    const std::size_t first = part_begin(owners.size(), threads, part);
    const std::size_t end = part_begin(owners.size(), threads, part + 1);
    NameView before = first == 0 ? NameView() : owners.name(static_cast<Owners::Index>(first - 1));
    std::size_t sum = 0;
    for (auto owner = static_cast<Owners::Index>(first); owner < end; ++owner) {
      const NameView name = owners.name(owner);
      for (NameView at = name; !before.is_at_or_below(at); at = at.parent()) sum += at.size();
      before = name;
    }
    octets[part] = sum;
  });
  return std::accumulate(octets.begin(), octets.end(), std::size_t{0}) <= kMaxNameOctets;
}

bool has_strangers(NameView apex, const RecordList& records, unsigned threads) {
  std::atomic<bool> found = false;
  in_parallel(threads, threads, [&](std::size_t part) {
    const Entries entries(records.entries());
    const std::size_t end = records.part_begin(threads, part + 1);
    for (std::size_t i = records.part_begin(threads, part); i < end; ++i) {
      const bool new_owner = i == 0 || entries[i - 1].owner != entries[i].owner;
      if (new_owner ? !records.owner(entries[i]).is_at_or_below(apex)
                    : same_data(records, entries[i - 1], entries[i])) {
        found = true;
        return;
      }
    }
  });
  return found;
}

/// Takes out what a zone cannot hold but may be given: records of other zones, and the same record again.
void drop_strangers(NameView apex, RecordList& records, unsigned threads, Findings& findings) {
  if (!has_strangers(apex, records, threads)) return;
  RecordList::Entries& entries = records.entries();
  std::size_t kept = 0;
  bool outside = false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry entry = entries[i];
    const bool new_owner = i == 0 || entries[i - 1].owner != entry.owner;
    if (new_owner) outside = !records.owner(entry).is_at_or_below(apex);
    if (outside) {
      findings.warn(place(entry),
                    described(records.owner(entry), entry.type) + " is outside the zone: dropped");
    } else if (kept > 0 && entries[kept - 1].owner == entry.owner &&
               same_data(records, entries[kept - 1], entry)) {
      findings.warn(place(entry), described(records.owner(entry), entry.type) +
                                      " is there twice, with the same data: dropped (RFC 2181 5)");
      entries[kept - 1].ttl = std::min(entries[kept - 1].ttl, entry.ttl);
    } else {
      entries[kept++] = entry;
    }
  }
  entries.resize(kept);
}

/// One TTL for each RRset, the smallest (RFC 2181 5.2); and not too many records in one.
void check_rrset(const RecordList& records, std::span<Entry> rrset, Findings& findings) {
  const Entry& first = rrset.front();
  const auto by_ttl = [](const Entry& a, const Entry& b) { return a.ttl < b.ttl; };
  const auto [least, most] = std::minmax_element(rrset.begin(), rrset.end(), by_ttl);
  // Each RRSIG follows the TTL of what it covers (RFC 4034 3).
  if (least->ttl != most->ttl && first.type != RrType::RRSIG) {
    findings.warn(place(*most), described(records.owner(first), first.type) + " has TTLs " +
                                    std::to_string(least->ttl) + " and " + std::to_string(most->ttl) +
                                    ": the smaller is used (RFC 2181 5.2)");
  }
  const std::uint32_t ttl = least->ttl;
  std::size_t octets = 0;
  for (Entry& entry : rrset) {
    entry.ttl = ttl;
    octets += kRecordHeader + entry.data_size;
  }
  if (octets > kMaxRRsetOctets) {
    findings.warn(place(first), described(records.owner(first), first.type) + " takes " +
                                    std::to_string(octets) +
                                    " octets: nobody can get it, as no message can hold more than " +
                                    std::to_string(kMaxRRsetOctets) + " of one RRset");
  }
  if (rrset.size() > kMaxRecordsPerRRset) {
    findings.error(place(first), described(records.owner(first), first.type) + " has " +
                                     std::to_string(rrset.size()) + " records; at most " +
                                     std::to_string(kMaxRecordsPerRRset) + " are served");
  }
}

/// The records of one name, whatever is around them.
void check_owner(const RecordList& records, std::span<Entry> owner, Findings& findings) {
  const NameView name = records.owner(owner.front());
  const Entry* cname = nullptr;
  const Entry* other = nullptr;  // what may not be beside a CNAME
  std::size_t types = 0;
  for (std::size_t i = 0; i < owner.size();) {
    std::size_t end = i + 1;
    while (end < owner.size() && owner[end].type == owner[i].type) ++end;
    const RrType type = owner[i].type;
    check_rrset(records, owner.subspan(i, end - i), findings);
    if (type == RrType::CNAME) {
      cname = &owner[i];
    } else if (type != RrType::RRSIG && type != RrType::NSEC && other == nullptr) {
      other = &owner[i];
    }
    if (end - i > 1 && type == RrType::CNAME) {
      findings.error(place(owner[i + 1]), name.text() + " has more than one CNAME (RFC 2181 10.1)");
    }
    if (end - i > 1 && type == RrType::DNAME) {
      findings.error(place(owner[i + 1]), name.text() + " has more than one DNAME (RFC 6672 2.4)");
    }
    ++types;
    i = end;
  }
  if (cname != nullptr && other != nullptr) {
    const Entry& later =
        std::tie(cname->file, cname->line) > std::tie(other->file, other->line) ? *cname : *other;
    findings.error(place(later),
                   name.text() + " has both CNAME and " + text(other->type) + " (RFC 1034 3.6.2)");
  }
  if (types > kMaxTypesPerName) {
    findings.error(place(owner.front()), name.text() + " has records of " + std::to_string(types) +
                                             " types; at most " + std::to_string(kMaxTypesPerName) +
                                             " are served");
  }
}

void check_apex(const CheckInput& zone, const Owners& owners, Findings& findings) {
  const Entries soa = owners.find(zone.apex, RrType::SOA);
  if (soa.size() > 1) {
    findings.error(place(soa[1]), zone.apex.text() + " has more than one SOA (RFC 1035 5.2)");
  }
  if (!zone.complete) return;
  if (soa.empty()) {
    findings.error({}, "no SOA at " + zone.apex.text() + ": a zone begins with one (RFC 1035 5.2)");
  }
  if (owners.find(zone.apex, RrType::NS).empty()) {
    findings.error({}, "no NS at " + zone.apex.text() + ": a zone names its servers (RFC 1034 4.2.1)");
  }
}

/// What surrounds a name matters here: zone cuts and DNAMEs above it.
void check_place(const CheckInput& zone, const Owners& owners, Owners::Index owner, Findings& findings) {
  const NameView name = owners.name(owner);
  const Owners::Index cut = owners.cut_above(owner);
  const Owners::Index dname = owners.dname_above(owner);
  for (const Entry& entry : owners.entries(owner)) {
    if (entry.type == RrType::SOA && name != zone.apex) {
      findings.error(place(entry), described(name, entry.type) + " is not at the apex " + zone.apex.text() +
                                       " (RFC 1035 5.2)");
    }
    // NSEC3 and its signature sit below the apex whatever the apex has (RFC 5155 3).
    if (dname != Owners::kNone && entry.type != RrType::NSEC3 && entry.type != RrType::RRSIG) {
      findings.error(place(entry), described(name, entry.type) + " is below the DNAME at " +
                                       owners.name(dname).text() + " (RFC 6672 2.4)");
      break;
    }
    const bool below = cut != Owners::kNone && cut != owner;
    const bool address = entry.type == RrType::A || entry.type == RrType::AAAA;
    if (below && !(address && owners.is_name_server(owner))) {
      findings.warn(place(entry), described(name, entry.type) + " is below the zone cut at " +
                                      owners.name(cut).text() +
                                      " and no glue: it is never an answer (RFC 1034 4.2.1)");
    }
  }
}

/// The host that a record points to has to be one (RFC 2181 10.3, RFC 1912 2.4).
void check_target(const CheckInput& zone, const Owners& owners, NameView owner, const Entry& entry,
                  NameView target, Findings& findings) {
  if (!target.is_at_or_below(zone.apex)) return;
  const auto who = [&] { return described(owner, entry.type) + ": "; };
  const bool is_ns = entry.type == RrType::NS;
  if (owners.cut_above(target)) {
    if (is_ns && zone.complete && !owners.has_address(target)) {
      findings.warn(place(entry), who() + target.text() + " has no glue: add its A or AAAA (RFC 9471 2)");
    }
    return;
  }
  if (owners.dname_above(target)) return;
  const Name source = owners.source_of(target);
  if (!owners.find(source, RrType::CNAME).empty()) {
    findings.warn(place(entry),
                  who() + target.text() + " is an alias (CNAME); it has to be a host (RFC 2181 10.3)");
  } else if (entry.type != RrType::SRV && zone.complete && !owners.has_address(source)) {
    findings.warn(place(entry), who() + target.text() + " has neither A nor AAAA (RFC 1912 2.4, 2.8)");
  }
}

/// A name that is watched by a monitor: its own addresses are what is probed.
void check_endpoints(const Owners& owners, NameView name, const std::string& who, Findings& findings) {
  bool any = false;
  for (const RrType type : {RrType::A, RrType::AAAA}) {
    for (const Entry& entry : owners.find(name, type)) {
      any = true;
      const auto address = to_address(owners.data(entry));
      if (const std::string_view reason = unusable(address); !reason.empty()) {
        findings.error(place(entry), who + ": " + address.to_string() + " " + std::string(reason));
      }
    }
  }
  if (!any) findings.error({}, who + " has no A or AAAA record to watch: add one, or give it a pool");
}

/// A name that is given a CNAME has nothing else.
void check_alone(const Owners& owners, NameView name, const std::string& who, Findings& findings) {
  for (const Entry& entry : owners.find(name)) {
    if (entry.type == RrType::CNAME || entry.type == RrType::RRSIG || entry.type == RrType::NSEC) continue;
    return findings.error(place(entry),
                          who + " answers with a CNAME from its pool, and has a " + text(entry.type) +
                              " record: take that out (RFC 1034 3.6.2), or give it a pool of addresses");
  }
}

void check_live(const CheckInput& zone, const Owners& owners, const LiveName& live, Findings& findings) {
  const std::string who = "live name " + live.name.text();
  const NameView name = live.name;
  if (!name.is_at_or_below(zone.apex)) {
    return findings.error({}, who + " is outside the zone " + zone.apex.text());
  }
  if (const auto cut = owners.cut_above(name)) {
    return findings.error(
        {}, who + " is at or below the zone cut at " + cut->text() + ": the servers there answer for it");
  }
  if (const auto dname = owners.dname_above(name)) {
    return findings.error({}, who + " is below the DNAME at " + dname->text() + " (RFC 6672 2.4)");
  }
  const Entries cname = owners.find(name, RrType::CNAME);
  if (live.type == RrType::CNAME) {
    check_alone(owners, name, who, findings);
  } else if (!cname.empty()) {
    findings.error(place(cname[0]),
                   who + " has a CNAME: take it out, or the name from the live ones (RFC 1034 3.6.2)");
  } else if (live.own_records && live.type != RrType::A) {
    if (owners.find(name, live.type).empty())
      findings.error({}, who + " has no " + text(live.type) + " record to watch: add one, or take it out");
  } else if (live.own_records) {
    check_endpoints(owners, live.name, who, findings);
  } else if (live.could_be_cname && name != zone.apex && owners.find(name).empty()) {
    findings.warn(
        {}, who +
                " has an aname and no other records, so that a CNAME in the zone file would do: resolvers "
                "follow it themselves, each to what is nearest to it");
  }
}

}  // namespace

void check_zone(const CheckInput& zone, RecordList& records, Findings& findings) {
  const unsigned threads = threads_for(records.entries().size(), kLeast);
  drop_strangers(zone.apex, records, threads, findings);
  in_parts(threads, findings, [&](std::size_t part, Findings& found) {
    const std::size_t last = records.part_begin(threads, part + 1);
    const std::span<Entry> entries(records.entries());
    for (std::size_t i = records.part_begin(threads, part); i < last;) {
      std::size_t end = i + 1;
      while (end < last && entries[end].owner == entries[i].owner) ++end;
      check_owner(records, entries.subspan(i, end - i), found);
      i = end;
    }
  });

  const Owners owners(zone.apex, records, zone.live);
  if (!names_fit(owners, threads)) {
    return findings.error({}, "its names, with the empty non-terminals above them, take more than " +
                                  std::to_string(kMaxNameOctets) + " octets");
  }
  check_apex(zone, owners, findings);
  in_parts(threads, findings, [&](std::size_t part, Findings& found) {
    const auto end = static_cast<Owners::Index>(part_begin(owners.size(), threads, part + 1));
    for (auto owner = static_cast<Owners::Index>(part_begin(owners.size(), threads, part)); owner < end;
         ++owner) {
      check_place(zone, owners, owner, found);
      const Owners::Index cut = owners.cut_above(owner);
      if (cut != Owners::kNone && cut != owner) continue;  // not ours
      for (const Entry& entry : owners.entries(owner)) {
        if (entry.type == RrType::NS && owners.names_host(entry)) continue;
        if (const auto target = target_of(entry.type, records.data(entry))) {
          check_target(zone, owners, owners.name(owner), entry, *target, found);
        }
      }
    }
  });
  for (const LiveName& live : zone.live) {
    Findings found;
    check_live(zone, owners, live, found);
    if (zone.fit == nullptr) {
      findings.append(std::move(found));
    } else if (found.any_error()) {
      zone.fit->problems.push_back(found.problems(std::array{std::string()}).front().what);
    } else {
      zone.fit->fitting.push_back(live);
    }
  }
}

}  // namespace holdfast::zones
