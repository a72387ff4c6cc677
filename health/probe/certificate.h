#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace holdfast::health {

/// Looks on while OpenSSL verifies the certificate of one connection, so that a failure can be told in plain words.
/// It changes nothing about the result.
class CertificateWitness {
 public:
  // Before the handshake, and the witness must live as long as it: either the first, or the second with a context for
  // which the third was called once. The second is false when there is no memory.
  void attach(SSL_CTX* context);  ///< of this connection alone
  bool attach(SSL* connection);   ///< of a context that was prepared
  static void detach(SSL* connection);
  static void prepare(SSL_CTX* context);

  /// What was wrong with the chain: "certificate expired 2026-01-02". Empty: nothing, or it was never looked at.
  std::string chain_fault() const;
  /// "name mismatch: the certificate is for a.example, 192.0.2.1". Not escaped.
  std::string name_mismatch() const;
  /// "certificate expires 2026-01-02, in 3 days, and 14 are wanted". Empty: not so soon, or none was seen.
  std::string expires_within(unsigned days) const;

 private:
  struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  };
  using Certificate = std::unique_ptr<X509, FreeCertificate>;

  std::string names() const;
  static int verify(X509_STORE_CTX* chain, void* self);
  static int verify_attached(X509_STORE_CTX* chain, void*);

  int error_ = X509_V_OK;
  Certificate culprit_;  // the one of the chain that `error_` is about
  Certificate leaf_;
};

}  // namespace holdfast::health
