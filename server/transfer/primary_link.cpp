#include "server/transfer/primary_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "server/transfer/source_address.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t kMaxMessage = 65535;
constexpr std::size_t kBuffer = 2 * (kMaxMessage + 2);
/// An alarm that is so late rang while our thread was busy with something else, and could not receive anything.
constexpr milliseconds kBusy{500};
constexpr unsigned kMostBusy = 3;  // times in a row that this is an excuse

double seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string PrimaryAddress::text() const {
  const bool is_v6 = endpoint.address().is_v6();
  return fmt::format("{} ({}{}{}:{})", peer, is_v6 ? "[" : "", endpoint.address().to_string(),
                     is_v6 ? "]" : "", endpoint.port());
}

std::string PrimaryAddress::open_problem(const error_code& error) const {
  if (source.is_unspecified() || !may_be_of_source(error)) return "cannot be asked: " + error.message();
  return fmt::format(
      "cannot be asked from {}: {}; `source` of its [peer.{}] has to be an address of this machine",
      source.to_string(), error.message(), peer);
}

PrimaryLink::PrimaryLink(asio::io_context& io, const PrimaryAddress& primary, TlsClient& tls,
                         const LinkLimits& limits)
    : primary_(primary),
      tls_client_(tls),
      limits_(limits),
      socket_(io),
      buffer_(kBuffer),
      alarm_(io),
      last_alarm_(io) {
  last_alarm_.set(Clock::now() + limits_.whole,
                  [this] { close(fmt::format("did not come to an end in {:g} s", seconds(limits_.whole))); });
}

void PrimaryLink::close(std::string why) {
  if (closed_.empty()) closed_ = std::move(why);
  error_code ignored;
  socket_.close(ignored);
}

void PrimaryLink::fail(const std::string& what, const error_code& error) const {
  if (!closed_.empty()) throw LinkError(closed_);
  throw LinkError(what + ": " + error.message());
}

bool PrimaryLink::was_busy(Clock::time_point when) {
  busy_ = Clock::now() > when + kBusy ? busy_ + 1 : 0;
  return busy_ != 0 && busy_ <= kMostBusy;
}

void PrimaryLink::expect_within(milliseconds time, const char* what) {
  const auto when = Clock::now() + time;
  alarm_.set(when, [this, time, what, when] {
    if (was_busy(when)) return expect_within(time, what);
    close(fmt::format("{} in {:g} s", what, seconds(time)));
  });
}

void PrimaryLink::watch_progress() {
  const auto when = Clock::now() + limits_.window;
  alarm_.set(when, [this, when] {
    const std::size_t received = received_ - received_before_;
    if (received < limits_.octets && !was_busy(when)) {
      const double time = seconds(limits_.window);
      return close(received == 0 ? fmt::format("sent nothing in {:g} s", time)
                                 : fmt::format("sent {} octets in {:g} s: at least {} are expected", received,
                                               time, limits_.octets));
    }
    received_before_ = received_;
    watch_progress();
  });
}

asio::awaitable<void> PrimaryLink::open() {
  expect_within(limits_.connect, "does not accept a connection");
  error_code error;
  open_from(socket_, primary_.source, primary_.endpoint.address(), error);
  if (error) throw LinkError(primary_.open_problem(error));
  co_await socket_.async_connect(primary_.endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) fail("does not accept a connection", error);
  if (!closed_.empty()) throw LinkError(closed_);
  error_code ignored;
  // Linux may connect a socket to itself when nobody listens on a port that it also gives out to clients.
  if (socket_.local_endpoint(ignored) == socket_.remote_endpoint(ignored)) throw LinkError("does not listen");
  socket_.set_option(tcp::no_delay(true), ignored);
  if (!primary_.tls.empty()) {
    expect_within(limits_.connect, "does not end the TLS handshake");
    try {
      context_ = tls_client_.context(primary_.tls);
      tls_.emplace(socket_, *context_);
      TlsClient::expect(tls_->native_handle(), primary_.tls.name);
    } catch (const std::runtime_error& wrong) {
      throw LinkError(std::string("cannot be asked over TLS: ") + wrong.what());
    }
    co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, error));
    if (error && closed_.empty()) {
      const std::string certificate = TlsClient::certificate_problem(tls_->native_handle());
      if (!certificate.empty())
        throw LinkError(fmt::format("has no certificate for {}: {}", primary_.tls.name, certificate));
    }
    if (error) fail("does not agree on TLS 1.3", error);
  }
  watch_progress();
}

asio::awaitable<void> PrimaryLink::send(std::span<const std::uint8_t> message) {
  std::vector<std::uint8_t> framed = {static_cast<std::uint8_t>(message.size() >> 8),
                                      static_cast<std::uint8_t>(message.size())};
  framed.insert(framed.end(), message.begin(), message.end());
  error_code error;
  if (tls_) {
    co_await asio::async_write(*tls_, asio::buffer(framed), asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await asio::async_write(socket_, asio::buffer(framed),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) fail("does not take the question", error);
}

asio::awaitable<std::size_t> PrimaryLink::read_some(std::span<std::uint8_t> room) {
  error_code error;
  std::size_t size = 0;
  const auto into = asio::buffer(room.data(), room.size());
  if (tls_) {
    size = co_await tls_->async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  } else {
    size = co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  }
  was_broken_ = error && closed_.empty();
  // Over TLS 1.3 it says so only after the handshake, if at all.
  if (was_broken_ && received_ == 0 && tls_ && TlsClient::was_asked_in_vain(tls_->native_handle()))
    throw LinkError("asked for a certificate, which tls of the peer does not have, and ended the connection");
  if (error == asio::error::eof && closed_.empty()) throw LinkError("closed the connection before the end");
  if (error) fail("broke the connection before the end", error);
  co_return size;
}

asio::awaitable<std::span<const std::uint8_t>> PrimaryLink::receive() {
  begin_ += std::exchange(given_, 0);
  for (;;) {
    const std::size_t held = end_ - begin_;
    if (held >= 2) {
      const auto size = static_cast<std::size_t>(buffer_[begin_] << 8 | buffer_[begin_ + 1]);
      if (held >= 2 + size) {
        given_ = 2 + size;
        co_return std::span<const std::uint8_t>(buffer_).subspan(begin_ + 2, size);
      }
    }
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, held);
      begin_ = 0;
      end_ = held;
    }
    const std::size_t size = co_await read_some(std::span(buffer_).subspan(end_));
    end_ += size;
    received_ += size;
  }
}

}  // namespace holdfast::server
