#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>

#include "health/probe/attempt.h"
#include "health/probe/tls_contexts.h"

namespace holdfast::health {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

/// TLS on a connection, which must outlive it: the handshake, with the certificate verified as the monitor says. Enters
/// Phase::tls; the next phase is the caller's to enter. Throws Attempt::Over, or boost::system::system_error.
boost::asio::awaitable<std::unique_ptr<TlsStream>> handshake(Attempt& attempt, TlsContexts& contexts,
                                                             boost::asio::ip::tcp::socket& socket);

}  // namespace holdfast::health
