#include "health/probe/smtp.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "health/probe/smtp_reply.h"
#include "health/probe/tcp_steps.h"
#include "health/probe/tls_steps.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// The client's side of a session, over TCP or TLS.
template <class Stream>
class Session {
 public:
  explicit Session(Stream& stream) : stream_(stream) {}

  /// @param after  what was said: "EHLO", or "" of the banner
  asio::awaitable<SmtpReply> hear(std::string_view after) {
    SmtpReplyReader reader;
    for (std::size_t heard = 0;;) {
      boost::system::error_code error;
      const std::size_t size =
          co_await asio::async_read_until(stream_, asio::dynamic_buffer(input_, kReplyLimit), '\n',
                                          asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::not_found || (heard += size) > kReplyLimit) wrong(after, "too long");
      if (error) throw boost::system::system_error(error);
      std::string line = input_.substr(0, size - 1);
      input_.erase(0, size);
      if (line.ends_with('\r')) line.pop_back();
      const auto state = reader.take(line);
      if (state == SmtpReplyReader::State::wrong) wrong(after, "not SMTP: " + line);
      if (state == SmtpReplyReader::State::whole) co_return reader.reply();
    }
  }

  /// A reply other than `wanted` ends the probe.
  asio::awaitable<SmtpReply> want(unsigned wanted, std::string_view after) {
    SmtpReply reply = co_await hear(after);
    if (reply.code != wanted) wrong(after, reply.text());
    co_return reply;
  }

  asio::awaitable<SmtpReply> say(std::string command, unsigned wanted) {
    const std::string word = command.substr(0, command.find(' '));
    command += "\r\n";
    co_await asio::async_write(stream_, asio::buffer(command), asio::use_awaitable);
    co_return co_await want(wanted, word);
  }

  /// What the server said before it was asked.
  bool has_more() const noexcept { return !input_.empty(); }

 private:
  [[noreturn]] static void wrong(std::string_view after, const std::string& what) {
    throw Attempt::Over{
        Finding{Outcome::bad_banner, after.empty() ? what : "after " + std::string(after) + ": " + what}};
  }

  Stream& stream_;
  std::string input_;
};

/// The name that we greet with: a client without a name gives its address (RFC 5321 4.1.3, 4.1.4).
std::string ehlo(const tcp::socket& socket) {
  const auto address = socket.local_endpoint().address();
  return "EHLO [" + (address.is_v6() ? "IPv6:" : std::string()) + address.to_string() + ']';
}

/// It has answered all that counts: how it takes leave makes no difference.
template <class Stream>
asio::awaitable<Finding> quit(Attempt& attempt, Session<Stream>& session, Finding passed) {
  attempt.enter(Phase::body, passed);
  try {
    co_await session.say("QUIT", 221);
  } catch (const Attempt::Over&) {
  } catch (const boost::system::system_error&) {
  }
  co_return passed;
}

asio::awaitable<Finding> converse(Attempt& attempt, TlsContexts& contexts) {
  const MonitorSettings& monitor = attempt.monitor();
  tcp::socket socket = co_await connect(attempt);
  attempt.enter(Phase::header, {Outcome::header_timeout, "connected, but no banner, or no answer after it,"});
  Session plain(socket);
  const SmtpReply banner = co_await plain.want(220, "");
  const Finding passed{Outcome::passed, banner.text()};
  if (!monitor.ehlo && !monitor.starttls) co_return co_await quit(attempt, plain, passed);
  const SmtpReply features = co_await plain.say(ehlo(socket), 250);
  if (!monitor.starttls) co_return co_await quit(attempt, plain, passed);
  if (!features.offers("STARTTLS")) co_return Finding{Outcome::tls_handshake, "STARTTLS is not offered"};
  co_await plain.say("STARTTLS", 220);
  if (plain.has_more()) co_return Finding{Outcome::tls_handshake, "octets after STARTTLS that are not TLS"};
  const auto stream = co_await handshake(attempt, contexts, socket);
  attempt.enter(Phase::body, {Outcome::body_timeout, "TLS, but no answer to EHLO"});
  Session secret(*stream);
  co_await secret.say(ehlo(socket), 250);
  co_return co_await quit(attempt, secret, passed);
}

}  // namespace

std::unique_ptr<Probe> start_smtp(asio::io_context& io, TlsContexts& contexts, const Target& target,
                                  ProbeDone done) {
  return Attempt::start(io, target, std::move(done),
                        [&contexts](Attempt& attempt) { return converse(attempt, contexts); });
}

}  // namespace holdfast::health
