#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <set>

#include "server/control/door.h"
#include "server/control/door_counters.h"
#include "server/control/route.h"

namespace holdfast::server {

/// What all connections of one door share. Only for the door's thread; outlives them.
struct DoorContext {
  ControlState state;
  DoorLimits limits;
  boost::asio::ip::tcp::endpoint listen{};
  DoorCounters counters{};
  std::size_t backlog = 0;            ///< octets of answers that clients have not taken yet
  std::set<const Route*> busy{};      ///< what runs on `aside`
  boost::asio::thread_pool aside{2};  ///< for routes that take long: as many threads as there are such routes
  std::size_t streams = 0;            ///< answers that are made while they are sent
  std::size_t reading = 0;            ///< requests that `reader` has, or that wait for it
  std::atomic<bool> ending = false;   ///< those that wait are not answered any more; for any thread
  boost::asio::thread_pool reader{1};
};

// A connection lives until its client or a limit ends it.

/// Answers requests on the connection, one after another.
void serve_connection(boost::asio::ip::tcp::socket socket, DoorContext& door);
/// Says that there are too many connections, and closes it.
void turn_away(boost::asio::ip::tcp::socket socket, DoorContext& door);

}  // namespace holdfast::server
