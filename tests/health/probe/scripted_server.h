#pragma once

#include <boost/asio.hpp>
#include <memory>
#include <string>
#include <utility>

namespace holdfast::health {

/// What a server does with each connection.
struct Script {
  enum class Then {
    hold,   ///< nothing more, the connection stays
    close,  ///< an orderly end
    reset,  ///< a disorderly one
    drip,   ///< one octet of `more` each 5 ms, for ever
    pour,   ///< `more` as fast as it goes, for ever
  };

  std::string says{};  ///< after the request was read; nothing is read if it is empty and `then` is reset
  Then then = Then::hold;
  std::string more = "x";
};

/// A server on loopback that does by its script. Runs on the caller's io_context and ends with this object.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, Script script, const char* address = "127.0.0.1",
                 std::uint16_t port = 0)
      : script_(std::make_shared<Script>(std::move(script))),
        acceptor_(io, {boost::asio::ip::make_address(address), port}) {
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// What the last client sent.
  const std::string& request() const { return *request_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using Error = boost::system::error_code;

  struct Session : std::enable_shared_from_this<Session> {
    Session(Socket s, std::shared_ptr<Script> what, std::shared_ptr<std::string> heard)
        : socket(std::move(s)),
          timer(socket.get_executor()),
          script(std::move(what)),
          request(std::move(heard)) {}

    void start() {
      if (script->says.empty() && script->then == Script::Then::reset) return reset();
      boost::asio::async_read_until(socket, boost::asio::dynamic_buffer(input), "\r\n\r\n",
                                    [self = shared_from_this()](Error error, std::size_t) {
                                      *self->request = self->input;
                                      if (!error) self->answer();
                                    });
    }
    void answer() {
      boost::asio::async_write(socket, boost::asio::buffer(script->says),
                               [self = shared_from_this()](Error error, std::size_t) {
                                 if (!error) self->go_on();
                               });
    }
    void go_on() {
      switch (script->then) {
        case Script::Then::hold: return hold();
        case Script::Then::close: return;
        case Script::Then::reset: return reset();
        case Script::Then::drip: return drip(0);
        case Script::Then::pour: return pour();
      }
    }
    void hold() {  // until the client goes
      socket.async_read_some(boost::asio::buffer(octet),
                             [self = shared_from_this()](Error error, std::size_t) {
                               if (!error) self->hold();
                             });
    }
    void drip(std::size_t place) {
      timer.expires_after(std::chrono::milliseconds(5));
      timer.async_wait([self = shared_from_this(), place](Error) {
        boost::asio::async_write(self->socket, boost::asio::buffer(&self->script->more[place], 1),
                                 [self, place](Error error, std::size_t) {
                                   if (!error) self->drip((place + 1) % self->script->more.size());
                                 });
      });
    }
    void pour() {
      boost::asio::async_write(socket, boost::asio::buffer(script->more),
                               [self = shared_from_this()](Error error, std::size_t) {
                                 if (!error) self->pour();
                               });
    }
    void reset() {
      Error ignored;
      socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
    }

    Socket socket;
    boost::asio::steady_timer timer;
    std::shared_ptr<Script> script;
    std::shared_ptr<std::string> request;
    std::string input;
    char octet[1];
  };

  void accept() {
    acceptor_.async_accept([this](Error error, Socket socket) {
      if (error) return;
      std::make_shared<Session>(std::move(socket), script_, request_)->start();
      accept();
    });
  }

  std::shared_ptr<Script> script_;
  std::shared_ptr<std::string> request_ = std::make_shared<std::string>();
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace holdfast::health
