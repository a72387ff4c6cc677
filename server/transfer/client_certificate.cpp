#include "server/transfer/client_certificate.h"

#include <new>
#include <stdexcept>

#include "server/tls/files.h"

namespace holdfast::server {

ClientCertificate certificate_of(const SSL* connection) {
  ClientCertificate shown;
  if (connection == nullptr) return shown;
  if (X509* const certificate = SSL_get1_peer_certificate(connection))
    shown.certificate.reset(certificate, X509_free);
  if (STACK_OF(X509)* const issuers = SSL_get_peer_cert_chain(connection)) {
    if (STACK_OF(X509)* const own = X509_chain_up_ref(issuers))
      shown.issuers.reset(own, [](STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); });
  }
  return shown;
}

Authorities::Authorities(const std::string& ca_file, const Authorities* before)
    : store_(X509_STORE_new(), X509_STORE_free) {
  if (store_ == nullptr) throw std::bad_alloc();
  try {
    trust(store_.get(), ca_file);
  } catch (const std::runtime_error& error) {
    problem_ = error.what();
    store_ = before == nullptr ? nullptr : before->store_;
  }
}

std::string Authorities::problem_of(const ClientCertificate& shown, const std::string& name) const {
  if (!are_known()) return problem_;
  if (shown.certificate == nullptr) return "it shows no certificate";
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> verification(X509_STORE_CTX_new(),
                                                                                     X509_STORE_CTX_free);
  if (verification == nullptr || X509_STORE_CTX_init(verification.get(), store_.get(),
                                                     shown.certificate.get(), shown.issuers.get()) != 1) {
    throw std::bad_alloc();
  }
  // The purpose is not looked at: a name server shows the certificate that it has, which may be for servers only.
  expect_name(X509_STORE_CTX_get0_param(verification.get()), name);
  if (X509_verify_cert(verification.get()) == 1) return {};
  return std::string("it has no certificate for ") + name + ": " +
         X509_verify_cert_error_string(X509_STORE_CTX_get_error(verification.get()));
}

}  // namespace holdfast::server
