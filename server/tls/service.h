#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "server/settings.h"
#include "server/tls/handles.h"

namespace holdfast::server {

/// How we speak TLS with those who come to us: 1.3 and no older, ALPN "dot" where they offer any (RFC 7858, RFC 9103 7), with a
/// certificate that can become another while the program runs. Thread-safe.
///
/// Whether a client's certificate is good is not looked at here, but by whoever lets it do something (client_certificate.h).
class TlsService {
 public:
  /// Reads the files. Throws std::runtime_error that names the one that is wrong, and what to do.
  explicit TlsService(TlsSettings settings);

  /// Reads the files again. @return what is wrong, as above: then what was read before stays; empty: nothing
  std::string read();
  /// Whether clients are asked for a certificate; they need not have one.
  void ask_for_certificates(bool asks);

  /// For a connection that was accepted; null: no memory. Borrows the descriptor.
  Tls accept(int fd) const noexcept;

 private:
  using Context = std::shared_ptr<SSL_CTX>;
  Context make(bool asks) const;

  const TlsSettings settings_;
  std::mutex reading_;  // guards `asks_`, and keeps what is read in its order
  bool asks_ = false;
  mutable std::mutex mutex_;  // guards:
  Context context_;
};

/// Whether it was agreed that this is DNS over TLS; a transfer needs that (RFC 9103 7.1).
bool is_dot(const SSL* connection) noexcept;

}  // namespace holdfast::server
