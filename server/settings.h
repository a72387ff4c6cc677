#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::server {

inline constexpr std::size_t kMaxNsid =
    128;  ///< octets; with the longest question it fits the smallest answer

/// `tls` of `[server]`.
struct TlsSettings {
  /// Port 0: any
  std::vector<boost::asio::ip::tcp::endpoint> listen{{boost::asio::ip::tcp::v4(), 853},
                                                     {boost::asio::ip::tcp::v6(), 853}};
  std::string certificate;  ///< PEM, with those that it was issued by; empty: there is no TLS
  std::string key;          ///< PEM; empty: in the same file

  bool is_on() const { return !certificate.empty(); }
  bool operator==(const TlsSettings&) const = default;
};

/// `[server]`. Changed only by a restart: what has bound sockets keeps them over a reload.
struct ServerSettings {
  /// UDP and TCP; port 0: any
  std::vector<boost::asio::ip::udp::endpoint> listen{{boost::asio::ip::udp::v4(), 53},
                                                     {boost::asio::ip::udp::v6(), 53}};
  unsigned threads = 0;            ///< workers: a thread per address for UDP, one for TCP; 0: one per core
  std::string nsid;                ///< answers NSID (RFC 5001) and id.server CH TXT; empty: neither
  std::string version;             ///< answers version.bind CH TXT; empty: REFUSED
  std::uint16_t edns_size = 1232;  ///< largest UDP answer, octets
  std::uint32_t tcp_connections = 4096;
  std::chrono::milliseconds tcp_idle{10000};    ///< between two queries
  std::chrono::milliseconds tcp_message{2000};  ///< to receive or send one whole message
  TlsSettings tls;
  std::string state;  ///< directory of what is kept over a restart; empty: nothing is

  bool operator==(const ServerSettings&) const = default;
};

/// `[control]`: the HTTP door. Absent: no such listener.
struct ControlSettings {
  boost::asio::ip::tcp::endpoint listen{boost::asio::ip::address_v4::loopback(), 8053};
  bool allow_remote = false;         ///< `listen` may be other than loopback
  std::uint32_t zone_series = 1000;  ///< zones with series of their own in the metrics, at most

  bool operator==(const ControlSettings&) const = default;
};

}  // namespace holdfast::server
