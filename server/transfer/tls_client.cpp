#include "server/transfer/tls_client.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <stdexcept>

#include "server/tls/files.h"

namespace holdfast::server {

namespace ssl = boost::asio::ssl;

namespace {

/// Of what is noted at a connection: that it was asked for a certificate.
int note() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int have_none(SSL* connection, X509**, EVP_PKEY**) {
  SSL_set_ex_data(connection, note(), connection);
  return 0;
}

}  // namespace

TlsClient::Context TlsClient::context(const zones::PeerTls& settings) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(kept_, [&](const auto& one) { return now >= one.second.read + kCertificatesTime; });
  Kept& kept = kept_[{settings.ca_file, settings.certificate, settings.key}];
  if (kept.context != nullptr) return kept.context;
  const auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* const handle = context->native_handle();
  static constexpr unsigned char kDot[] = {3, 'd', 'o', 't'};
  if (SSL_CTX_set_min_proto_version(handle, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(handle, kDot, sizeof kDot) != 0) {
    throw std::runtime_error("TLS 1.3 is not there");
  }
  context->set_verify_mode(ssl::verify_peer);
  trust(SSL_CTX_get_cert_store(handle), settings.ca_file);
  if (settings.certificate.empty()) {
    SSL_CTX_set_client_cert_cb(handle, have_none);
  } else {
    show_certificate(handle, settings.certificate, settings.key);
  }
  kept = {context, now};
  return context;
}

void TlsClient::expect(SSL* connection, const std::string& name) {
  expect_name(SSL_get0_param(connection), name);
  boost::system::error_code is_name;
  boost::asio::ip::make_address(name, is_name);
  if (is_name) SSL_set_tlsext_host_name(connection, name.c_str());
}

bool TlsClient::was_asked_in_vain(const SSL* connection) {
  return SSL_get_ex_data(connection, note()) != nullptr;
}

std::string TlsClient::certificate_problem(SSL* connection) {
  const long result = SSL_get_verify_result(connection);
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace holdfast::server
