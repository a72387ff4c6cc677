#include "health/probe/tls_contexts.h"

#include <curl/curl.h>

#include <stdexcept>

#include "health/probe/certificate.h"

namespace holdfast::health {

namespace ssl = boost::asio::ssl;

std::string TlsContexts::ca_file(const MonitorSettings& monitor) {
  if (!monitor.ca_file.empty()) return monitor.ca_file;
  const char* const system = curl_version_info(CURLVERSION_NOW)->cainfo;
  return system == nullptr ? "/etc/ssl/certs/ca-certificates.crt" : system;
}

const std::string& TlsContexts::client_key(const MonitorSettings& monitor) {
  return monitor.client_key.empty() ? monitor.client_certificate : monitor.client_key;
}

ssl::context& TlsContexts::of(const MonitorSettings& monitor) {
  const auto now = std::chrono::steady_clock::now();
  const std::string trusted = monitor.verify ? ca_file(monitor) : std::string();
  Kept& kept = kept_[{monitor.verify, trusted, monitor.client_certificate, monitor.client_key}];
  if (kept.context && now < kept.read + kCaCacheTime) return *kept.context;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  context->set_verify_mode(monitor.verify ? ssl::verify_peer : ssl::verify_none);
  const auto read = [&](const std::string& file, const auto& load) {
    boost::system::error_code error;
    load(error);
    if (error) throw std::runtime_error(file + ": " + error.message());
  };
  if (monitor.verify) read(trusted, [&](auto& error) { context->load_verify_file(trusted, error); });
  if (const std::string& shown = monitor.client_certificate, &key = client_key(monitor); !shown.empty()) {
    read(shown, [&](auto& error) { context->use_certificate_chain_file(shown, error); });
    read(key, [&](auto& error) { context->use_private_key_file(key, ssl::context::pem, error); });
  }
  SSL_CTX* const handle = context->native_handle();
  // As libcurl has it: a certificate in the file is trusted, whether it has an issuer or not.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(handle), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION);  // one handshake is what is looked at
  SSL_CTX_set_session_cache_mode(context->native_handle(),
                                 SSL_SESS_CACHE_OFF);  // each probe sees the certificate
  CertificateWitness::prepare(handle);
  kept = {std::move(context), now};
  return *kept.context;
}

}  // namespace holdfast::health
