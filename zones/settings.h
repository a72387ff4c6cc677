#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/type.h"
#include "zones/geo/country.h"
#include "zones/geo/prefix.h"

namespace holdfast::zones {

/// Which of the members that are alive answer.
enum class Policy : std::uint8_t {
  all,       ///< every one
  failover,  ///< those of the lowest tier that has enough
  weighted,  ///< some of them, drawn by their weights for each query
  hashed,    ///< some of them, the same for all clients of one network as long as these are alive
  nearest,   ///< those that are nearest to the client
};

inline constexpr std::string_view kPolicies[] = {"all", "failover", "weighted", "hashed", "nearest"};
constexpr std::string_view text(Policy policy) { return kPolicies[static_cast<std::size_t>(policy)]; }
/// Whether some are drawn for each client, where the others let all answer.
constexpr bool is_drawn(Policy policy) { return policy == Policy::weighted || policy == Policy::hashed; }

/// Of those who may answer, whom everybody gets who cannot choose: secondaries, for which a live name is records like any other.
enum class Flat : std::uint8_t {
  all,       ///< every one
  failover,  ///< those of the lowest tier
  weighted,  ///< those of the largest weight
};

inline constexpr std::string_view kFlats[] = {"all", "failover", "weighted"};

/// What a pool that has nothing to fall back to answers with while too few of its members are alive.
enum class WhenDown : std::uint8_t {
  all,        ///< every member that is not drained: a wrong guess beats no answer
  last_good,  ///< those that answered last while enough were alive
  nodata,     ///< no records
  servfail,   ///< SERVFAIL, so that resolvers ask another server
};

inline constexpr std::string_view kWhenDown[] = {"all", "last-good", "nodata", "servfail"};

/// What becomes of a member that went down and is up again.
enum class Recovery : std::uint8_t {
  automatic,  ///< it answers again
  manual,     ///< it stays out until somebody releases it
};

inline constexpr std::string_view kRecoveries[] = {"auto", "manual"};

/// How many members must be alive: a number, or a share of those that are not drained. At least one, always.
struct Minimum {
  std::uint16_t number = 1;  ///< members, or percent
  bool is_percent = false;

  constexpr std::size_t of(std::size_t members) const {
    const std::size_t least = is_percent ? (members * number + 99) / 100 : number;
    return least == 0 ? 1 : least;
  }
  bool operator==(const Minimum&) const = default;
};

/// Why nobody could reach an endpoint at this address: "is a multicast address, ...". Empty: it can be one.
std::string_view unusable(const boost::asio::ip::address& address);

struct MemberSettings {
  boost::asio::ip::address address;
  std::uint16_t tier = 1;      ///< only looked at by `failover`; 1 is preferred
  std::uint16_t weight = 100;  ///< only looked at by `weighted`; 0: nothing, unless all have that
  std::string location{};      ///< names a [location.NAME]; empty: unknown

  bool operator==(const MemberSettings&) const = default;
};

/// A row of `members` of a pool. Exactly one of `address`, `name` and `pool` is set. A pool, with those in it, has addresses
/// or names, and not both.
struct PoolMemberSettings {
  boost::asio::ip::address address{};
  Name name{};         ///< whose CNAME is the answer, and whose addresses are checked; the root: none
  std::string pool{};  ///< names a [pool.NAME]; it answers in its turn
  std::uint16_t tier = 1;
  std::uint16_t weight = 100;
  std::string location{};

  MemberSettings at_address() const { return {address, tier, weight, location}; }
  bool operator==(const PoolMemberSettings&) const = default;
};

/// `[geo]`
struct GeoSettings {
  std::string database{};  ///< file in MaxMind's format; empty: only networks say where clients are

  bool operator==(const GeoSettings&) const = default;
};

/// `[clients.NAME]`: which clients are in the location of that name.
struct ClientsSettings {
  std::string name{};
  std::vector<Country> countries{};
  std::vector<Continent> continents{};
  std::vector<Prefix> networks{};

  bool operator==(const ClientsSettings&) const = default;
};

/// `[pool.NAME]`
struct PoolSettings {
  std::string name;
  std::string monitor;  ///< names a [monitor.NAME]; empty: nobody checks, and every member counts as alive
  Policy policy = Policy::all;
  std::uint16_t limit = 0;  ///< members that one answer has at most; 0: one where they are drawn, else all
  Minimum min_alive;
  WhenDown when_down = WhenDown::all;
  std::string fallback{};  ///< names a [pool.NAME]; empty: `when_down` counts instead
  Recovery recovery = Recovery::automatic;
  std::chrono::seconds ramp_up{0};  ///< until a member that returned has its whole weight
  Flat flat = Flat::all;
  std::chrono::seconds ttl{30};
  std::vector<PoolMemberSettings> members;
  std::vector<std::string>
      contacts{};  ///< names of [contact.NAME] who are told of its members; none: the usual ones
};

/// One row of `live = [...]`: an owner name whose records of some type are decided while running.
/// Exactly one of `monitor`, `pool` and `aliases` is set, or the first and the last.
struct LiveSettings {
  Name name;                            ///< absolute; "@" in the file is the apex
  std::string monitor;                  ///< the zone's own records at the name are the members
  RrType type = RrType::A;              ///< of these: A (and AAAA), MX or SRV
  std::string pool;                     ///< the members are those of the [pool.NAME]
  std::vector<Name> aliases{};          ///< the members are the addresses of these names (ANAME)
  std::chrono::seconds ttl{30};         ///< the longest TTL served, without `pool`, which has its own
  std::vector<std::string> contacts{};  ///< with `monitor`: as a pool has them

