#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>

namespace holdfast::server {

/// How long certificates of authorities are trusted before they are read again.
inline constexpr std::chrono::seconds kAuthoritiesTime{60};

/// What transfers over TLS are made with (RFC 9103 7): TLS 1.3, ALPN "dot", the certificate verified. One thread.
class TlsClient {
 public:
  /// @param ca_file  certificates of authorities; empty: those of the system
  explicit TlsClient(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  /// For a connection that is made at once. Throws std::runtime_error that names the file.
  std::shared_ptr<boost::asio::ssl::context> context();
  /// The certificate has to be for that name, or address. Throws std::runtime_error.
  static void expect(SSL* connection, const std::string& name);
  /// Why the handshake failed, where the certificate is the reason; else empty.
  static std::string certificate_problem(SSL* connection);

 private:
  std::string ca_file_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::chrono::steady_clock::time_point read_{};
};

}  // namespace holdfast::server
