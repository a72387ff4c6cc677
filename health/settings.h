#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

enum class Protocol : std::uint8_t { http, https, tcp };
inline constexpr std::string_view kProtocols[] = {"http", "https", "tcp"};  ///< by Protocol
constexpr std::string_view text(Protocol protocol) { return kProtocols[static_cast<std::size_t>(protocol)]; }

/// `[monitor.NAME]`: how to check. `timeout` is below `interval`, `retry` at most as long.
struct MonitorSettings {
  std::string name{};
  Protocol type = Protocol::http;
  std::uint16_t port = 0;  ///< 0: 80 for http, 443 for https; tcp must name one

  std::string host{};  ///< Host header and SNI; empty: the target's address
  std::string path = "/";
  std::vector<std::uint16_t> status{200};  ///< what counts as success
  /// Case-sensitive substring of the first 5,120 octets of the body. Empty: nothing is looked for, and the body
  /// passes when its end, or its first 64 KiB, came in time.
  std::string expect{};
  bool verify = true;     ///< certificate chain and name
  std::string ca_file{};  ///< empty: the system's

  std::chrono::milliseconds interval{5000};
  std::chrono::milliseconds retry{
      1000};  ///< from a failure's end to the next start, until the verdict is settled
  std::chrono::milliseconds timeout{3000};  ///< of the whole probe
  /// Of single phases inside `timeout`; 0: only the whole counts.
  std::chrono::milliseconds connect_timeout{0};  ///< TCP and TLS
  std::chrono::milliseconds header_timeout{0};   ///< from the request sent to the last header line
  std::chrono::milliseconds body_timeout{0};     ///< from the last header line to the end

  unsigned fall = 3;  ///< failures in a row that make a target down
  unsigned rise = 3;  ///< passes in a row that make it up again

  bool operator==(const MonitorSettings&) const = default;
};

}  // namespace holdfast::health
