#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace holdfast::server {

struct FreeSsl {
  void operator()(SSL* connection) const noexcept { SSL_free(connection); }
};
/// TLS of one connection; null: there is none.
using Tls = std::unique_ptr<SSL, FreeSsl>;

/// What OpenSSL says of the last call on this thread that failed, and forgets: "No such file or directory".
std::string tls_error();

}  // namespace holdfast::server
