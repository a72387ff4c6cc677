#include "server/listen/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace holdfast::server {
namespace {

using boost::asio::ip::udp;

constexpr int kBacklog = 1024;
constexpr int kReceiveBuffer = 4 << 20;  // octets; the kernel grants what net.core.rmem_max allows
constexpr unsigned kPortAttempts = 16;   // to find a port free for both UDP and TCP, where 0 was asked

enum class Kind { udp, tcp, tls };

[[noreturn]] void fail(const udp::endpoint& address, Kind kind, int error) {
  std::ostringstream text;
  text << "cannot listen on " << address
       << (kind == Kind::udp   ? " (UDP): "
           : kind == Kind::tcp ? " (TCP): "
                               : " (TLS): ")
       << std::generic_category().message(error);
  const char* const option = kind == Kind::tls ? "server.tls.listen" : "server.listen";
  if (error == EADDRINUSE)
    text << "; another process has it: see `ss -lnptu`, or choose another address in " << option;
  if (error == EAFNOSUPPORT) text << "; this system has no IPv6: give " << option << " without it";
  if (error == EACCES) text << "; ports below 1024 need CAP_NET_BIND_SERVICE or root";
  if (error == EADDRNOTAVAIL) text << "; no interface of this machine has this address";
  throw std::runtime_error(text.str());
}

void set(const Socket& socket, int level, int option, int value) {
  ::setsockopt(socket.fd(), level, option, &value, sizeof value);
}

Socket bind_one(const udp::endpoint& address, Kind kind, bool share) {
  const bool v6 = address.address().is_v6();
  const int type = kind == Kind::udp ? SOCK_DGRAM : SOCK_STREAM;
  Socket socket(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) fail(address, kind, errno);
  if (share) set(socket, SOL_SOCKET, SO_REUSEPORT, 1);
  if (type == SOCK_STREAM) {
    set(socket, SOL_SOCKET, SO_REUSEADDR, 1);  // not held up by connections in TIME_WAIT
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);  // connections have it from here: answers are written whole
  }
  if (v6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (type == SOCK_DGRAM) {
    set(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
    // Forged ICMP must not make us fragment (as NSD, Knot and gdnsd do it); answers fit 1,232 octets.
    if (v6) {
      set(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    } else {
      set(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
    }
    // A reply must come from the address that was asked; only a wildcard socket needs to be told which that was.
    if (address.address().is_unspecified()) {
      if (v6) {
        set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
      } else {
        set(socket, IPPROTO_IP, IP_PKTINFO, 1);
      }
    }
  }
  if (::bind(socket.fd(), address.data(), static_cast<socklen_t>(address.size())) != 0)
    fail(address, kind, errno);
  return socket;
}

std::uint16_t port_of(const Socket& socket) {
  udp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(socket.fd(), bound.data(), &size);
  return bound.port();
}

Socket listen_one(const udp::endpoint& address, Kind kind) {
  Socket socket = bind_one(address, kind, true);
  if (::listen(socket.fd(), kBacklog) != 0) fail(address, kind, errno);
  return socket;
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Listening listen_on(const udp::endpoint& wanted, unsigned workers) {
  Listening listening;
  for (unsigned attempt = 1;; ++attempt) {
    listening.address = wanted;
    // Bound once without sharing, to learn whether anybody else is there, and which port is free where 0 was asked.
    const Socket first = bind_one(listening.address, Kind::udp, false);
    listening.address.port(port_of(first));
    try {
      bind_one(listening.address, Kind::tcp, false);
    } catch (const std::runtime_error&) {
      if (wanted.port() != 0 || attempt == kPortAttempts) throw;
      continue;
    }
    break;
  }
  for (unsigned i = 0; i < workers; ++i) {
    listening.udp.push_back(bind_one(listening.address, Kind::udp, true));
    listening.tcp.push_back(listen_one(listening.address, Kind::tcp));
  }
  return listening;
}

Listening listen_for_tls(const udp::endpoint& wanted, unsigned workers) {
  Listening listening;
  listening.address = wanted;
  listening.address.port(port_of(bind_one(wanted, Kind::tls, false)));
  for (unsigned i = 0; i < workers; ++i) listening.tcp.push_back(listen_one(listening.address, Kind::tls));
  return listening;
}

}  // namespace holdfast::server
