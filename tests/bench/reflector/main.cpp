// The limit of the machine: a server that does nothing. It sends every query back as an answer, with one record more.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tests/bench/load/sockets.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMessage = 2048;
constexpr std::array<std::uint8_t, 16> kRecord{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};

/// Makes a query of at least a header its own answer; there is room for the record behind it.
std::size_t reflect(std::uint8_t* message, std::size_t size) {
  message[2] |= 0x80U;  // QR
  message[7] = 1;       // ANCOUNT
  std::memcpy(message + size, kRecord.data(), kRecord.size());
  return size + kRecord.size();
}

Descriptor bound(std::uint16_t port, int type) {
  Descriptor made(checked(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  checked(::setsockopt(made.number(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::bind(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  return made;
}

[[noreturn]] void reflect_udp(const Descriptor& socket) {
  std::vector<std::uint8_t> room(kBatch * kMessage);
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_in, kBatch> clients{};
  while (true) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {room.data() + i * kMessage, kMessage - kRecord.size()};
      headers[i].msg_hdr = {.msg_name = &clients[i],
                            .msg_namelen = sizeof clients[i],
                            .msg_iov = &vectors[i],
                            .msg_iovlen = 1,
                            .msg_control = nullptr,
                            .msg_controllen = 0,
                            .msg_flags = 0};
    }
    const int got = ::recvmmsg(socket.number(), headers.data(), kBatch, MSG_WAITFORONE, nullptr);
    for (int i = 0; i < got; ++i) {
      const auto at = static_cast<std::size_t>(i);
      vectors[at].iov_len = headers[at].msg_len < kHeader
                                ? headers[at].msg_len
                                : reflect(room.data() + at * kMessage, headers[at].msg_len);
    }
    if (got > 0) ::sendmmsg(socket.number(), headers.data(), static_cast<unsigned>(got), 0);
  }
}

/// A client over TCP: all that one read brings is answered with one write.
class Client {
 public:
  explicit Client(int number) : socket_(number) {}

  /// False: the connection is over.
  bool serve() {
    const ssize_t got = ::recv(socket_.number(), in_.data() + used_, in_.size() - used_, MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    used_ += static_cast<std::size_t>(got);
    std::size_t at = 0;
    out_.clear();
    while (at + 2 <= used_) {
      const std::size_t size = static_cast<std::size_t>(in_[at] << 8 | in_[at + 1]);
      if (at + 2 + size > used_) break;
      if (size < kHeader) return false;
      const std::size_t first = out_.size();
      out_.resize(first + 2 + size + kRecord.size());
      std::memcpy(out_.data() + first + 2, in_.data() + at + 2, size);
      const std::size_t answered = reflect(out_.data() + first + 2, size);
      out_[first] = static_cast<std::uint8_t>(answered >> 8);
      out_[first + 1] = static_cast<std::uint8_t>(answered);
      at += 2 + size;
    }
    std::memmove(in_.data(), in_.data() + at, used_ - at);
    used_ -= at;
    for (std::size_t sent = 0; sent < out_.size();) {  // blocks while the client does not read
      const ssize_t now = ::send(socket_.number(), out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    return true;
  }

 private:
  Descriptor socket_;
  std::vector<std::uint8_t> in_ = std::vector<std::uint8_t>(70'000);
  std::size_t used_ = 0;
  std::vector<std::uint8_t> out_;
};

[[noreturn]] void reflect_tcp(const Descriptor& listener) {
  const Descriptor ready(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  const auto watch = [&](int number) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = number}};
    checked(::epoll_ctl(ready.number(), EPOLL_CTL_ADD, number, &event), "epoll_ctl");
  };
  watch(listener.number());
  std::unordered_map<int, Client> clients;
  std::array<epoll_event, 128> events;
  while (true) {
    const int count = ::epoll_wait(ready.number(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int number = events[static_cast<std::size_t>(i)].data.fd;
      if (number == listener.number()) {
        const int accepted = ::accept4(number, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0) continue;
        const int on = 1;
        checked(::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
        Client& client = clients.emplace(accepted, Client(accepted)).first->second;
        if (client.serve()) {
          watch(accepted);
        } else {
          clients.erase(accepted);
        }
      } else if (!clients.at(number).serve()) {
        clients.erase(number);
      }
    }
  }
}

void run(std::uint16_t port, unsigned workers) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < workers; ++i) {
    threads.emplace_back(reflect_udp, bound(port, SOCK_DGRAM));
    Descriptor listener = bound(port, SOCK_STREAM);
    checked(::listen(listener.number(), 4096), "listen");
    threads.emplace_back(reflect_tcp, std::move(listener));
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  if (argc != 3)
    throw std::runtime_error("usage: holdfast_reflector PORT WORKERS, on 127.0.0.1 over UDP and TCP");
  holdfast::bench::run(static_cast<std::uint16_t>(std::stoul(argv[1])),
                       static_cast<unsigned>(std::stoul(argv[2])));
} catch (const std::exception& error) {
  std::cerr << "holdfast_reflector: " << error.what() << '\n';
  return 1;
}
