#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "server/listen/privileged.h"
#include "server/transfer/peer_door.h"

namespace holdfast::server {

/// Limits of what goes out. Nobody but peers gets as far as these.
struct TransferLimits {
  std::size_t streams = 10;                   ///< transfers at a time; who comes later waits
  std::size_t connections = 256;              ///< in all; further ones are closed
  std::chrono::milliseconds idle{10000};      ///< between two messages of a peer
  std::chrono::milliseconds progress{10000};  ///< for a peer to take one message, or send the rest of one
  std::chrono::milliseconds whole{std::chrono::minutes(30)};  ///< for all of one transfer
};

struct TransferCounters {
  /// Finished; IXFR that had to be the whole zone counts as whole.
  std::atomic<std::uint64_t> whole{0}, changes{0};
  std::atomic<std::uint64_t> failed{0};  ///< the peer went away, or took too long
  std::atomic<std::uint64_t> octets{0};
  std::atomic<std::uint64_t> running{0}, waiting{0};  ///< now
  std::atomic<std::uint64_t> closed_connections{0};   ///< beyond TransferLimits::connections
  std::atomic<std::uint64_t> full_updates{0};         ///< datagrams beyond kMaxUpdatesWaiting
};

/// Sends zones to those who may have them (AXFR, IXFR over TCP), and answers updates, on a thread of its own: it never keeps a
/// query waiting.
///
/// TCP workers give it the connections on which a peer asks for a transfer or an update; whatever else is asked there it
/// answers, too.
class TransferServer final : public Privileged {
 public:
  struct Sent {
    zones::Name zone{};
    std::string peer{};
  };
  /// All outlive it. @param sent  told of each transfer that was taken whole, on the thread
  TransferServer(const Source& source, PeerDoor& door, TransferLimits limits,
                 std::function<void(const Sent&)> sent);
  /// Closes all connections and joins the thread.
  ~TransferServer();

  Reply answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply, const Serving& serving,
               Transport transport, const Sender& sender) noexcept override;
  void take(Socket connection, Tls tls, std::vector<std::uint8_t> received) noexcept override;
  void take(std::span<const std::uint8_t> message, ReturnPath back) noexcept override;

  const TransferCounters& counters() const noexcept { return counters_; }

 private:
  class Loop;
  PeerDoor& door_;
  TransferCounters counters_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::server
