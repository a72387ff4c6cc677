#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "server/answer/answer.h"

namespace holdfast::server {

/// Borrows from `address`, which is a sockaddr_in or sockaddr_in6.
inline Sender sender_of(const sockaddr& address) noexcept {
  const auto octets = [](const auto& from) {
    return std::span(reinterpret_cast<const std::uint8_t*>(&from), sizeof from);
  };
  if (address.sa_family == AF_INET6) {
    return {octets(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr), true};
  }
  return {octets(reinterpret_cast<const sockaddr_in&>(address).sin_addr), false};
}

}  // namespace holdfast::server
