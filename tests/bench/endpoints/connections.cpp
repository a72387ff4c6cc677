#include "tests/bench/endpoints/connections.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace holdfast::bench {
namespace {

constexpr int kBacklog = 4096;
constexpr long kWait = -1, kOver = 0;  // what read() returns beside a number of octets

void watch(const Descriptor& ready, int socket) {
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = socket}};
  checked(::epoll_ctl(ready.number(), EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
}

}  // namespace

Descriptor listen_everywhere(std::uint16_t port, int backlog) {
  Descriptor made(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  checked(::bind(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(made.number(), backlog), "listen");
  return made;
}

Connections::Connections(std::uint16_t port, Manners manners, std::shared_ptr<SSL_CTX> context)
    : manners_(std::move(manners)),
      context_(std::move(context)),
      ready_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      listener_(listen_everywhere(port, kBacklog)) {
  watch(ready_, listener_.number());
}

Connections::~Connections() = default;

void Connections::serve(Visits& visits) {
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(ready_.number(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const int socket = events[static_cast<std::size_t>(i)].data.fd;
    if (socket == listener_.number()) {
      accept(visits);
    } else if (const auto place = open_.find(socket); place != open_.end() && !go_on(place->second)) {
      open_.erase(place);
    }
  }
}

void Connections::accept(Visits& visits) {
  while (true) {
    Descriptor socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.number() < 0) return;
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&own), &size);
    visits.add(ntohl(own.sin_addr.s_addr), Visits::Clock::now());
    watch(ready_, socket.number());
    const int number = socket.number();
    Connection& made = open_.insert_or_assign(number, Connection{std::move(socket)}).first->second;
    if (context_) {
      made.tls.reset(SSL_new(context_.get()));
      SSL_set_fd(made.tls.get(), number);
      SSL_set_accept_state(made.tls.get());
    }
    if (!manners_.greeting.empty()) write(made, manners_.greeting);
  }
}

bool Connections::go_on(Connection& connection) const {
  std::array<char, 4096> room;
  while (true) {
    const long size = read(connection, room.data(), room.size());
    if (size == kWait) return true;
    if (size == kOver) return false;
    connection.heard.append(room.data(), static_cast<std::size_t>(size));
    if (manners_.asked.empty() || connection.heard.find(manners_.asked) == std::string::npos) continue;
    write(connection, manners_.answer);
    if (connection.tls) SSL_shutdown(connection.tls.get());
    return false;
  }
}

long Connections::read(Connection& connection, char* room, std::size_t size) const {
  if (connection.tls) {  // which shakes hands first
    const int read = SSL_read(connection.tls.get(), room, static_cast<int>(size));
    if (read > 0) return read;
    return SSL_get_error(connection.tls.get(), read) == SSL_ERROR_WANT_READ ? kWait : kOver;
  }
  const long read = ::recv(connection.socket.number(), room, size, 0);
  if (read > 0) return read;
  return read < 0 && errno == EAGAIN ? kWait : kOver;
}

void Connections::write(Connection& connection, const std::string& text) const {
  if (connection.tls) {
    SSL_write(connection.tls.get(), text.data(), static_cast<int>(text.size()));
  } else {
    [[maybe_unused]] const auto sent =
        ::send(connection.socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
  }
}

}  // namespace holdfast::bench
