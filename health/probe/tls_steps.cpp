#include "health/probe/tls_steps.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "health/probe/certificate.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

/// False: no memory; whatever certificate comes would pass then.
bool set_name(SSL* connection, const ServerName& name) {
  if (name.is_address) {  // which is not told to the server (RFC 6066 3)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.text.c_str()) == 1;
  }
  return SSL_set1_host(connection, name.text.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, name.text.c_str()) == 1;
}

}  // namespace

asio::awaitable<std::unique_ptr<TlsStream>> handshake(Attempt& attempt, TlsContexts& contexts,
                                                      asio::ip::tcp::socket& socket) {
  attempt.enter(Phase::tls, {Outcome::connect_timeout, "TCP connected, but the TLS handshake did not end"});
  std::unique_ptr<TlsStream> stream;
  try {
    stream = std::make_unique<TlsStream>(socket, contexts.of(attempt.monitor()));
  } catch (const std::runtime_error& error) {  // a file of ours is no fault of the target
    throw Attempt::Over{NotRun{error.what()}};
  }
  SSL* const connection = stream->native_handle();
  CertificateWitness witness;
  if (!witness.attach(connection) || !set_name(connection, server_name(attempt.target()))) {
    throw Attempt::Over{NotRun{"TLS: no memory"}};
  }
  boost::system::error_code error;
  co_await stream->async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, error));
  CertificateWitness::detach(connection);
  const std::string fault = attempt.monitor().verify ? witness.chain_fault() : std::string();
  if (error && !fault.empty()) throw Attempt::Over{Finding{Outcome::tls_handshake, fault}};
  if (error) throw boost::system::system_error(error);
  if (const std::string soon = witness.expires_within(attempt.monitor().certificate_days); !soon.empty()) {
    throw Attempt::Over{Finding{Outcome::tls_handshake, soon}};
  }
  co_return stream;
}

}  // namespace holdfast::health
