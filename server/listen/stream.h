#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "server/tls/handles.h"

namespace holdfast::server {

/// How far a call came that does not wait.
struct Step {
  enum class Then : std::uint8_t {
    go_on,
    readable,  ///< not before the socket is
    writable,  ///< likewise
    over,      ///< the other side ended it, or it failed
  };
  std::size_t size = 0;  ///< octets that were taken; 0 where it does not go on
  Then then = Then::go_on;
};

/// The octets of a connection with a client, over TCP or over TLS. No call waits. Borrows the descriptor.
class Stream {
 public:
  /// @param tls  null: over TCP
  Stream(int fd, Tls tls) noexcept : fd_(fd), tls_(std::move(tls)) {}

  /// The handshake of TLS, until it goes on: before all else.
  Step shake_hands() noexcept;
  Step receive(std::span<std::uint8_t> room) noexcept;
  /// What was not taken has to be what is sent next, and no less of it.
  Step send(std::span<const std::uint8_t> octets) noexcept;
  /// Tells the client that nothing more comes, as far as that goes.
  void end() noexcept;

  /// Null: over TCP.
  const SSL* tls() const noexcept { return tls_.get(); }
  Tls release() noexcept { return std::move(tls_); }

 private:
  Step step(int done, std::size_t size) noexcept;

  int fd_;
  Tls tls_;
  bool is_broken_ = false;  // and nothing can be said any more
};

}  // namespace holdfast::server
