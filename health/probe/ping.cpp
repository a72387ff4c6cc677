#include "health/probe/ping.h"

#include <netinet/in.h>
#include <openssl/rand.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/icmp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

#include "health/probe/attempt.h"
#include "health/probe/echo.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;
using Socket = asio::generic::datagram_protocol::socket;

Socket open(Attempt& attempt, bool v6) {
  const int family = v6 ? AF_INET6 : AF_INET;
  const int protocol = v6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
  int made = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
  if (made < 0 && (errno == EACCES || errno == EPERM))
    made = ::socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (made < 0) {
    const std::string why = std::generic_category().message(errno);
    throw Attempt::Over{NotRun{
        "ping: " + why + "; give holdfast CAP_NET_RAW, or its group a place in net.ipv4.ping_group_range"}};
  }
  Socket socket(attempt.io());
  boost::system::error_code error;
  socket.assign(asio::generic::datagram_protocol(family, protocol), made, error);
  if (!error) return socket;
  ::close(made);
  throw Attempt::Over{NotRun{"ping: " + error.message()}};
}

asio::awaitable<Finding> send_echo(Attempt& attempt) {
  const auto address = attempt.target().id.address;
  const bool v6 = address.is_v6();
  attempt.enter(Phase::header, {Outcome::ping_timeout, "no echo reply"});
  Socket socket = open(attempt, v6);
  // Of what a raw socket hears, only what comes from there is left.
  co_await socket.async_connect(asio::ip::icmp::endpoint(address, 0), asio::use_awaitable);
  EchoCookie cookie;
  RAND_bytes(cookie.data(), static_cast<int>(cookie.size()));
  const auto request = echo_request(cookie, v6);
  co_await socket.async_send(asio::buffer(request), asio::use_awaitable);
  while (true) {
    std::array<std::uint8_t, 256> room;
    const std::size_t size = co_await socket.async_receive(asio::buffer(room), asio::use_awaitable);
    if (read_echo_reply({room.data(), size}, v6) == cookie) co_return Finding{};
  }
}

}  // namespace

std::unique_ptr<Probe> start_ping(asio::io_context& io, const Target& target, ProbeDone done) {
  return Attempt::start(io, target, std::move(done), send_echo);
}

}  // namespace holdfast::health
