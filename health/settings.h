#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

enum class Protocol : std::uint8_t { http, https, tcp, tls, smtp, dns, ping };
inline constexpr std::string_view kProtocols[] = {"http", "https", "tcp", "tls",
                                                  "smtp", "dns",   "ping"};  ///< by Protocol
constexpr std::string_view text(Protocol protocol) { return kProtocols[static_cast<std::size_t>(protocol)]; }

/// The port where a protocol is spoken; 0: a monitor must name one, or there is none (ping).
constexpr std::uint16_t usual_port(Protocol protocol) {
  constexpr std::uint16_t kPorts[] = {80, 443, 0, 443, 25, 53, 0};
  return kPorts[static_cast<std::size_t>(protocol)];
}

/// Response codes by number (RFC 1035 4.1.1, RFC 2136 2.2).
inline constexpr std::string_view kRcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                               "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                               "NXRRSET", "NOTAUTH", "NOTZONE"};

/// Octets of what is answered in which `expect` is looked for.
inline constexpr std::size_t kExpectWindow = 5120;

/// `[monitor.NAME]`: how to check. `timeout` is below `interval`, `retry` at most as long.
struct MonitorSettings {
  std::string name{};
  Protocol type = Protocol::http;
  std::uint16_t port = 0;  ///< 0: usual_port()

  // http, https; host also tls, smtp
  std::string host{};  ///< Host header, SNI, name in the certificate; empty: the target's address
  std::string path = "/";
  std::vector<std::uint16_t> status{200};  ///< what counts as success

  std::string send{};  ///< tcp: said after connecting; empty: nothing
  /// http, https: case-sensitive substring of the first 5,120 octets of the body. Empty: nothing is looked for, and the
  /// body passes when its end, or its first 64 KiB, came in time. tcp: the same of what comes. dns: the data of a record
  /// of the answer, as a zone file has it.
  std::string expect{};

  bool ehlo = false;      ///< smtp: says EHLO
  bool starttls = false;  ///< smtp: says EHLO and STARTTLS

  // dns
  std::string query{};  ///< a name
  std::string query_type = "SOA";
  std::string rcode = "NOERROR";  ///< what counts as success

  // https, tls, smtp with starttls
  bool verify = true;             ///< certificate chain and name
  std::string ca_file{};          ///< empty: the system's
  unsigned certificate_days = 0;  ///< fails when it expires in fewer; 0: only when it has expired

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

  bool operator==(const MonitorSettings&) const = default;
};

/// `[log]`: how far back the log of probes and events reaches; whichever limit is met first.
struct LogSettings {
  std::chrono::seconds keep = std::chrono::hours(7 * 24);
  std::uint64_t size = 256U << 20;  ///< octets of its file and what belongs to it

  bool operator==(const LogSettings&) const = default;
};

}  // namespace holdfast::health
