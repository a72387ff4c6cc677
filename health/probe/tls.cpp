#include "health/probe/tls.h"

#include "health/probe/tcp_steps.h"
#include "health/probe/tls_steps.h"

namespace holdfast::health {
namespace {

boost::asio::awaitable<Finding> shake_hands(Attempt& attempt, TlsContexts& contexts) {
  boost::asio::ip::tcp::socket socket = co_await connect(attempt);
  const auto stream = co_await handshake(attempt, contexts, socket);
  co_return Finding{Outcome::passed, SSL_get_version(stream->native_handle())};
}

}  // namespace

std::unique_ptr<Probe> start_tls(boost::asio::io_context& io, TlsContexts& contexts, const Target& target,
                                 ProbeDone done) {
  return Attempt::start(io, target, std::move(done),
                        [&contexts](Attempt& attempt) { return shake_hands(attempt, contexts); });
}

}  // namespace holdfast::health
