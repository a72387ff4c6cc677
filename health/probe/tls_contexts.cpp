#include "health/probe/tls_contexts.h"

#include <curl/curl.h>

#include "health/probe/certificate.h"

namespace holdfast::health {

namespace ssl = boost::asio::ssl;

std::string TlsContexts::ca_file(const MonitorSettings& monitor) {
  if (!monitor.ca_file.empty()) return monitor.ca_file;
  const char* const system = curl_version_info(CURLVERSION_NOW)->cainfo;
  return system == nullptr ? "/etc/ssl/certs/ca-certificates.crt" : system;
}

ssl::context& TlsContexts::of(const MonitorSettings& monitor) {
  const auto now = std::chrono::steady_clock::now();
  Kept& kept = kept_[{monitor.verify, monitor.verify ? monitor.ca_file : std::string()}];
  if (kept.context && now < kept.read + kCaCacheTime) return *kept.context;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  context->set_verify_mode(monitor.verify ? ssl::verify_peer : ssl::verify_none);
  if (monitor.verify) context->load_verify_file(ca_file(monitor));
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
