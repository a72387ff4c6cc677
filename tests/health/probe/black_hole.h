#pragma once

#include <poll.h>

#include <boost/asio.hpp>
#include <vector>

namespace holdfast::health {

/// A port on loopback that answers no SYN: it listens, its queue is full, and nobody accepts.
class BlackHole {
 public:
  BlackHole() : acceptor_(io_) {
    acceptor_.open(boost::asio::ip::tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    while (fill_one_place()) {
    }
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  bool fill_one_place() {
    auto& socket = fillers_.emplace_back(io_, boost::asio::ip::tcp::v4());
    socket.async_connect(acceptor_.local_endpoint(), [](boost::system::error_code) {});  // begins at once
    pollfd waited{socket.native_handle(), POLLOUT, 0};
    return poll(&waited, 1, 50) == 1;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<boost::asio::ip::tcp::socket> fillers_;
};

/// A port on loopback where nobody listens; nobody else can take it while this lives.
class ClosedPort {
 public:
  ClosedPort() : socket_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {}
  std::uint16_t port() const { return socket_.local_endpoint().port(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;  // bound, but it does not listen
};

/// A port on loopback that is kept for who comes and goes there, and refuses meanwhile. Nobody else is given it while
/// this lives; whoever names it and sets SO_REUSEADDR, as acceptors of Asio and etcd do, listens there all the same.
class ReservedPort {
 public:
  ReservedPort() : socket_(io_, boost::asio::ip::tcp::v4()) {
    socket_.set_option(boost::asio::socket_base::reuse_address(true));
    socket_.bind({boost::asio::ip::address_v4::loopback(), 0});
    number_ = socket_.local_endpoint().port();
  }
  std::uint16_t number() const { return number_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;  // bound, but it does not listen
  std::uint16_t number_;                 // also for a child in which the socket is closed
};

}  // namespace holdfast::health
