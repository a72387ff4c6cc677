#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "health/probe/attempt.h"

namespace holdfast::health {

/// A TCP connection to the target, and to nobody else.
boost::asio::awaitable<boost::asio::ip::tcp::socket> connect(Attempt& attempt);

}  // namespace holdfast::health
