#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "server/listen/sender.h"
#include "server/listen/socket.h"

namespace holdfast::server {

/// The way back to who sent a datagram, for an answer that takes longer: from the address and port that it was sent to. Outlives
/// the worker that received it. For one thread at a time.
class ReturnPath {
 public:
  /// @param socket  that it came in by; stays open, and bound, as long as this
  /// @param header  as recvmsg(2) left it, but that its control data may be sent back
  ReturnPath(std::shared_ptr<const Socket> socket, const msghdr& header) noexcept;

  /// Borrows from this.
  Sender sender() const noexcept { return sender_of(reinterpret_cast<const sockaddr&>(peer_)); }
  /// What does not go is lost, as any datagram may be.
  void send(std::span<const std::uint8_t> octets) const noexcept;

 private:
  std::shared_ptr<const Socket> socket_;
  sockaddr_in6 peer_{};  // or sockaddr_in, which is shorter
  socklen_t peer_size_ = 0;
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> control_{};
  std::size_t control_size_ = 0;
};

}  // namespace holdfast::server
