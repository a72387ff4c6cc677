#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "server/listen/socket.h"
#include "server/listen/source.h"
#include "server/tls/service.h"

namespace holdfast::server {

/// Limits of the connections of one TCP worker.
struct TcpLimits {
  /// At the limit the one that is idle longest, or else busy longest, makes room.
  std::size_t connections = 4096;
  std::chrono::milliseconds idle{10000};  ///< between two queries
  /// To receive one query whole, or to take some of what was answered.
  std::chrono::milliseconds message{2000};
  std::chrono::milliseconds handshake{5000};  ///< of TLS, to its end
};

/// Counted by one TCP worker, read by anybody.
struct TcpCounters {
  Counter accepted;
  Counter closed;          ///< for whatever reason; accepted - closed are open
  Counter evicted;         ///< made room for a newer one
  Counter timed_out;       ///< idle, or a message took too long
  Counter accept_errors;   ///< out of file descriptors and such
  Counter bad_handshakes;  ///< of TLS, that failed
};

/// Answers queries over TCP (RFC 7766), or over TLS (RFC 7858), on a thread of its own that shares nothing for writing.
///
/// All queries that one read brought are answered with one write; a client that does not take its answers is not read
/// from any more. What is no query ends the connection, when the queries before it are answered.
class TcpWorker {
 public:
  /// @param sockets  listening; this worker's alone
  /// @param tls  what all connections are over; outlives the worker; null: they are over plain TCP
  TcpWorker(std::vector<Socket> sockets, const Source& source, const TcpLimits& limits,
            const TlsService* tls = nullptr);
  /// Closes all connections and joins the thread.
  ~TcpWorker();
  TcpWorker(const TcpWorker&) = delete;
  TcpWorker& operator=(const TcpWorker&) = delete;

  const Counters& counters() const noexcept;
  const std::shared_ptr<zones::Wishes>& wishes() const noexcept;
  const TcpCounters& connections() const noexcept;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::server
