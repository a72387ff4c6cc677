#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "health/settings.h"

namespace holdfast::health {

/// How long a CA file is trusted before it is read again.
inline constexpr std::chrono::seconds kCaCacheTime{60};

/// What OpenSSL needs to verify certificates: read once per CA file and kCaCacheTime, not once per probe.
///
/// Belongs to the thread of the probes.
class TlsContexts {
 public:
  /// For a connection that is made at once. Throws boost::system::system_error when the CA file cannot be read.
  boost::asio::ssl::context& of(const MonitorSettings& monitor);
  /// The file with the certificates that are trusted; without one of the monitor's the system's, as libcurl knows it.
  static std::string ca_file(const MonitorSettings& monitor);

 private:
  struct Kept {
    std::unique_ptr<boost::asio::ssl::context> context;
    std::chrono::steady_clock::time_point read;
  };
  std::map<std::pair<bool, std::string>, Kept> kept_;  // by `verify` and `ca_file`
};

}  // namespace holdfast::health
