#pragma once

#include <netinet/in.h>

#include <chrono>
#include <utility>

#include "tests/bench/load/modes.h"

namespace holdfast::bench {

using Clock = std::chrono::steady_clock;
inline constexpr std::chrono::seconds kPatience{1};  ///< what is not answered by then is lost

/// A file descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const noexcept { return number_; }

 private:
  int number_;
};

/// `result`, or std::system_error with `what` if it is negative.
int checked(int result, const char* what);

sockaddr_in server_address(const Options& options);

/// Nonblocking and connected; a source port of its own.
Descriptor udp_socket(const sockaddr_in& server);
/// Nonblocking, TCP_NODELAY, perhaps not connected yet.
/// @param source  from which of many loopback addresses, so that ports do not run out; ignored for other servers
Descriptor tcp_socket(const sockaddr_in& server, std::uint32_t source = 0);

}  // namespace holdfast::bench
