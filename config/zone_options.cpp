#include "config/alias_kinds.h"
#include "config/geo_kinds.h"
#include "config/options.h"

// What a configuration file can say of what is served: pools, zones, where clients are, and who knows the targets of ANAMEs.
namespace holdfast::config {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using zones::ClientsSettings;
using zones::GeoSettings;
using zones::LiveSettings;
using zones::PoolMemberSettings;
using zones::PoolSettings;
using zones::ResolverSettings;
using zones::UpdateSettings;
using zones::ZoneSettings;

constexpr Choice<zones::Policy> kPolicy{zones::kPolicies};
constexpr Duration<seconds> kTtl{1s, 24h};
constexpr Duration<seconds> kClamp{1s, 24h};  // of the TTLs of targets

/// The same row, but of a live name: names in it are relative to the zone, which is read before.
Option<ZoneSettings> inside_zone(Option<ZoneSettings> row) {
  row.read = [read = row.read](const toml::node& node, const Scope& scope, ZoneSettings& zone) {
    Scope inside = scope;
    inside.origin = zone.name;
    read(node, inside, zone);
  };
  return row;
}

}  // namespace

std::span<const Option<PoolSettings>> pool_options() {
  static const Option<PoolMemberSettings> kColumns[] = {
      option("address", &PoolMemberSettings::address, MemberAddress{},
             "Address to answer with while it is alive, and to probe."),
      option(
          "name", &PoolMemberSettings::name, WholeName{},
          "Instead of `address`, and never in one pool with addresses: a name to answer with a CNAME to, one "
          "for each "
          "client. With `monitor` its addresses are probed, and it is down while all of these are, or it has "
          "none."),
      option("pool", &PoolMemberSettings::pool, Identifier{},
             "Instead of `address`: another pool, which answers in its turn where it is chosen. It is down "
             "while "
             "too few of its members are alive; its `when_down` and `fallback` do not count. At most 4 deep, "
             "and 500 members in all."),
      option(
          "tier", &PoolMemberSettings::tier, Integer<std::uint16_t>{1, 65535},
          "With `policy = \"failover\"`: the lowest tier that has `min_alive` alive answers. `flat` looks at "
          "it, too."),
      option("weight", &PoolMemberSettings::weight, Integer<std::uint16_t>{0, 65535},
             "With `policy = \"weighted\"`: its share is this of the sum of those that are alive; of 0 it "
             "answers only where all have 0."),
      option("location", &PoolMemberSettings::location, Identifier{},
             "Where it is: with `nearest` of a monitor's `agents`, those near there probe it."),
  };
  static const Option<PoolSettings> kOptions[] = {
      option("monitor", &PoolSettings::monitor, Identifier{},
             "The monitor that says which members are alive; without it nobody checks, and all count as "
             "alive.")
          .set_to("\"web\""),
      option("policy", &PoolSettings::policy, kPolicy,
             "Who answers of those that are alive: `all`; by `failover` those of the first tier that has "
             "`min_alive`; by `weighted` some, drawn by their weights for each query; by `hashed` some, the "
             "same for all clients of one network (/24, /56) as long as these are alive; by `nearest` those "
             "whose "
             "`location` is nearest to the client's: by what locations are in, then by the kilometres.")
          .set_to("\"failover\""),
      option("limit", &PoolSettings::limit, Integer<std::uint16_t>{0, kMaxPoolMembers},
             "Most members in one answer, in turns where there are more; with `weighted`, `hashed` and "
             "`nearest` at most "
             "16. 0: one with the first two, else all."),
      option(
          "min_alive", &PoolSettings::min_alive, AtLeast{kMaxPoolMembers},
          "How many members of a family, of a tier with `failover`, must be alive for the pool to be up; a "
          "percentage is one of those that are not drained.")
          .such_as("\"50%\""),
      option("when_down", &PoolSettings::when_down, Choice<zones::WhenDown>{zones::kWhenDown},
             "What is answered while too few are alive, drained members left out: `all` members; those that "
             "answered before (`last-good`; over a restart with `[server] state`); no records (`nodata`); or "
             "`servfail`, for which resolvers ask another server. With a TTL of at most 10 s."),
      option("fallback", &PoolSettings::fallback, Identifier{},
             "A pool that answers instead while too few are alive, of the families that this one has; "
             "`when_down` does not count then. It may have one too, at most 8 in a row.")
          .such_as("\"sorry\""),
      option(
          "recovery", &PoolSettings::recovery, Choice<zones::Recovery>{zones::kRecoveries},
          "What becomes of a member that was down and is up again: it answers (`auto`), or stays out as if "
          "forced "
          "down until `holdfast release` (`manual`): for what must be looked at first, such as a database."),
      option(
          "ramp_up", &PoolSettings::ramp_up, Duration<seconds>{0s, 1h},
          "With `policy = \"weighted\"`: how long it takes until a member that was down or drained has its "
          "whole weight again, which grows evenly from nearly nothing; 0: at once.")
          .such_as("\"60s\""),
      option(
          "flat", &PoolSettings::flat, Choice<zones::Flat>{zones::kFlats},
          "Whom secondaries get, since no zone can tell how to choose: `all` who may answer; by `failover` "
          "those of the first tier among these; by `weighted` those of the largest weight.")
          .such_as("\"failover\""),
      option("ttl", &PoolSettings::ttl, kTtl,
             "TTL of the answers. Less while a verdict that counts is in doubt: what is left until it could "
             "change, at least 5 s; and at most 10 s while too few are alive."),
      required("members", &PoolSettings::members, RowsOf<PoolMemberSettings>{kColumns, kMaxPoolMembers},
               "The members.")
          .set_to("[\n"
                  "  { address = \"192.0.2.10\",    tier = 1 },\n"
                  "  { address = \"198.51.100.10\", tier = 2 },\n"
                  "]"),
      option("contacts", &PoolSettings::contacts, ListOf<Identifier>{{}, kMaxTold},
             "Who is told of its members, instead of the contacts of `[notify]`.")
          .such_as("[\"ops\"]"),
  };
  return kOptions;
}

