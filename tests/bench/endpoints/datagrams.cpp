#include "tests/bench/endpoints/datagrams.h"

#include <linux/icmp.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <array>

namespace holdfast::bench {
namespace {

constexpr int kBuffer = 4 << 20;  // octets that wait while this process does not run

Descriptor make(int type, int protocol) {
  Descriptor made(checked(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), "socket"));
  ::setsockopt(made.number(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  return made;
}

}  // namespace

Datagrams::Datagrams(std::uint16_t port) : socket_(make(SOCK_DGRAM, 0)) {
  const int on = 1;
  checked(::setsockopt(socket_.number(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on), "IP_PKTINFO");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  checked(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
}

void Datagrams::serve(Visits& visits) {
  while (true) {
    std::array<std::uint8_t, 512> octets;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> control;
    sockaddr_in from{};
    iovec part{octets.data(), octets.size()};
    msghdr message{&from, sizeof from, &part, 1, control.data(), control.size(), 0};
    const auto size = ::recvmsg(socket_.number(), &message, 0);
    if (size < 12) return;
    in_pktinfo* const to = reinterpret_cast<in_pktinfo*>(CMSG_DATA(CMSG_FIRSTHDR(&message)));
    visits.add(ntohl(to->ipi_addr.s_addr), Visits::Clock::now());
    to->ipi_spec_dst = to->ipi_addr;  // where the answer comes from
    to->ipi_ifindex = 0;
    octets[2] |= 0x80;  // QR
    part.iov_len = static_cast<std::size_t>(size);
    ::sendmsg(socket_.number(), &message, 0);
  }
}

Echoes::Echoes() : socket_(make(SOCK_RAW, IPPROTO_ICMP)) {
  const icmp_filter only_requests{~(1U << ICMP_ECHO)};
  checked(::setsockopt(socket_.number(), SOL_RAW, ICMP_FILTER, &only_requests, sizeof only_requests),
          "ICMP_FILTER");
}

void Echoes::serve(Visits& visits) {
  std::array<char, 256> octets;
  while (::recv(socket_.number(), octets.data(), octets.size(), 0) >= static_cast<long>(sizeof(iphdr))) {
    visits.add(ntohl(reinterpret_cast<const iphdr*>(octets.data())->daddr), Visits::Clock::now());
  }
}

}  // namespace holdfast::bench
