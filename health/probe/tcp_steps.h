#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "health/probe/attempt.h"

namespace holdfast::health {

/// A TCP connection to the target, and to nobody else. Enters Phase::connect; the next phase is the caller's to enter.
/// Throws boost::system::system_error, or Attempt::Over when the target turned out to be we.
boost::asio::awaitable<boost::asio::ip::tcp::socket> connect(Attempt& attempt);

}  // namespace holdfast::health
