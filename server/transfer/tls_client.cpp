#include "server/transfer/tls_client.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace holdfast::server {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> TlsClient::context() {
  const auto now = std::chrono::steady_clock::now();
  if (context_ && now < read_ + kAuthoritiesTime) return context_;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* const handle = context->native_handle();
  static constexpr unsigned char kDot[] = {3, 'd', 'o', 't'};
  if (SSL_CTX_set_min_proto_version(handle, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(handle, kDot, sizeof kDot) != 0) {
    throw std::runtime_error("TLS 1.3 is not there");
  }
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  if (ca_file_.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca_file_, error);
  }
  if (error)
    throw std::runtime_error((ca_file_.empty() ? "the system's certificates" : ca_file_) + ": " +
                             error.message());
  context_ = std::move(context);
  read_ = now;
  return context_;
}

void TlsClient::expect(SSL* connection, const std::string& name) {
  boost::system::error_code is_name;
  boost::asio::ip::make_address(name, is_name);
  const bool done = is_name ? SSL_set1_host(connection, name.c_str()) == 1 &&
                                  SSL_set_tlsext_host_name(connection, name.c_str()) == 1
                            : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1;
  if (!done) throw std::runtime_error("TLS: no certificate can be for \"" + name + '"');
}

std::string TlsClient::certificate_problem(SSL* connection) {
  const long result = SSL_get_verify_result(connection);
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace holdfast::server
