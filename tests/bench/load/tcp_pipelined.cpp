#include <sys/epoll.h>
#include <sys/socket.h>

#include <vector>

#include "tests/bench/load/queries.h"
#include "tests/bench/load/sockets.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kRoom = 256 * 1024;

class Connection {
 public:
  Connection(const sockaddr_in& server, unsigned window) : socket_(tcp_socket(server)), window_(window) {}

  int number() const { return socket_.number(); }
  unsigned outstanding() const { return outstanding_; }

  /// Reads once, and counts the answers that are whole. False: the server has closed the connection.
  bool receive(Tally& tally) {
    const ssize_t got = ::recv(socket_.number(), room_.data() + used_, room_.size() - used_, MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    used_ += static_cast<std::size_t>(got);
    std::size_t at = 0;
    while (at + 2 <= used_) {
      const std::size_t size = static_cast<std::size_t>(room_[at] << 8 | room_[at + 1]);
      if (at + 2 + size > used_) break;
      if (size < kHeader || outstanding_ == 0) {
        ++tally.stray;
      } else {
        tally.add({room_.data() + at + 2, size});
        --outstanding_;
      }
      at += 2 + size;
    }
    std::copy(room_.begin() + static_cast<std::ptrdiff_t>(at),
              room_.begin() + static_cast<std::ptrdiff_t>(used_), room_.begin());
    used_ -= at;
    return true;
  }

  /// Fills the window, in as few writes as the list of queries allows; what the socket does not take waits.
  void send(Queries& queries, Tally& tally) {
    while (true) {
      if (unsent_.empty()) {
        if (outstanding_ == window_) return;
        const auto frames = queries.next_frames(window_ - outstanding_);
        unsent_ = frames.octets;
        outstanding_ += frames.count;
        tally.sent += frames.count;
      }
      const ssize_t sent =
          ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent <= 0) return;
      unsent_ = unsent_.subspan(static_cast<std::size_t>(sent));
    }
  }

 private:
  Descriptor socket_;
  unsigned window_;
  unsigned outstanding_ = 0;
  std::span<const std::uint8_t> unsent_;
  std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(kRoom);
  std::size_t used_ = 0;
};

}  // namespace

Result tcp_pipelined(const Options& options) {
  Queries queries(options.queries, options.skip);
  const sockaddr_in server = server_address(options);
  const Descriptor ready(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  const auto watch = [&](const Connection& connection, unsigned index) {
    // Edge-triggered: the end of a wait for room to write wakes as well, and nothing has to be armed again.
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u32 = index}};
    checked(::epoll_ctl(ready.number(), EPOLL_CTL_ADD, connection.number(), &event), "epoll_ctl");
  };
  std::vector<Connection> connections;
  for (unsigned i = 0; i < options.sockets; ++i) {
    connections.emplace_back(server, options.window / options.sockets);
    watch(connections.back(), i);
  }
  std::vector<epoll_event> events(options.sockets);
  Result result;

  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  auto now = start;
  for (; now < end; now = Clock::now()) {
    const int count = ::epoll_wait(ready.number(), events.data(), static_cast<int>(events.size()), 10);
    for (int i = 0; i < count; ++i) {
      const unsigned index = events[static_cast<std::size_t>(i)].data.u32;
      Connection& connection = connections[index];
      bool open = true;
      for (std::uint64_t before = ~std::uint64_t{0}; open && before != result.tally.answers;) {
        before = result.tally.answers;
        open = connection.receive(result.tally);
        connection.send(queries, result.tally);
        if (Clock::now() >= end) break;
      }
      if (open) continue;
      result.tally.lost += connection.outstanding();
      connection = Connection(server, options.window / options.sockets);
      watch(connection, index);
    }
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  return result;
}

}  // namespace holdfast::bench
