#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/zones/alias/message.h"

namespace holdfast::zones {

using Octets = std::vector<std::uint8_t>;

/// One query as it came.
struct Asked {
  Octets query;
  bool is_tcp = false;
  std::size_t before = 0;  ///< queries that came before it
  boost::asio::ip::udp::endpoint from{};
};

/// An upstream on loopback, over UDP and TCP on one port, that answers as the test's script says: any number of packets.
class FakeUpstream {
 public:
  using Script = std::function<std::vector<Octets>(const Asked&)>;

  FakeUpstream(boost::asio::io_context& io, Script script) : udp_(io), tcp_(io), script_(std::move(script)) {
    while (!tcp_.is_open()) bind_both();
    receive();
    accept();
  }

  boost::asio::ip::udp::endpoint endpoint() const { return udp_.local_endpoint(); }

  std::vector<Asked> asked;

 private:
  std::vector<Octets> say(Octets query, bool is_tcp) {
    asked.push_back({std::move(query), is_tcp, asked.size(), from_});
    return script_(asked.back());
  }

  /// One port for both: what is free for UDP may be taken for TCP.
  void bind_both() {
    udp_ = {udp_.get_executor(), {boost::asio::ip::address_v4::loopback(), 0}};
    try {
      tcp_ = {tcp_.get_executor(), {boost::asio::ip::address_v4::loopback(), udp_.local_endpoint().port()}};
    } catch (const boost::system::system_error&) {
    }
  }

  void receive() {
    udp_.async_receive_from(
        boost::asio::buffer(room_), from_, [this](boost::system::error_code error, std::size_t size) {
          if (error == boost::asio::error::operation_aborted) return;
          if (!error) {
            for (const Octets& reply :
                 say({room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size)}, false)) {
              boost::system::error_code ignored;
              udp_.send_to(boost::asio::buffer(reply), from_, 0, ignored);
            }
          }
          receive();
        });
  }

  void accept() {
    tcp_.async_accept([this](boost::system::error_code error, boost::asio::ip::tcp::socket peer) {
      if (error) return;
      const auto socket = std::make_shared<boost::asio::ip::tcp::socket>(std::move(peer));
      const auto room = std::make_shared<Octets>(2);
      boost::asio::async_read(
          *socket, boost::asio::buffer(*room), [this, socket, room](auto broken, std::size_t) {
            if (broken) return;
            room->resize(static_cast<std::size_t>((*room)[0] << 8 | (*room)[1]));
            boost::asio::async_read(
                *socket, boost::asio::buffer(*room), [this, socket, room](auto cut, std::size_t) {
                  if (cut) return;
                  for (const Octets& reply : say(*room, true)) {
                    const std::array<std::uint8_t, 2> length = {static_cast<std::uint8_t>(reply.size() >> 8),
                                                                static_cast<std::uint8_t>(reply.size())};
                    boost::system::error_code ignored;
                    boost::asio::write(*socket, boost::asio::buffer(length), ignored);
                    boost::asio::write(*socket, boost::asio::buffer(reply), ignored);
                  }
                });
          });
      accept();
    });
  }

  boost::asio::ip::udp::socket udp_;
  boost::asio::ip::tcp::acceptor tcp_;
  Script script_;
  boost::asio::ip::udp::endpoint from_;
  std::array<std::uint8_t, 4096> room_{};
};

/// Runs what waits until the condition is met. @return false: there was nothing more to run, or it took 60 s
template <class Condition>
bool run_until(boost::asio::io_context& io, Condition is_met) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!is_met()) {
    if (io.run_one_until(limit) == 0) return false;
  }
  return true;
}

}  // namespace holdfast::zones
