#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/pattern.h"

namespace holdfast::health {

enum class Protocol : std::uint8_t {
  http,
  https,
  tcp,
  tls,
  smtp,
  dns,
  ping,
  exec,  ///< a program of the operator's
  // Combinations: what other monitors find, at the same time.
  all,
  any,
  at_least,
};
inline constexpr std::string_view kProtocols[] = {
    "http", "https", "tcp", "tls", "smtp", "dns", "ping", "exec", "all", "any", "at_least"};  ///< by Protocol
constexpr std::string_view text(Protocol protocol) { return kProtocols[static_cast<std::size_t>(protocol)]; }

constexpr bool is_combination(Protocol protocol) { return protocol >= Protocol::all; }

/// The port where a protocol is spoken; 0: a monitor must name one (tcp), or there may be none.
constexpr std::uint16_t usual_port(Protocol protocol) {
  constexpr std::uint16_t kPorts[std::size(kProtocols)] = {80, 443, 0, 443, 25, 53};
  return kPorts[static_cast<std::size_t>(protocol)];
}

/// Response codes by number (RFC 1035 4.1.1, RFC 2136 2.2).
inline constexpr std::string_view kRcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                               "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                               "NXRRSET", "NOTAUTH", "NOTZONE"};

/// What an http monitor may ask with; `body` goes with POST.
inline constexpr std::string_view kHttpMethods[] = {"GET", "HEAD", "POST", "OPTIONS"};

enum class HttpVersion : std::uint8_t { http_1_1, http_2 };
inline constexpr std::string_view kHttpVersions[] = {"1.1", "2"};  ///< by HttpVersion

/// Status codes from `first` to `last`.
struct StatusRange {
  std::uint16_t first;
  std::uint16_t last;

  constexpr StatusRange(std::uint16_t one) : first(one), last(one) {}  // NOLINT: a code is a range of one
  constexpr StatusRange(std::uint16_t from, std::uint16_t to) : first(from), last(to) {}
  constexpr bool has(long status) const { return status >= first && status <= last; }
  bool operator==(const StatusRange&) const = default;
};

/// Octets of what is answered in which `expect` is looked for.
inline constexpr std::size_t kExpectWindow = 5120;

/// `[probes]`: what holds for the probes of all monitors.
struct ProbeSettings {
  std::string exec_directory{};  ///< where the programs of exec monitors are; empty: there are none
  bool allow_loopback = false;   ///< no warning of members that are loopback addresses
  unsigned threads = 1;          ///< that probe; at least 1

  bool operator==(const ProbeSettings&) const = default;
};

/// How many locations must say that a target is down; never fewer than two where two say anything.
struct Quorum {
  enum class Rule : std::uint8_t { majority, any, all, number };
  Rule rule = Rule::majority;
  unsigned number = 0;  ///< with Rule::number

  bool operator==(const Quorum&) const = default;
};

/// Which agents probe for a monitor: those of the first of `prefer` that are there, and of the next one, until there are
/// `min` of them in two locations; with `nearest`, at most so many, those that are nearest to the member. Neither: all.
struct AgentChoice {
  std::vector<std::string> prefer{};  ///< locations, the best first
  unsigned nearest = 0;               ///< 0: however many there are
  unsigned min = 2;                   ///< fewer than that, and others help out
  Quorum quorum{};

  bool operator==(const AgentChoice&) const = default;
};

/// `[location.NAME]`: a place, in another one or with coordinates, or both.
struct LocationSettings {
  std::string name{};
  std::string in{};                               ///< empty: in no other
  std::optional<double> latitude{}, longitude{};  ///< degrees

  bool operator==(const LocationSettings&) const = default;
};

/// `[agent.NAME]`: an agent whose verdicts count.
struct AgentSettings {
  std::string name{};
  std::string location{};
  std::vector<boost::asio::ip::address> addresses{};  ///< from which it probes; for firewalls

  bool operator==(const AgentSettings&) const = default;
};

/// `[self]`: who this process is among those that share a store.
struct SelfSettings {
  std::string name{};  ///< empty: it shares none
  /// Should always answer over TCP; when none of them does, it is this process that cannot see. None: that is not asked.
  std::vector<boost::asio::ip::tcp::endpoint> references{};

