#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <span>

namespace holdfast::server {

/// Opens a socket that is to connect to an address.
///
/// @param source  of this machine: where it connects from, or else there is an error; unspecified: the system chooses
template <class Socket>
void open_from(Socket& socket, const boost::asio::ip::address& source, const boost::asio::ip::address& to,
               boost::system::error_code& error) {
  using Protocol = typename Socket::protocol_type;
  socket.open(to.is_v4() ? Protocol::v4() : Protocol::v6(), error);
  if (error || source.is_unspecified()) return;
  const int yes = 1;  // a port only when it connects: one that others of our connections have will do (ip(7))
  ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  socket.bind({source, 0}, error);
}

/// Whether the source may be to blame for an error of these, as it is none of this machine's.
bool may_be_of_source(const boost::system::error_code& error);

/// Sends one datagram by an open socket that is bound to no address.
///
/// @param source  likewise
void send_from(boost::asio::ip::udp::socket& socket, const boost::asio::ip::address& source,
               const boost::asio::ip::udp::endpoint& to, std::span<const std::uint8_t> octets,
               boost::system::error_code& error);

}  // namespace holdfast::server
