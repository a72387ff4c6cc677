#include "health/probe/tls_contexts.h"

#include "health/probe/certificate.h"

namespace holdfast::health {

namespace ssl = boost::asio::ssl;

ssl::context& TlsContexts::of(const MonitorSettings& monitor) {
  const auto now = std::chrono::steady_clock::now();
  Kept& kept = kept_[{monitor.verify, monitor.verify ? monitor.ca_file : std::string()}];
  if (kept.context && now < kept.read + kCaCacheTime) return *kept.context;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  context->set_verify_mode(monitor.verify ? ssl::verify_peer : ssl::verify_none);
  if (monitor.verify && monitor.ca_file.empty()) {
    context->set_default_verify_paths();
  } else if (monitor.verify) {
    context->load_verify_file(monitor.ca_file);
  }
  SSL_CTX_set_session_cache_mode(context->native_handle(),
                                 SSL_SESS_CACHE_OFF);  // each probe sees the certificate
  CertificateWitness::prepare(context->native_handle());
  kept = {std::move(context), now};
  return *kept.context;
}

}  // namespace holdfast::health
