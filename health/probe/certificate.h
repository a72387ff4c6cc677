#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace holdfast::health {

/// Looks on while OpenSSL verifies the certificate of one connection, so that a failure can be told in plain words.
/// It changes nothing about the result.
class CertificateWitness {
 public:
  // One of these is to be called before the handshake; the witness must live as long as it.
  void attach(SSL_CTX* context);  ///< of this connection alone
  void attach(SSL* connection);   ///< of a context that was prepared
  static void prepare(SSL_CTX* context);

  /// What was wrong with the chain: "certificate expired 2026-01-02". Empty: nothing, or it was never looked at.
  std::string chain_fault() const;
  /// The names in the certificate: "a.example, 192.0.2.1". Not escaped. Empty: none was seen.
  std::string names() const;
  /// "certificate expires 2026-01-02, in 3 days, and 14 are wanted". Empty: not so soon, or none was seen.
  std::string expires_within(unsigned days) const;

 private:
  struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  };
  using Certificate = std::unique_ptr<X509, FreeCertificate>;

  static int verify(X509_STORE_CTX* chain, void* self);
  static int verify_attached(X509_STORE_CTX* chain, void*);

  int error_ = X509_V_OK;
  Certificate culprit_;  // the one of the chain that `error_` is about
  Certificate leaf_;
};

}  // namespace holdfast::health
