#include "server/tls/files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <variant>

#include "health/notify/secret.h"
#include "server/tls/handles.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kMaxKey = 64 * 1024;  // octets of a file

[[noreturn]] void fail(const std::string& file, const std::string& what) { throw FileError(file, what); }

std::shared_ptr<EVP_PKEY> read_key(const std::string& file) {
  const auto read = health::read_guarded(file, kMaxKey);
  if (const auto* fault = std::get_if<health::SecretFault>(&read)) fail(file, fault->what);
  const auto& text = std::get<std::string>(read);
  const std::unique_ptr<BIO, decltype(&BIO_free)> octets(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  bool was_asked = false;
  const auto no_password = [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
  };
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(octets.get(), nullptr, no_password, &was_asked),
                                EVP_PKEY_free);
  if (was_asked) fail(file, "the key needs a password; take that away with `openssl pkey`");
  if (key == nullptr) fail(file, "has no key as PEM");  // OpenSSL only says "unsupported"
  return key;
}

}  // namespace

void show_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    fail(certificate, "has no certificate as PEM: " + tls_error());
  const std::string& key_file = key.empty() ? certificate : key;
  const auto read = read_key(key_file);
  if (SSL_CTX_use_PrivateKey(context, read.get()) != 1)
    fail(key_file, "is not the key of the certificate in " + certificate + ": " + tls_error());
}

void trust(X509_STORE* store, const std::string& ca_file) {
  ERR_clear_error();
  if (ca_file.empty()) {
    if (X509_STORE_set_default_paths(store) != 1) fail("the system's certificates", tls_error());
    return;
  }
  if (X509_STORE_load_file(store, ca_file.c_str()) != 1) fail(ca_file, tls_error());
  // As libcurl has it: a certificate in the file is trusted, whether it has an issuer or not.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
}

void expect_name(X509_VERIFY_PARAM* verification, const std::string& name) {
  boost::system::error_code is_name;
  boost::asio::ip::make_address(name, is_name);
  const bool done = is_name ? X509_VERIFY_PARAM_set1_host(verification, name.data(), name.size()) == 1
                            : X509_VERIFY_PARAM_set1_ip_asc(verification, name.c_str()) == 1;
  if (!done) throw std::runtime_error("no certificate can be for \"" + name + '"');
}

}  // namespace holdfast::server
