#pragma once

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/transfer/tsig.h"
#include "tests/health/probe/certificates.h"
#include "tests/zones/replicate/sent.h"

namespace holdfast::server {

using Octets = std::vector<std::uint8_t>;

/// A question as it came.
struct SeenQuestion {
  Octets octets{};
  std::uint16_t id = 0;
  zones::RrType type{};

  bool is_ixfr() const { return type == zones::RrType::IXFR; }
};

/// What a primary does with those who ask it. Octets are as on a connection: each message behind its length.
struct Play {
  enum class Then {
    hold,     ///< nothing more, the connection stays
    close,    ///< an orderly end
    reset,    ///< a disorderly one
    drip,     ///< the rest, one octet each 20 ms
    trickle,  ///< `again` each 20 ms, for ever
    pour,     ///< `again` as fast as it goes, for ever
  };
  std::function<Octets(const SeenQuestion&)> sends{};  ///< to AXFR and IXFR
  Then then = Then::hold;
  std::function<Octets(const SeenQuestion&)> again{};
  std::uint32_t serial = 9;                           ///< said of the SOA
  std::function<Octets(const SeenQuestion&)> says{};  ///< to SOA over UDP, instead; nothing: nothing is said
  std::function<Octets(const SeenQuestion&)> says_on_tcp{};  ///< to SOA over TCP, likewise
  std::shared_ptr<boost::asio::ssl::context> tls{};          ///< null: over plain TCP
  bool listens = true;                                       ///< to TCP
  bool shakes_hands = true;                                  ///< else `sends` comes in place of everything
};

/// A primary on loopback that does as it is told, over UDP and TCP, or TLS, of one port; on a thread of its own.
class FakePrimary {
 public:
  explicit FakePrimary(Play play) : play_(std::move(play)) {
    open();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~FakePrimary() {
    io_.stop();
    thread_.join();
  }
  void set(Play play) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      play_ = std::move(play);
      listen();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::uint16_t port() const { return port_; }
  std::size_t transfers() const { return transfers_; }  ///< asked for
  std::size_t soas() const { return soas_; }            ///< asked for over UDP
  /// "udp 127.0.0.1": how and from where it was asked.
  std::set<std::string> askers() const {
    const std::lock_guard lock(asking_);
    return askers_;
  }

 private:
  using tcp = boost::asio::ip::tcp;
  using udp = boost::asio::ip::udp;
  using Error = boost::system::error_code;

  void open() {
    for (int tries = 0; tries < 100; ++tries) {  // until a port is free for both
      udp_ = udp::socket(io_, {boost::asio::ip::address_v4::loopback(), 0});
      port_ = udp_.local_endpoint().port();
      listen();
      if (acceptor_.is_open()) break;
    }
    hear();
  }
  void listen() {
    Error error;
    acceptor_.close(error);
    if (!play_.listens) {
      acceptor_ = tcp::acceptor(io_);
      if (port_ != 0) return;
    }
    acceptor_ = tcp::acceptor(io_);
    acceptor_.open(tcp::v4());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), port_}, error);
    if (error) return acceptor_.close();
    acceptor_.listen();
    accept();
  }
  void accept() {
    acceptor_.async_accept([this](Error error, tcp::socket socket) {
      if (error) return;
      if (const auto from = socket.remote_endpoint(error); !error)
        was_asked("tcp " + from.address().to_string());
      boost::asio::co_spawn(io_, serve(std::move(socket)), boost::asio::detached);
      accept();
    });
  }
  void hear() {
    udp_.async_receive_from(boost::asio::buffer(datagram_), from_, [this](Error error, std::size_t size) {
      if (!error) {
        ++soas_;
        was_asked("udp " + from_.address().to_string());
        const Octets reply =
            soa(asked(Octets(datagram_.begin(), datagram_.begin() + static_cast<long>(size))), play_.says);
        if (!reply.empty()) udp_.send_to(boost::asio::buffer(reply), from_, 0, error);
      }
      hear();
    });
  }
  void was_asked(std::string from) {
    const std::lock_guard lock(asking_);
    askers_.insert(std::move(from));
  }
  static SeenQuestion asked(Octets octets) {
    zones::MessageReader reader;
    reader.open(octets);
    SeenQuestion asked{.octets = octets, .id = reader.header().id};
    if (reader.question()) asked.type = reader.question()->type;
    return asked;
  }
  Octets soa(const SeenQuestion& asked, const std::function<Octets(const SeenQuestion&)>& instead) const {
    if (instead) return instead(asked);
    return zones::testing::wire(
        {.records = zones::testing::soa(play_.serial), .question = asked.type, .id = asked.id});
  }

  boost::asio::awaitable<void> serve(tcp::socket socket) {
    try {
      const auto tls = play_.tls;
      if (tls == nullptr || !play_.shakes_hands) {
        co_await talk(socket, socket);
      } else {
        boost::asio::ssl::stream<tcp::socket&> stream(socket, *tls);
        co_await stream.async_handshake(boost::asio::ssl::stream_base::server, boost::asio::use_awaitable);
        co_await talk(stream, socket);
      }
    } catch (const boost::system::system_error&) {  // the client went
    }
  }
  template <class Stream>
  boost::asio::awaitable<void> talk(Stream& stream, tcp::socket& socket) {
    using boost::asio::use_awaitable;
    const Play play = play_;
    Octets octets(2);
    if (!play.shakes_hands) {
      const Octets rubbish = play.sends({});
      co_await boost::asio::async_write(stream, boost::asio::buffer(rubbish), use_awaitable);
      if (play.then == Play::Then::close) co_return;
      for (;;) co_await stream.async_read_some(boost::asio::buffer(octets), use_awaitable);
    }
    co_await boost::asio::async_read(stream, boost::asio::buffer(octets), use_awaitable);
    octets.resize(static_cast<std::size_t>(octets[0] << 8 | octets[1]));
    co_await boost::asio::async_read(stream, boost::asio::buffer(octets), use_awaitable);
    const SeenQuestion question = asked(octets);
    Octets reply;
    if (question.type == zones::RrType::SOA) {
      const Octets message = soa(question, play.says_on_tcp);
      zones::testing::put16(reply, message.size());
      zones::testing::put(reply, message);
    } else {
      ++transfers_;
      reply = play.sends(question);
    }
    const auto pause = [&] { return boost::asio::steady_timer(io_, std::chrono::milliseconds(20)); };
    if (play.then == Play::Then::drip) {
      for (std::size_t i = 0; i < reply.size(); ++i) {
        co_await boost::asio::async_write(stream, boost::asio::buffer(&reply[i], 1), use_awaitable);
        auto timer = pause();
        co_await timer.async_wait(use_awaitable);
      }
    }
    co_await boost::asio::async_write(stream, boost::asio::buffer(reply), use_awaitable);
    while (play.then == Play::Then::trickle || play.then == Play::Then::pour) {
      const Octets more = play.again(question);
      co_await boost::asio::async_write(stream, boost::asio::buffer(more), use_awaitable);
      if (play.then == Play::Then::pour) continue;
      auto timer = pause();
      co_await timer.async_wait(use_awaitable);
    }
    Error ignored;
    if (play.then == Play::Then::reset) socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    if (play.then == Play::Then::close || play.then == Play::Then::reset) co_return;
    co_await stream.async_read_some(boost::asio::buffer(octets.data(), 1),
                                    use_awaitable);  // until the client goes
  }

  boost::asio::io_context io_{1};
  Play play_;
  std::uint16_t port_ = 0;
  tcp::acceptor acceptor_{io_};
  udp::socket udp_{io_};
  udp::endpoint from_;
  std::array<std::uint8_t, 2048> datagram_;
  std::atomic<std::size_t> transfers_{0}, soas_{0};
  mutable std::mutex asking_;  // guards:
  std::set<std::string> askers_;
  std::thread thread_;
};

}  // namespace holdfast::server
