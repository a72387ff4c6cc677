#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "tests/bench/load/queries.h"
#include "tests/bench/load/sockets.h"

namespace holdfast::bench {
namespace {

/// One query's connection: connect, send, read the answer, close, and the same again.
class Turn {
 public:
  Turn(const sockaddr_in& server, int ready, std::uint32_t index, Queries& queries, Tally& tally)
      : server_(server), ready_(ready), index_(index), queries_(queries), tally_(tally) {
    start();
  }

  void start() {
    socket_ = Descriptor();  // the old one is closed before the new one is opened
    socket_ = tcp_socket(server_, static_cast<std::uint32_t>(tally_.sent));
    query_ = queries_.next_frames(1).octets;
    used_ = 0;
    since_ = Clock::now();
    ++tally_.sent;
    send();
    epoll_event event{.events = EPOLLIN | (query_.empty() ? 0U : EPOLLOUT), .data = {.u32 = index_}};
    checked(::epoll_ctl(ready_, EPOLL_CTL_ADD, socket_.number(), &event), "epoll_ctl");
  }

  void proceed() {
    if (!query_.empty()) {
      send();
      if (query_.empty()) {
        epoll_event event{.events = EPOLLIN, .data = {.u32 = index_}};
        checked(::epoll_ctl(ready_, EPOLL_CTL_MOD, socket_.number(), &event), "epoll_ctl");
      }
      return;
    }
    const ssize_t got = ::recv(socket_.number(), room_.data() + used_, room_.size() - used_, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0) {
      used_ += static_cast<std::size_t>(got);
      const std::size_t size = used_ < 2 ? 0 : static_cast<std::size_t>(room_[0] << 8 | room_[1]);
      if (used_ < 2 + size || size < kHeader) return;
      tally_.add({room_.data() + 2, size});
    } else {
      ++tally_.lost;  // closed without an answer
    }
    start();
  }

  void give_up(Clock::time_point before) {
    if (since_ >= before) return;
    ++tally_.lost;
    start();
  }

 private:
  void send() {
    const ssize_t sent = ::send(socket_.number(), query_.data(), query_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    // What cannot be sent now (not connected yet) is tried again when the socket is ready; an error shows when reading.
    if (sent > 0 || (sent < 0 && errno != EAGAIN && errno != ENOTCONN)) query_ = {};
  }

  const sockaddr_in& server_;
  int ready_;
  std::uint32_t index_;
  Queries& queries_;
  Tally& tally_;
  Descriptor socket_;
  std::span<const std::uint8_t> query_;  // empty: sent
  std::array<std::uint8_t, 4096> room_{};
  std::size_t used_ = 0;
  Clock::time_point since_{};
};

}  // namespace

Result tcp_single(const Options& options) {
  Queries queries(options.queries, options.skip);
  const sockaddr_in server = server_address(options);
  const Descriptor ready(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  Result result;
  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));

  std::vector<Turn> turns;
  turns.reserve(options.sockets);
  for (unsigned i = 0; i < options.sockets; ++i) {
    turns.emplace_back(server, ready.number(), i, queries, result.tally);
  }
  std::vector<epoll_event> events(options.sockets);
  auto look_for_lost = start + kPatience;
  auto now = start;
  for (; now < end; now = Clock::now()) {
    const int count = ::epoll_wait(ready.number(), events.data(), static_cast<int>(events.size()), 10);
    for (int i = 0; i < count; ++i) turns[events[static_cast<std::size_t>(i)].data.u32].proceed();
    if (now < look_for_lost) continue;
    for (Turn& turn : turns) turn.give_up(now - kPatience);
    look_for_lost = now + kPatience / 10;
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  return result;
}

}  // namespace holdfast::bench
