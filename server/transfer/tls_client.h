#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "zones/settings.h"

namespace holdfast::server {

/// How long files of certificates and keys are used before they are read again.
inline constexpr std::chrono::seconds kCertificatesTime{60};

/// What transfers over TLS are made with (RFC 9103 7): TLS 1.3, ALPN "dot", the certificate verified, and ours shown where there
/// is one. One thread.
class TlsClient {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  /// For a connection that is made at once. Throws std::runtime_error that names the file.
  Context context(const zones::PeerTls& settings);
  /// The certificate has to be for that name, or address. Throws std::runtime_error.
  static void expect(SSL* connection, const std::string& name);
  /// Whether the other side asked for a certificate, and we have none to show.
  static bool was_asked_in_vain(const SSL* connection);
  /// Why the handshake failed, where the certificate is the reason; else empty.
  static std::string certificate_problem(SSL* connection);

 private:
  struct Kept {
    Context context{};
    std::chrono::steady_clock::time_point read{};
  };
  std::map<std::tuple<std::string, std::string, std::string>, Kept> kept_;  // by the files
};

}  // namespace holdfast::server
