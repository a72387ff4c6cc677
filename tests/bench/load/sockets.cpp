#include "tests/bench/load/sockets.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace holdfast::bench {
namespace {

constexpr std::uint32_t kSources = 64;

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in server_address(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) {
    throw std::invalid_argument("not an IPv4 address: " + options.address);
  }
  return address;
}

Descriptor udp_socket(const sockaddr_in& server) {
  Descriptor made(checked(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  checked(::connect(made.number(), generic(server), sizeof server), "connect");
  return made;
}

Descriptor tcp_socket(const sockaddr_in& server, std::uint32_t source) {
  Descriptor made(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(made.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  if (ntohl(server.sin_addr.s_addr) >> 24 == 127) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7f010001U + source % kSources);
    checked(::setsockopt(made.number(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on),
            "IP_BIND_ADDRESS_NO_PORT");
    checked(::bind(made.number(), generic(from), sizeof from), "bind");
  }
  if (::connect(made.number(), generic(server), sizeof server) < 0 && errno != EINPROGRESS) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return made;
}

}  // namespace holdfast::bench
