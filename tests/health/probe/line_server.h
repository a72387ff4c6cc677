#pragma once

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/health/probe/certificates.h"

namespace holdfast::health {

/// A server on loopback that speaks first, then once after each line that it hears. When it has said all it closes, or
/// goes on reading. Runs on the caller's io_context and ends with this object.
class LineServer {
 public:
  enum class Then { hold, close, reset };
  static constexpr const char* kTls = "(TLS)";  ///< instead of something to say: the session goes on over TLS

  LineServer(boost::asio::io_context& io, std::vector<std::string> says, Then then = Then::hold,
             const Identity* identity = nullptr, std::chrono::milliseconds delay = {})
      : world_(std::make_shared<World>(World{std::move(says), then, delay})),
        acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}) {
    if (identity != nullptr) {
      SSL_CTX_use_certificate(world_->tls.native_handle(), identity->certificate.get());
      SSL_CTX_use_PrivateKey(world_->tls.native_handle(), identity->key.get());
    }
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// The lines that clients said.
  const std::string& heard() const { return world_->heard; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct World {
    std::vector<std::string> says;
    Then then;
    std::chrono::milliseconds delay;  // before it speaks first
    std::string heard{};
    boost::asio::ssl::context tls{boost::asio::ssl::context::tls_server};
  };

  template <class Stream>
  static boost::asio::awaitable<void> hear(Stream& stream, World& world) {
    std::string line;
    co_await boost::asio::async_read_until(stream, boost::asio::dynamic_buffer(line), '\n',
                                           boost::asio::use_awaitable);
    world.heard += line;
  }

  template <class Stream>
  static boost::asio::awaitable<std::size_t> talk(Stream& stream, World& world, std::size_t next) {
    for (; next < world.says.size() && world.says[next] != kTls; ++next) {
      co_await boost::asio::async_write(stream, boost::asio::buffer(world.says[next]),
                                        boost::asio::use_awaitable);
      const bool is_last = next + 1 == world.says.size();
      if ((is_last && world.then != Then::hold) || (!is_last && world.says[next + 1] == kTls))
        co_return next + 1;
      co_await hear(stream, world);
    }
    co_return next;
  }

  static boost::asio::awaitable<void> serve(Socket socket, std::shared_ptr<World> world) {
    boost::asio::steady_timer timer(socket.get_executor(), world->delay);
    co_await timer.async_wait(boost::asio::use_awaitable);
    const std::size_t next = co_await talk(socket, *world, 0);
    if (next < world->says.size()) {
      boost::asio::ssl::stream<Socket&> stream(socket, world->tls);
      co_await stream.async_handshake(boost::asio::ssl::stream_base::server, boost::asio::use_awaitable);
      world->heard += "(TLS)\n";
      co_await hear(stream, *world);  // the client speaks first now
      co_await talk(stream, *world, next + 1);
    }
    boost::system::error_code ignored;
    if (world->then == Then::reset) {
      socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
    }
    if (world->then != Then::hold) co_return;
    char octet;
    while (co_await socket.async_read_some(boost::asio::buffer(&octet, 1), boost::asio::use_awaitable) == 1) {
    }
  }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
      if (error) return;
      boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket), world_),
                            boost::asio::detached);
      accept();
    });
  }

  std::shared_ptr<World> world_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace holdfast::health
