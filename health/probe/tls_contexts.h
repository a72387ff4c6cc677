#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "health/settings.h"

namespace holdfast::health {

/// How long a file of certificates is trusted before it is read again.
inline constexpr std::chrono::seconds kCaCacheTime{60};

/// What OpenSSL needs to verify certificates and to show one: read once per file and kCaCacheTime, not once per probe.
///
/// Belongs to the thread of the probes.
class TlsContexts {
 public:
  /// For a connection that is made at once. Throws std::runtime_error, which names the file, when one of ours cannot be
  /// used.
  boost::asio::ssl::context& of(const MonitorSettings& monitor);
  /// The file with the certificates that are trusted; without one of the monitor's the system's, as libcurl knows it.
  static std::string ca_file(const MonitorSettings& monitor);
  /// The file with the key of the client certificate.
  static const std::string& client_key(const MonitorSettings& monitor);

 private:
  struct Kept {
    std::unique_ptr<boost::asio::ssl::context> context;
    std::chrono::steady_clock::time_point read;
  };
  using Files = std::tuple<bool, std::string, std::string, std::string>;  // `verify`, and all that is read
  std::map<Files, Kept> kept_;
};

}  // namespace holdfast::health