std::span<const Option<ZoneSettings>> zone_options() {
  static const Option<LiveSettings> kColumns[] = {
      required("name", &LiveSettings::name, DomainName{},
               "Owner name, relative to the zone; `@` is its apex."),
      option("monitor", &LiveSettings::monitor, Identifier{},
             "A monitor: the members are the zone's own A and AAAA records at the name, or those of `type`; "
             "beside "
             "`aname` the addresses of its targets."),
      option(
          "type", &LiveSettings::type, WatchedType{},
          "With `monitor`: which of the zone's own records are the members. An MX or SRV record is left out "
          "while all addresses of the host in it are down, or it has none; that of an SRV record is probed "
          "at the "
          "port in it, by a monitor named such as `web.8443`."),
      option("pool", &LiveSettings::pool, Identifier{}, "A pool, instead of `monitor`: its members answer."),
      option("aname", &LiveSettings::aliases, AliasTargets{kMaxAliases},
             "Names, also of others' zones, whose addresses answer: a CNAME that may stand at the apex and "
             "beside "
             "other records. Who is asked for them says `[resolver]`; those in zones of this file are known.")
          .such_as("\"d111.cdn.example.net\""),
      option(
          "ttl", &LiveSettings::ttl, kTtl,
          "Without `pool`: the longest TTL of the answers, as that of a pool; with `aname` at most what is "
          "left of the target's."),
      option("contacts", &LiveSettings::contacts, ListOf<Identifier>{{}, kMaxTold},
             "With `monitor`: who is told of its members, instead of the contacts of `[notify]`."),
  };
  static const Option<UpdateSettings> kUpdateColumns[] = {
      required("peer", &UpdateSettings::peer, Identifier{},
               "The peer, which needs a key: an address alone can be forged.")
          .such_as("\"ns2\""),
      option("names", &UpdateSettings::names, ListOf<DomainName>{{}, kMaxUpdateNames},
             "The names whose records it may change, relative to the zone: `\"*.sub\"` are all below `sub`, "
             "`\"@\"` is the apex. Else every name.")
          .such_as("[\"_acme-challenge.www\"]"),
      option("types", &UpdateSettings::types, ListOf<DataType>{{}, kMaxUpdateTypes},
             "The types of records that it may change; else every type.")
          .such_as("[\"TXT\"]"),
  };
  static const Option<ZoneSettings> kOptions[] = {
      required("name", &ZoneSettings::name, DomainName{}, "Name of the zone's apex.")
          .set_to("\"example.com\""),
      option("file", &ZoneSettings::file, FilePath{},
             "Zone file (RFC 1035 5). It or `primaries` must be given.")
          .set_to("\"example.com.zone\""),
      inside_zone(option("live", &ZoneSettings::live, RowsOf<LiveSettings>{kColumns, kMaxMembers},
                         "Names that only answer with what is alive."))
          .set_to("[\n"
                  "  { name = \"www\",  monitor = \"web\" },\n"
                  "  { name = \"shop\", pool = \"shop\" },\n"
                  "]"),
      option("primaries", &ZoneSettings::primaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "Instead of `file`: the peers that the zone is transferred from. Needs `[server] state`.")
          .in_place_of("file")
          .such_as("[\"ns1\"]"),
      option("secondaries", &ZoneSettings::secondaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "The peers that may transfer the zone, and are told when it changes (NOTIFY): also when what "
             "live names "
             "answer does. Needs `[server] state`.")
          .such_as("[\"ns2\"]"),
      option("serial", &ZoneSettings::serial, Choice<zones::SerialPolicy>{zones::kSerialPolicies},
             "What the serial becomes when the zone changes and its file has none that is after the one "
             "served: one more "
             "(`increment`), the seconds since 1970 (`unixtime`), or `date`: YYYYMMDD00 in UTC; always at "
             "least one more."),
      inside_zone(
          option("update", &ZoneSettings::update, RowsOf<UpdateSettings>{kUpdateColumns, kMaxUpdates},
                 "Who may change what by UPDATE (RFC 2136); else nobody. What they change is kept beside "
                 "the file, which is never written to, and stays when that changes. Records that a live "
                 "name answers with are not among it. Needs `[server] state`."))
          .such_as("[{ peer = \"ns2\", names = [\"_acme-challenge.www\"], types = [\"TXT\"] }]"),
      option("catalog", &ZoneSettings::catalog, Identifier{},
             "A `[catalog.NAME]` that is made here, to list the zone in. Its `secondaries` are those of the "
             "zone, "
             "too, unless that has its own.")
          .such_as("\"fleet\""),
      option("group", &ZoneSettings::group, Text{zones::kMaxGroup},
             "With `catalog`: a word that is told there, by which consumers may treat the zone.")
          .such_as("\"signed\""),
  };
  return kOptions;
}

