#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <random>
#include <vector>

#include "tests/bench/load/queries.h"
#include "tests/bench/load/sockets.h"
#include "tests/bench/load/trace.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kIds =
    16384;  // of one port; the same comes again after seconds, when the first is long lost

/// A source port, and when each of its queries should have left.
struct Port {
  explicit Port(const sockaddr_in& server) : socket(udp_socket(server)) {}
  Descriptor socket;
  std::vector<Clock::time_point> due = std::vector<Clock::time_point>(kIds);  // the epoch: nothing on the way
  std::uint16_t next = 0;
};

std::int64_t nanoseconds(Clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

void receive(Port& port, std::uint16_t number, Result& result, Trace& trace) {
  std::array<std::uint8_t, 4096> room;
  for (ssize_t size; (size = ::recv(port.socket.number(), room.data(), room.size(), MSG_DONTWAIT)) > 0;) {
    const auto id = static_cast<std::size_t>(room[0] << 8 | room[1]);
    if (static_cast<std::size_t>(size) < kHeader || id >= kIds || port.due[id] == Clock::time_point{}) {
      ++result.tally.stray;
      continue;
    }
    const auto now = Clock::now();
    result.latencies.add(static_cast<std::uint64_t>((now - port.due[id]).count()));
    trace.add({.due = nanoseconds(port.due[id]),
               .came = nanoseconds(now),
               .port = number,
               .records = static_cast<std::uint16_t>(room[6] << 8 | room[7]),
               .unused = 0});
    result.tally.add({room.data(), static_cast<std::size_t>(size)});
    port.due[id] = {};
  }
}

void send(Port& port, Queries& queries, Tally& tally, Clock::time_point due) {
  const auto query = queries.next();
  if (port.due[port.next] != Clock::time_point{}) ++tally.lost;
  query[0] = static_cast<std::uint8_t>(port.next >> 8);
  query[1] = static_cast<std::uint8_t>(port.next);
  port.due[port.next] = due;
  port.next = static_cast<std::uint16_t>((port.next + 1) % kIds);
  ++tally.sent;
  // One that cannot be sent is lost, as it is on a full wire.
  static_cast<void>(::send(port.socket.number(), query.data(), query.size(), MSG_DONTWAIT));
}

}  // namespace

Result udp_latency(const Options& options) {
  Queries queries(options.queries, options.skip);
  const sockaddr_in server = server_address(options);
  const Descriptor ready(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  std::vector<Port> ports;
  for (unsigned i = 0; i < options.sockets; ++i) {
    ports.emplace_back(server);
    epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
    checked(::epoll_ctl(ready.number(), EPOLL_CTL_ADD, ports.back().socket.number(), &event), "epoll_ctl");
  }
  std::mt19937_64 random(1);
  std::exponential_distribution<double> gap(options.rate / 1e9);
  const auto next_gap = [&] { return std::chrono::nanoseconds(static_cast<std::int64_t>(gap(random))); };
  std::vector<epoll_event> events(options.sockets);
  Result result;
  Trace trace(options.trace, static_cast<std::size_t>(1.1 * options.rate * options.seconds));

  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  auto due = start + next_gap();
  for (auto now = start; now < end + kPatience; now = Clock::now()) {
    for (; due <= now && due < end; due += next_gap())
      send(ports[random() % ports.size()], queries, result.tally, due);
    const int count = ::epoll_wait(ready.number(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const std::uint32_t port = events[static_cast<std::size_t>(i)].data.u32;
      receive(ports[port], static_cast<std::uint16_t>(port), result, trace);
    }
    if (now >= end && result.tally.answers + result.tally.lost == result.tally.sent) break;
  }
  result.tally.lost = result.tally.sent - result.tally.answers;
  result.seconds = options.seconds;
  trace.write();
  return result;
}

}  // namespace holdfast::bench