  bool has_own_records() const { return pool.empty() && aliases.empty(); }
  bool could_be_cname() const { return aliases.size() == 1 && monitor.empty(); }

  bool operator==(const LiveSettings&) const = default;
};

/// `[key.NAME]`: a key that messages between name servers are signed with (TSIG, RFC 8945).
struct KeySettings {
  std::string name{};  ///< in the configuration; on the wire it has the name that is in the file
  std::string file{};  ///< what `holdfast keygen tsig` prints

  bool operator==(const KeySettings&) const = default;
};

/// What a peer gets of live names.
enum class LiveSent : std::uint8_t {
  flat,     ///< what they answer everybody who cannot choose
  of_file,  ///< the records of the zone's file
};

inline constexpr std::string_view kLiveSent[] = {"flat", "static"};

/// TLS between us and a peer (RFC 9103).
struct PeerTls {
  std::string name{};         ///< in its certificate; empty: over TCP
  std::uint16_t port = 853;   ///< at its addresses, where it is asked for zones
  std::string ca_file{};      ///< whose word counts for its certificate, PEM; empty: the system's
  std::string certificate{};  ///< that we show it, as PEM with what it was issued by; empty: none
  std::string key{};          ///< its key, as PEM; empty: in the same file
  bool is_mutual = false;     ///< it shows its certificate also when it asks us

  bool empty() const { return name.empty(); }
  bool operator==(const PeerTls&) const = default;
};

/// `[peer.NAME]`: another name server, which zones are transferred to or from.
struct PeerSettings {
  std::string name{};
  std::vector<boost::asio::ip::tcp::endpoint>
      addresses{};                 ///< where it is notified and asked; it may ask from there
  std::vector<Prefix> networks{};  ///< it may ask from there, too
  /// Of this machine, one of each family at most: what it is notified and asked from. Where there is none the system chooses.
  std::vector<boost::asio::ip::address> source{};
  std::string key{};   ///< names a [key.NAME]; empty: its messages and those to it are not signed
  PeerTls tls{};       ///< where there is a name, transfers are only over TLS
  bool notify = true;  ///< it is told of new versions
  LiveSent live = LiveSent::flat;

  bool operator==(const PeerSettings&) const = default;
};

/// How the serial of a new version follows from the one before, where the file has none that is after it.
enum class SerialPolicy : std::uint8_t {
  increment,  ///< one more
  unixtime,   ///< the seconds since 1970, but at least one more
  date,       ///< YYYYMMDD00 in UTC, but at least one more
};

inline constexpr std::string_view kSerialPolicies[] = {"increment", "unixtime", "date"};

/// A row of `update = [...]`: what a peer may change of a zone (UPDATE, RFC 2136). A record has to have one of the names and one
/// of the types.
struct UpdateSettings {
  std::string peer{};
  std::vector<Name> names{};    ///< absolute; "*.sub": all names below sub; none: every name
  std::vector<RrType> types{};  ///< none: every type

  bool operator==(const UpdateSettings&) const = default;
};

/// Octets of the name of a catalog that is made here: below it is room for its members.
inline constexpr std::size_t kMaxCatalogName = 200;
inline constexpr std::size_t kMaxGroup = 255;  ///< octets of a group: one string of a TXT record

/// A row of `groups` of a catalog.
struct CatalogGroupSettings {
  std::string name{};                      ///< as members have it in the catalog (RFC 9432 4.3.2)
  std::vector<std::string> primaries{};    ///< instead of those of the catalog; none: these
  std::vector<std::string> secondaries{};  ///< likewise

  bool operator==(const CatalogGroupSettings&) const = default;
};

/// `[catalog.NAME]`: a zone that lists zones (RFC 9432). Without primaries it is made here, of the zones that name it.
struct CatalogSettings {
  std::string name{};
  Name zone{};
  std::vector<std::string> primaries{};     ///< names of [peer.NAME] that it is transferred from
  std::vector<std::string> members_from{};  ///< likewise, of the zones in it; none: the same
  std::vector<std::string> secondaries{};  ///< names of [peer.NAME] that may transfer it, and the zones in it
  SerialPolicy serial = SerialPolicy::unixtime;  ///< of one that is made here
  Minimum may_lose{50, true};  ///< most members that go with one version that is transferred in
  std::vector<CatalogGroupSettings> groups{};

  bool is_made() const { return primaries.empty(); }
  bool operator==(const CatalogSettings&) const = default;
};

/// Why a zone is there.
enum class Origin : std::uint8_t {
  configured,  ///< a [[zone]]
  catalog,     ///< it is the zone of a [catalog.NAME]
  member,      ///< a catalog that is transferred in lists it
};

/// `[[zone]]`. Exactly one of `file` and `primaries` is set; of a catalog that is made here, neither.
struct ZoneSettings {
  Name name;
  std::string file{};  ///< absolute, or relative to the working directory
  std::vector<LiveSettings> live{};
  std::vector<std::string> primaries{};    ///< names of [peer.NAME] that the zone is transferred from
  std::vector<std::string> secondaries{};  ///< names of [peer.NAME] that may transfer it
  SerialPolicy serial = SerialPolicy::increment;
  std::vector<UpdateSettings> update{};  ///< none: nobody may
  std::string
      catalog{};  ///< names a [catalog.NAME]: that lists it, that it is the zone of, or that brings it; empty: none
  std::string group{};  ///< of one that is listed: how others are to treat it
  Origin origin = Origin::configured;

  bool is_secondary() const { return !primaries.empty(); }
  /// Others take part in it: its versions are kept.
  bool is_versioned() const { return is_secondary() || !secondaries.empty() || !update.empty(); }
};

}  // namespace holdfast::zones