std::span<const Option<ResolverSettings>> resolver_options() {
  static const Option<ResolverSettings> kOptions[] = {
      required("upstreams", &ResolverSettings::upstreams, ListOf<Endpoint<udp>>{{53}, kMaxUpstreams},
               "Resolvers that are asked for these: the fastest mostly, another where that "
               "does not "
               "answer.")
          .such_as("[\"192.0.2.53\", \"[2001:db8::53]:53\"]"),
      option("timeout", &ResolverSettings::timeout, Duration<milliseconds>{50ms, 10s},
             "How long one try may take."),
      option("tries", &ResolverSettings::tries, Integer<std::uint16_t>{1, 16},
             "Tries of one question, each with another upstream where there is one."),
      option("budget", &ResolverSettings::budget, Integer<std::uint32_t>{1, 100'000},
             "Most packets per second to each upstream; questions wait for that."),
      option("min_ttl", &ResolverSettings::min_ttl, kClamp, "A shorter TTL of a target counts as this."),
      option("max_ttl", &ResolverSettings::max_ttl, kClamp, "A longer TTL of a target counts as this."),
      option(
          "keep", &ResolverSettings::keep, Duration<seconds>{0s, 24h * 30},
          "How long behind its TTL the last good answer is served while there is none anew, with a TTL of at "
          "most 30 s and the extended error 3 (Stale Answer); then SERVFAIL, for A and AAAA only. With "
          "`[server] state` over a restart, too."),
      option("allow_private", &ResolverSettings::allow_private, Boolean{},
             "Whether targets may have private and loopback addresses; else these are left out, since a "
             "stranger could lead clients into their own networks."),
      option("client_subnet", &ResolverSettings::client_subnet, Boolean{},
             "Whether upstreams are asked on behalf of networks of clients (/24, /56; RFC 7871) for targets "
             "that answer "
             "these differently, so that each client gets what is near to it. Not for names with several "
             "targets or with "
             "a `monitor`."),
  };
  return kOptions;
}

std::span<const Option<GeoSettings>> geo_options() {
  static const Option<GeoSettings> kOptions[] = {
      option("database", &GeoSettings::database, FilePath{},
             "A file in MaxMind's format that says in which country, or at which coordinates, addresses are; "
             "read "
             "again by a reload when it changed.")
          .such_as("\"/var/lib/GeoIP/GeoLite2-City.mmdb\""),
  };
  return kOptions;
}

std::span<const Option<ClientsSettings>> clients_options() {
  static const Option<ClientsSettings> kOptions[] = {
      option("countries", &ClientsSettings::countries, ListOf<CountryCode>{{}, zones::Country::kCodes},
             "Clients in these countries, by the database of `[geo]`, are in this location.")
          .such_as("[\"IE\", \"GB\"]"),
      option(
          "continents", &ClientsSettings::continents,
          ListOf<ContinentCode>{{}, std::size(zones::kContinents)},
          "So are clients of these continents whose country no location lists. Clients of none are where the "
          "nearest location with coordinates is, if the database tells theirs.")
          .such_as("[\"EU\"]"),
      option("networks", &ClientsSettings::networks, ListOf<Network>{{}, kMaxNetworks},
             "So are clients of these networks, whatever the database says; the narrowest network counts.")
          .such_as("[\"192.0.2.0/24\", \"2001:db8::/32\"]"),
  };
  return kOptions;
}

}  // namespace holdfast::config