  bool operator==(const SelfSettings&) const = default;
};

/// `[store]`: the etcd where servers and agents meet.
struct StoreSettings {
  std::vector<std::string> endpoints{};  ///< "https://host:port", of one cluster; not empty
  std::string prefix = "/holdfast/";     ///< of all keys; begins and ends with "/"
  std::string user{};                    ///< empty: no authentication
  std::string password_file{};           ///< see health/notify/secret.h; only with `user`
  std::string ca_file{};                 ///< PEM; empty: the system's
  std::string certificate{};             ///< that we show, as PEM; empty: none
  std::string key{};                     ///< its key, as PEM; empty: in the same file

  bool operator==(const StoreSettings&) const = default;
};

/// `[monitor.NAME]`: how to check. `timeout` is below `interval`, `retry` at most as long.
struct MonitorSettings {
  std::string name{};
  Protocol type = Protocol::http;
  std::uint16_t port = 0;  ///< 0: usual_port()

  // http, https; host also tls, smtp
  std::string host{};  ///< Host header, SNI, name in the certificate; empty: the target's address
  std::string path = "/";
  std::string method = "GET";                         ///< of kHttpMethods
  HttpVersion http_version = HttpVersion::http_1_1;   ///< https: 2 must be agreed on (ALPN)
  std::vector<std::string> headers{};                 ///< of the request: "Name: value"
  std::string body{};                                 ///< of a POST
  std::vector<StatusRange> status{StatusRange(200)};  ///< what counts as success

  std::string send{};  ///< tcp: said after connecting; empty: nothing
  /// http, https: must stand in the first 5,120 octets of the body. Empty: nothing is looked for, and the body passes when
  /// its end, or its first 64 KiB, came in time. tcp: the same of what comes. dns: the data of a record of the answer, as
  /// ldns prints it (printed_data).
  Pattern expect{};
  Pattern reject{};  ///< http, https: must not stand in the first 5,120 octets of the body; empty: nothing

  bool ehlo = false;      ///< smtp: says EHLO
  bool starttls = false;  ///< smtp: says EHLO and STARTTLS

  // dns
  std::string query{};  ///< a name
  std::string query_type = "SOA";
  std::string rcode = "NOERROR";  ///< what counts as success

  // https, tls, smtp with starttls
  bool verify = true;     ///< certificate chain and name
  std::string ca_file{};  ///< empty: the system's
  std::string
      client_certificate{};  ///< that we show to the target, as PEM with what it was issued by; empty: none
  std::string client_key{};  ///< its key, as PEM; empty: in the same file
  unsigned certificate_days = 0;  ///< fails when it expires in fewer; 0: only when it has expired

  std::vector<std::string> command{};  ///< exec: a program by its absolute path, and its arguments

  // all, any, at_least
  std::vector<std::string> of{};         ///< names of monitors
  unsigned count = 0;                    ///< at_least: how many of them must pass
  std::vector<MonitorSettings> parts{};  ///< those monitors, as `of` names them; none is a combination

  std::chrono::milliseconds interval{5000};
  std::chrono::milliseconds retry{
      1000};  ///< from a failure's end to the next start, until the verdict is settled
  std::chrono::milliseconds timeout{3000};  ///< of the whole probe
  /// Of single phases inside `timeout`; 0: only the whole counts.
  std::chrono::milliseconds connect_timeout{0};  ///< TCP and TLS
  std::chrono::milliseconds header_timeout{
      0};                                     ///< to the last header line, the first octets, smtp's STARTTLS
  std::chrono::milliseconds body_timeout{0};  ///< from there to the end

  unsigned fall = 3;  ///< failures in a row that make a target down
  unsigned rise = 3;  ///< passes in a row that make it up again

  AgentChoice agents{};

  bool operator==(const MonitorSettings&) const = default;
};

/// `[log]`: how far back the log of probes and events reaches; whichever limit is met first.
struct LogSettings {
  std::chrono::seconds keep = std::chrono::hours(7 * 24);
  std::uint64_t size = 256U << 20;  ///< octets of its file and what belongs to it

  bool operator==(const LogSettings&) const = default;
};

}  // namespace holdfast::health
