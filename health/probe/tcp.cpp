#include "health/probe/tcp.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "health/probe/expect.h"
#include "health/probe/tcp_steps.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

asio::awaitable<Finding> look_for(Attempt& attempt, asio::ip::tcp::socket& socket) {
  ExpectWindow window(attempt.monitor());
  std::array<char, 1024> room;
  for (bool is_first = true;; is_first = false) {
    boost::system::error_code error;
    const std::size_t size =
        co_await socket.async_read_some(asio::buffer(room), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof) {
      co_return Finding{Outcome::expect_missing,
                        "not in the " + std::to_string(window.size()) + " octets that came"};
    }
    if (error) throw boost::system::system_error(error);
    if (is_first) attempt.enter(Phase::body, {Outcome::body_timeout, "an answer, but not the text"});
    if (!window.take({room.data(), size})) continue;
    co_return window.is_found() ? Finding{} : Finding{Outcome::expect_missing, window.missing()};
  }
}

asio::awaitable<Finding> say_and_look(Attempt& attempt) {
  asio::ip::tcp::socket socket = co_await connect(attempt);
  const MonitorSettings& monitor = attempt.monitor();
  if (monitor.send.empty() && monitor.expect.empty()) co_return Finding{};
  attempt.enter(Phase::header, {Outcome::header_timeout, "connected, but no answer"});
  if (!monitor.send.empty()) {
    co_await asio::async_write(socket, asio::buffer(monitor.send), asio::use_awaitable);
  }
  if (monitor.expect.empty()) co_return Finding{};
  co_return co_await look_for(attempt, socket);
}

}  // namespace

std::unique_ptr<Probe> start_tcp(asio::io_context& io, const Target& target, ProbeDone done) {
  return Attempt::start(io, target, std::move(done), say_and_look);
}

}  // namespace holdfast::health
