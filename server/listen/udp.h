#pragma once

#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "server/listen/return_path.h"
#include "server/listen/socket.h"
#include "server/listen/source.h"

namespace holdfast::server {

/// Answers what comes in on one UDP socket, in batches, on a thread of its own that shares nothing for writing.
class UdpWorker {
 public:
  /// @param socket  bound; no other worker's
  UdpWorker(Socket socket, const Source& source);
  /// Answers what was received, then joins the thread.
  ~UdpWorker();
  UdpWorker(const UdpWorker&) = delete;
  UdpWorker& operator=(const UdpWorker&) = delete;

  const Counters& counters() const noexcept { return *view_.counters; }
  const std::shared_ptr<zones::Wishes>& wishes() const noexcept { return view_.wishes; }

 private:
  void run();
  /// @param way_back  to who sent the i-th of them
  void answer_privileged(Privileged& privileged, std::span<Exchange> exchanges, const Serving& serving,
                         const std::function<ReturnPath(std::size_t)>& way_back);

  const std::shared_ptr<const Socket> socket_;  // also of those who have yet to answer
  WorkerView view_;
  std::vector<std::uint8_t> privileged_replies_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace holdfast::server
