#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace holdfast::server {

/// What a client showed when it came over TLS. It has proved that it has the key; nothing else is known to be true.
struct ClientCertificate {
  std::shared_ptr<X509> certificate{};        ///< null: it showed none
  std::shared_ptr<STACK_OF(X509)> issuers{};  ///< that it sent along; null: none
};

/// @param connection  null: there is no TLS
ClientCertificate certificate_of(const SSL* connection);

/// Whose word counts for certificates. Immutable; any thread may use it.
class Authorities {
 public:
  /// @param ca_file  PEM; empty: those that the system trusts
  /// @param before   as it was read last: so it counts where it cannot be read any more; null: it never was read
  explicit Authorities(const std::string& ca_file, const Authorities* before = nullptr);

  /// Names the file, and says what is wrong with it; empty: it could be read.
  const std::string& problem() const noexcept { return problem_; }
  /// Else nobody is believed.
  bool are_known() const noexcept { return store_ != nullptr; }
  /// Why that is no certificate of somebody with this host name or address, now: "it has expired"; empty: it is one.
  std::string problem_of(const ClientCertificate& shown, const std::string& name) const;

 private:
  std::shared_ptr<X509_STORE> store_;  // null: it could never be read
  std::string problem_;
};

}  // namespace holdfast::server
