#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <utility>
#include <vector>

namespace holdfast::server {

/// A file descriptor that is closed with its owner.
class Socket {
 public:
  Socket() noexcept = default;
  explicit Socket(int fd) noexcept : fd_(fd) {}
  ~Socket();
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int fd() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// The sockets of one address, one of each kind for every worker (SO_REUSEPORT); TCP ones are listening.
struct Listening {
  boost::asio::ip::udp::endpoint address;  ///< with the port that was given where 0 was asked
  std::vector<Socket> udp;
  std::vector<Socket> tcp;
};

/// Binds `workers` sockets of each kind. Throws std::runtime_error that says which address failed, why, and what to do,
/// also when another process listens there already (which SO_REUSEPORT alone would hide).
Listening listen_on(const boost::asio::ip::udp::endpoint& address, unsigned workers);
/// The same for TLS, with TCP sockets alone.
Listening listen_for_tls(const boost::asio::ip::udp::endpoint& address, unsigned workers);

}  // namespace holdfast::server
