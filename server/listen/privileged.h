#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "server/answer/answer.h"
#include "server/listen/return_path.h"
#include "server/listen/socket.h"
#include "server/tls/handles.h"

namespace holdfast::server {

/// Answers what is privileged (Answered::is_privileged), for all workers. Thread-safe; it may allocate and lock, since hardly
/// anybody may ask such things, but does not wait.
class Privileged {
 public:
  struct Reply {
    std::size_t size = 0;  ///< octets; 0: send nothing
    bool is_left = false;  ///< nobody may have anything: what it was answered with already is right
    /// Over TCP: the connection is to be given to take(), from this message on. Over UDP: this message.
    bool is_to_take = false;
  };
  /// @param reply  room for at least 512 octets over UDP, 65,535 over TCP
  virtual Reply answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply,
                       const Serving& serving, Transport transport, const Sender& sender) noexcept = 0;
  /// @param received  what was read and not answered
  /// @param tls  over the connection; null: there is none
  virtual void take(Socket connection, Tls tls, std::vector<std::uint8_t> received) noexcept = 0;
  /// @param message  a datagram, whose answer goes back there, later, if one does
  virtual void take(std::span<const std::uint8_t> message, ReturnPath back) noexcept = 0;

 protected:
  ~Privileged() = default;
};

}  // namespace holdfast::server
