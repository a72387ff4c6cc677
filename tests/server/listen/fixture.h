#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "server/listen/socket.h"
#include "server/listen/source.h"
#include "tests/server/answer/ask.h"

namespace holdfast::server {

/// One zone in service, at www.example.test A 192.0.2.1; "big" has 200 addresses.
inline void serve_example(Source& source, const char* address = "192.0.2.1") {
  std::string text =
      "@ 3600 SOA ns1 h 1 7200 900 1209600 300\n@ 3600 NS ns1\nns1 3600 A 192.0.2.53\nwww 60 A " +
      std::string(address) + "\n";
  for (int i = 0; i < 200; ++i) text += "big 60 A 10.0.0." + std::to_string(i) + "\n";
  const auto apex = zones::Name::parse("example.test").value();
  auto loaded = zones::load_zone_text(apex, text, "example.zone", {});
  source.zones.publish(
      std::make_shared<zones::Snapshot>(std::vector<zones::ServedZone>{{std::move(loaded.zone), 0}}));
}

/// A client's socket on loopback; a read that gets nothing for so many seconds fails.
class Client {
 public:
  Client(const boost::asio::ip::udp::endpoint& server, int type, int seconds = 30)
      : socket_(::socket(server.protocol().family(), type, 0)) {
    const timeval patience{.tv_sec = seconds, .tv_usec = 0};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_.fd(), server.data(), static_cast<socklen_t>(server.size())) == 0;
  }

  bool connected() const { return connected_; }
  void send(const std::vector<std::uint8_t>& octets) {
    EXPECT_EQ(::send(socket_.fd(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  /// One datagram, or what a stream has; empty at its end, or when nothing comes.
  std::vector<std::uint8_t> receive(std::size_t most = 65535) {
    std::vector<std::uint8_t> octets(most);
    const ssize_t size = ::recv(socket_.fd(), octets.data(), octets.size(), 0);
    octets.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return octets;
  }
  /// Whether the server closes the connection, and sends nothing before. Not merely that nothing comes.
  bool is_closed() {
    std::uint8_t octet = 0;
    const ssize_t size = ::recv(socket_.fd(), &octet, 1, 0);
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }
  int fd() const { return socket_.fd(); }

 private:
  Socket socket_;
  bool connected_ = false;
};

}  // namespace holdfast::server
