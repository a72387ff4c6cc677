#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "server/control/state.h"
#include "server/settings.h"

namespace holdfast::server {

/// Limits of the control door; each has a counter for when it is hit.
struct DoorLimits {
  std::size_t connections = 100;            ///< a further one gets 503
  std::chrono::milliseconds request{5000};  ///< to receive a request, and to take its answer, whatever drips
  std::size_t backlog = 64U << 20;          ///< octets of answers that clients have not taken yet; then 503
  std::size_t header = 16U << 10;           ///< octets of a request's line and headers
  std::size_t reading = 16;                 ///< requests that wait for the log to be read; then 503
  std::size_t streams = 4;                  ///< answers that are made while they are sent; then 503
  std::chrono::milliseconds stream{
      600'000};                           ///< to take all of one; it keeps an old version of a zone in memory
  std::chrono::milliseconds log{10'000};  ///< to go through the log for one answer; then 503
  std::size_t body = 4U << 10;            ///< octets of a request's body; nothing that we take needs one
};

/// The HTTP door: what is listed in route.h, on a thread of its own, so that nothing done here delays an answer to a
/// DNS query. Reloads have a second thread, and who reads the log a third; scrapes go on meanwhile.
class ControlDoor {
 public:
  /// Listens and answers from now on. Throws std::runtime_error that says which address failed, why, and what to do.
  ControlDoor(const ControlSettings& settings, ControlState state, const DoorLimits& limits = {});
  /// Cuts all connections; waits for a reload that is running, and for the page of the log that is being read.
  ~ControlDoor();
  ControlDoor(const ControlDoor&) = delete;
  ControlDoor& operator=(const ControlDoor&) = delete;

  /// Where it listens, with the port that was given where 0 was asked.
  boost::asio::ip::tcp::endpoint address() const noexcept;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::server
