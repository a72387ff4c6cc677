// What health checks connect to: a TCP listener at each address of two ranges of loopback addresses. After the line
// "flap" on standard input only one of the ranges is open, every two seconds the other one; after "steady" both are.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/load/sockets.h"

namespace holdfast::bench {
namespace {

Descriptor listening(std::uint32_t host, std::uint16_t port) {
  Descriptor made(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  checked(::bind(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(made.number(), 16), "listen");
  return made;
}

class Targets {
 public:
  Targets(std::uint32_t first, unsigned count, std::uint16_t port)
      : first_(first),
        count_(count),
        port_(port),
        ready_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    open();
  }

  void open() {
    for (unsigned i = static_cast<unsigned>(listeners_.size()); i < count_; ++i) {
      listeners_.push_back(listening(first_ + i, port_));
      epoll_event event{.events = EPOLLIN, .data = {.fd = listeners_.back().number()}};
      checked(::epoll_ctl(ready_.number(), EPOLL_CTL_ADD, listeners_.back().number(), &event), "epoll_ctl");
    }
  }
  void close() { listeners_.clear(); }
  bool is_open() const { return !listeners_.empty(); }

  int ready() const { return ready_.number(); }

  /// Accepts what waits, and closes it at once.
  void greet() {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(ready_.number(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const Descriptor accepted(
          ::accept4(events[static_cast<std::size_t>(i)].data.fd, nullptr, nullptr, SOCK_CLOEXEC));
    }
  }

 private:
  std::uint32_t first_;
  unsigned count_;
  std::uint16_t port_;
  Descriptor ready_;
  std::vector<Descriptor> listeners_;
};

std::uint32_t host(const char* text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text, &address) != 1)
    throw std::runtime_error("not an IPv4 address: " + std::string(text));
  return ntohl(address.s_addr);
}

void run(std::uint32_t first_range, std::uint32_t second_range, unsigned count, std::uint16_t port) {
  const rlimit files{2ULL * count + 64, 2ULL * count + 64};
  checked(::setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
  Targets first(first_range, count, port);
  Targets second(second_range, count, port);
  std::cout << "listening" << std::endl;

  bool flaps = false;
  auto turn = Clock::now();
  while (true) {
    std::array<pollfd, 3> waits{{{first.ready(), POLLIN, 0}, {second.ready(), POLLIN, 0}, {0, POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), flaps ? 10 : 1000);
    first.greet();
    second.greet();
    if (waits[2].revents != 0) {
      std::string line;
      if (!std::getline(std::cin, line)) return;
      flaps = line == "flap";
      first.open();
      second.open();
      turn = Clock::now();
      std::cout << line << std::endl;
    }
    if (!flaps || Clock::now() < turn) continue;
    Targets& closing = first.is_open() ? first : second;
    Targets& opening = first.is_open() ? second : first;
    opening.open();
    closing.close();
    turn += std::chrono::seconds(2);
  }
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  using holdfast::bench::host;
  if (argc != 5) throw std::runtime_error("usage: holdfast_targets FIRST-RANGE SECOND-RANGE COUNT PORT");
  holdfast::bench::run(host(argv[1]), host(argv[2]), static_cast<unsigned>(std::stoul(argv[3])),
                       static_cast<std::uint16_t>(std::stoul(argv[4])));
} catch (const std::exception& error) {
  std::cerr << "holdfast_targets: " << error.what() << '\n';
  return 1;
}
