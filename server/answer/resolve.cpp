#include "server/answer/resolve.h"

#include <algorithm>
#include <cstring>

#include "zones/dns/names_in_data.h"
#include "zones/lookup.h"

namespace holdfast::server {
namespace {

using zones::HashedName;
using zones::LiveView;
using zones::Name;
using zones::NameView;
using zones::Node;
using zones::Rcode;
using zones::Rdata;
using zones::RRset;
using zones::RrType;
using zones::ServedZone;
using zones::Snapshot;
using zones::Zone;

constexpr std::uint32_t kHinfoTtl = 3600;
constexpr std::uint8_t kHinfo[] = {7, 'R', 'F', 'C', '8', '4', '8', '2', 0};  // RFC 8482 4.2

// ---- additional section ----

/// Adds the addresses that a node has now and, with `service`, its records of that type.
void add_node(const Zone& zone, LiveView& live, Node node, std::optional<RrType> service, bool required,
              Response& response) noexcept {
  const NameView owner = node.name();
  response.depends_on_health = response.depends_on_health || node.live() != zones::kNotLive;
  for (const RrType type : {RrType::A, RrType::AAAA, service.value_or(RrType::A)}) {
    if (response.holds(owner, type)) continue;
    const RRset found = rrset_now(zone, node, live, type);
    if (!found.empty()) response.add_additional({owner, found, required});
  }
}

/// Adds what the zone knows of the targets of `rrset`: addresses, and for SVCB the target's own (RFC 9460 4.1).
void add_targets(const Zone& zone, LiveView& live, const Response::Item& item, Response& response) noexcept {
  const RrType type = item.rrset.type;
  const auto offset = zones::target_offset(type);
  if (!offset) return;
  const bool is_service = type == RrType::SVCB || type == RrType::HTTPS;
  live.turn_to_anybody();
  std::size_t names = 0;
  for (const Rdata data : item.rrset) {
    if (names == kMaxAdditional) return;
    Name folded;  // the one name in data that is kept in the case of the zone file
    NameView target(data.data() + *offset, data.size() - *offset);  // it ends the data, but for SVCB
    if (is_service) {
      target = zones::name_in(data.subspan(*offset));
      folded.read(data.subspan(*offset));
      target = target.is_root() ? item.owner : folded.view();  // "." stands for the owner (RFC 9460 2.5.2)
    }
    if (!target.is_at_or_below(zone.apex())) continue;
    const Node node = zone.find(target);
    if (!node) continue;
    // Below a zone cut are glue, which goes with NS only, and what is not ours to tell (RFC 2181 5.4.1).
    if (!node.is_authoritative() && type != RrType::NS) continue;
    ++names;
    add_node(zone, live, node, is_service ? std::optional(type) : std::nullopt, false, response);
  }
}

/// Adds the addresses of the servers behind a zone cut: first of those below it, which are required (RFC 9471 3), then
/// of the others.
template <class Find>
void add_glue(const Zone& zone, LiveView& live, const Response::Item& cut, Response& response,
              Find find) noexcept {
  live.turn_to_anybody();
  for (const bool required : {true, false}) {
    std::size_t left = required ? kMaxGlue : kMaxAdditional;
    for (const Rdata data : cut.rrset) {
      const NameView server(data.data(), data.size());
      if (server.is_at_or_below(cut.owner) != required || !server.is_at_or_below(zone.apex())) continue;
      const Node node = find(server);
      if (!node) continue;
      if (left-- == 0) break;
      add_node(zone, live, node, std::nullopt, required, response);
    }
  }
}

// ---- the steps of a chain ----

/// The name that a DNAME leads to: the part of `name` in front of the DNAME's owner, before its target.
std::optional<Name> redirect(const HashedName& name, const zones::Lookup& found) noexcept {
  const NameView whole = name.name();
  const std::size_t prefix = whole.size() - found.owner.size();
  return Name::join({whole.data(), prefix}, zones::name_in(*found.rrset.begin()));
}

bool already_followed(const Response& response, NameView name) noexcept {
  const auto answers = response.answers();
  return std::any_of(answers.begin(), answers.end(), [&](const Response::Item& item) {
    return item.rrset.type == RrType::CNAME && item.owner == name;
  });
}

/// Whether a zone has `name`, or refers to others for it.
bool tells_of(const Zone& zone, const HashedName& name) noexcept {
  for (std::size_t i = 0; i <= name.labels(); ++i) {
    const Node node = zone.find(name.suffix(i), name.hash(i));
    if (node) return i == 0 || !node.is_authoritative();
  }
  return false;
}

const ServedZone* zone_of(const Snapshot& zones, const HashedName& name, RrType type) noexcept {
  const ServedZone* served = zones.find(name);
  // DS stands on the parent's side of the cut, if that is ours too (RFC 4035 3.1.4.1). A parent that knows nothing of
  // the child is not asked: its NXDOMAIN would take the child's names with it (RFC 8020).
  if (served != nullptr && type == RrType::DS && served->zone->apex() == name.name()) {
    const ServedZone* parent = zones.find_above(name);
    if (parent != nullptr && (!parent->zone->is_available() || tells_of(*parent->zone, name))) return parent;
  }
  return served;
}

void answer_found(const Zone& zone, LiveView& live, NameView owner, RrType asked, const zones::Lookup& found,
                  Response& response) noexcept {
  response.live = found.live;
  if (asked == RrType::ANY && found.rrset.type != RrType::CNAME) {
    response.add_answer({owner, response.synthesise(RrType::HINFO, kHinfoTtl, {kHinfo, sizeof kHinfo})});
    return;
  }
  response.error = found.error;
  const Response::Item item{owner, found.rrset};
  response.add_answer(item);
  add_targets(zone, live, item, response);
}

/// The DNAME and the CNAME that follows from it (RFC 6672 3.1). @return the name to go on with, or null
std::optional<NameView> answer_redirect(const zones::Lookup& met, const HashedName& name, NameView owner,
                                        RrType type, Response& response) noexcept {
  // A chain can come by the same DNAME again; an RRset is given once (RFC 2181 5).
  if (!response.holds(met.owner, RrType::DNAME)) response.add_answer({met.owner, met.rrset});
  const auto target = redirect(name, met);
  if (!target) {  // RFC 6672 2.2
    response.rcode = Rcode::yxdomain;
    return std::nullopt;
  }
  const NameView view = *target;
  const RRset cname = response.synthesise(RrType::CNAME, met.rrset.ttl, {view.data(), view.size()});
  if (cname.empty()) return std::nullopt;
  response.add_answer({owner, cname});
  // The CNAME is itself what was asked for, or the DNAME leads below itself, without end.
  const bool endless = zones::name_in(*met.rrset.begin()).is_at_or_below(met.owner);
  if (type == RrType::CNAME || type == RrType::ANY || endless) return std::nullopt;
  return zones::name_in(*cname.begin());
}

/// One step at `name`. @return the name to go on with, or null when the answer is complete.
std::optional<NameView> step(const ServedZone& served, LiveView& live, const HashedName& name, NameView owner,
                             RrType type, Response& response) noexcept {
  using Met = zones::Lookup::Met;
  const Zone& zone = *served.zone;
  zones::Lookup met = lookup(zone, live.table(), name, type);
  if (met.met == Met::live) settle(zone, met, live, type);
  response.authoritative = response.authoritative || met.met != Met::referral;
  switch (met.met) {
    case Met::found:
      answer_found(zone, live, owner, type, met, response);
      if (type == RrType::SOA) response.soa_of = served.number;
      break;
    case Met::alias:
      if (met.live != zones::kNotLive) response.live = met.live;
      response.add_answer({owner, met.rrset});
      return zones::name_in(*met.rrset.begin());
    case Met::redirect: return answer_redirect(met, name, owner, type, response);
    case Met::referral: {
      const Response::Item item{met.owner, met.rrset};
      response.add_authority(item);
      add_glue(zone, live, item, response, [&](NameView server) { return zone.find(server); });
      break;
    }
    case Met::live: break;  // settled above
    case Met::failed:
      response.live = met.live;
      response.error = met.error;
      response.rcode = Rcode::servfail;
      response.authoritative = false;
      break;
    case Met::no_data:
    case Met::nxdomain:
      response.error = met.error;
      response.rcode = met.met == Met::no_data ? Rcode::noerror : Rcode::nxdomain;
      response.add_authority({met.owner, met.rrset});
      response.soa_of = served.number;
  }
  return std::nullopt;
}

// ---- class CH ----

bool is_name(const HashedName& name, std::string_view text) noexcept {
  const NameView view = name.name();
  return std::string_view(reinterpret_cast<const char*>(view.data()), view.size()) == text;
}

/// version.bind and its kin (RFC 4892).
void resolve_chaos(const Query& query, const Identity& identity, Response& response) noexcept {
  using namespace std::string_view_literals;
  const bool version =
      is_name(query.name, "\7version\4bind\0"sv) || is_name(query.name, "\7version\6server\0"sv);
  const bool id = is_name(query.name, "\2id\6server\0"sv) || is_name(query.name, "\10hostname\4bind\0"sv);
  const std::string& text = version ? identity.version : identity.nsid;
  if ((!version && !id) || text.empty() || text.size() > 255) {
    response.rcode = Rcode::refused;
    return;
  }
  response.authoritative = true;
  if (query.type != RrType::TXT && query.type != RrType::ANY) return;
  std::array<std::uint8_t, 256> data;
  data[0] = static_cast<std::uint8_t>(text.size());
  std::memcpy(data.data() + 1, text.data(), text.size());
  response.add_answer(
      {query.name.name(), response.synthesise(RrType::TXT, 0, {data.data(), text.size() + 1})});
}

}  // namespace

void resolve(const Query& query, const Snapshot& zones, LiveView& live, const Identity& identity,
             Response& response, bool shows_private) noexcept {
  if (query.rr_class == zones::RrClass::CH) return resolve_chaos(query, identity, response);
  const ServedZone* served = zone_of(zones, query.name, query.type);
  response.is_private = served != nullptr && served->is_private && !shows_private;
  if (query.rr_class != zones::RrClass::IN || served == nullptr || response.is_private) {
    response.rcode = Rcode::refused;
    return;
  }
  response.zone = served->number;

  HashedName followed;
  const HashedName* name = &query.name;
  NameView owner = query.name.name();
  for (std::size_t i = 0; i <= kMaxChain; ++i) {
    if (!served->zone->is_available()) {
      // It could not be loaded. What was collected before a chain came here is still true.
      if (i == 0) response.rcode = Rcode::servfail;
      return;
    }
    const auto next = step(*served, live, *name, owner, query.type, response);
    if (!next || already_followed(response, *next)) return;
    owner = *next;
    followed = HashedName(owner);
    name = &followed;
    served = zone_of(zones, followed, query.type);
    // It leads out of what we serve; the resolver goes on from there.
    if (served == nullptr || (served->is_private && !shows_private)) return;
  }
}

void refer(const Zone& zone, Node cut, LiveView& live, Response& response) noexcept {
  const Response::Item item{cut.name(), zone.rrset(cut, RrType::NS)};
  response.add_authority(item);
  add_glue(zone, live, item, response, [&](NameView server) { return zone.find_near(cut, server); });
}

}  // namespace holdfast::server
