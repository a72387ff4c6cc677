#include "health/probe/tls_steps.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "health/probe/certificate.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

/// The name that the certificate must have, and that is told to the server (RFC 6066 3: not an address).
void set_name(SSL* connection, const Target& target) {
  const std::string& host = target.monitor.host;
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  if (host.empty() || !no_address) {
    const std::string address = host.empty() ? target.id.address.to_string() : host;
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), address.c_str());
  } else {
    SSL_set1_host(connection, host.c_str());
    SSL_set_tlsext_host_name(connection, host.c_str());
  }
}

}  // namespace

asio::awaitable<std::unique_ptr<TlsStream>> handshake(Attempt& attempt, TlsContexts& contexts,
                                                      asio::ip::tcp::socket& socket) {
  attempt.enter(Phase::tls, {Outcome::connect_timeout, "TCP connected, but the TLS handshake did not end"});
  std::unique_ptr<TlsStream> stream;
  try {
    stream = std::make_unique<TlsStream>(socket, contexts.of(attempt.monitor()));
  } catch (const boost::system::system_error& error) {  // a CA file of ours is no fault of the target
    throw Attempt::Over{NotRun{attempt.monitor().ca_file + ": " + error.code().message()}};
  }
  CertificateWitness witness;
  witness.attach(stream->native_handle());
  set_name(stream->native_handle(), attempt.target());
  boost::system::error_code error;
  co_await stream->async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, error));
  if (const std::string fault = witness.chain_fault(); error && !fault.empty()) {
    throw Attempt::Over{Finding{Outcome::tls_handshake, fault}};
  }
  if (error) throw boost::system::system_error(error);
  if (const std::string soon = witness.expires_within(attempt.monitor().certificate_days); !soon.empty()) {
    throw Attempt::Over{Finding{Outcome::tls_handshake, soon}};
  }
  co_return stream;
}

}  // namespace holdfast::health
