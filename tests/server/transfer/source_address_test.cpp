#include "server/transfer/source_address.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <string>

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::make_address;
using asio::ip::tcp;
using asio::ip::udp;

/// Where a datagram comes from that is sent by a socket which is bound to no address; or why none was sent.
std::string sent(const char* source, const char* to) {
  asio::io_context io;
  udp::socket receiver(io, {make_address(to), 0}), sender(io, receiver.local_endpoint().protocol());
  boost::system::error_code error;
  const std::array<std::uint8_t, 3> octets = {1, 2, 3};
  send_from(sender, make_address(source), receiver.local_endpoint(), octets, error);
  if (error) return error.message();
  std::array<std::uint8_t, 10> got{};
  udp::endpoint from;
  EXPECT_EQ(receiver.receive_from(asio::buffer(got), from), octets.size());
  EXPECT_EQ(from.port(), sender.local_endpoint().port());
  return from.address().to_string();
}

TEST(SourceAddress, IsWhereADatagramComesFrom) {
  EXPECT_EQ(sent("127.0.0.7", "127.0.0.1"), "127.0.0.7");
  EXPECT_EQ(sent("0.0.0.0", "127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(sent("::1", "::1"), "::1");
}

TEST(SourceAddress, OfAnotherMachineIsRefused) {
  const std::set<std::string> refused = {"Network is unreachable", "Invalid argument"};  // of IPv4; of IPv6
  EXPECT_TRUE(refused.contains(sent("192.0.2.7", "127.0.0.1")));
  EXPECT_TRUE(refused.contains(sent("2001:db8::7", "::1")));
}

template <class Socket>
std::string opened(const char* source, const char* to) {
  asio::io_context io;
  Socket socket(io);
  boost::system::error_code error;
  open_from(socket, make_address(source), make_address(to), error);
  return error ? error.message() : socket.local_endpoint().address().to_string();
}

TEST(SourceAddress, IsWhereASocketConnectsFrom) {
  EXPECT_EQ(opened<tcp::socket>("127.0.0.7", "127.0.0.1"), "127.0.0.7");
  EXPECT_EQ(opened<udp::socket>("127.0.0.7", "127.0.0.1"), "127.0.0.7");
  EXPECT_EQ(opened<tcp::socket>("0.0.0.0", "127.0.0.1"), "0.0.0.0");
  EXPECT_EQ(opened<tcp::socket>("192.0.2.7", "127.0.0.1"), "Cannot assign requested address");
}

}  // namespace
}  // namespace holdfast::server
