#include "health/probe/tcp_steps.h"

#include <boost/asio/use_awaitable.hpp>

namespace holdfast::health {

using boost::asio::ip::tcp;

boost::asio::awaitable<tcp::socket> connect(Attempt& attempt) {
  attempt.enter(Phase::connect, {Outcome::connect_timeout, "no connection"});
  tcp::socket socket(attempt.io());
  co_await socket.async_connect(endpoint(attempt.target()), boost::asio::use_awaitable);
  boost::system::error_code ignored;
  // Linux may connect a socket to itself when nobody listens on a port that it also gives out to clients.
  if (socket.local_endpoint(ignored) == socket.remote_endpoint(ignored)) {
    throw Attempt::Over{Finding{Outcome::refused, "nobody listens"}};
  }
  co_return socket;
}

}  // namespace holdfast::health
