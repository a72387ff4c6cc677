#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "health/probe/alarm.h"
#include "server/transfer/tls_client.h"
#include "server/transfer/tsig_key.h"
#include "zones/settings.h"

namespace holdfast::server {

/// One address of a primary, and what is asked of it there.
struct PrimaryAddress {
  std::string peer{};  ///< its name in the configuration
  boost::asio::ip::tcp::endpoint endpoint{};
  boost::asio::ip::address source{};  ///< it is asked from; unspecified: the system chooses
  zones::PeerTls tls{};               ///< empty: over UDP and TCP
  SharedKey key{};                    ///< null: nothing is signed

  /// Why a socket could not be opened to ask it, as a sentence about it.
  std::string open_problem(const boost::system::error_code& error) const;
  /// "ns1 (192.0.2.1:53)"
  std::string text() const;
  bool operator==(const PrimaryAddress&) const = default;
};

/// How long we wait for a primary.
struct LinkLimits {
  std::chrono::milliseconds connect{5000};  ///< for a connection, and again for TLS
  /// It has to send so many octets in each of these.
  std::chrono::milliseconds window{10'000};
  std::size_t octets = 1024;
  std::chrono::milliseconds whole{std::chrono::minutes(30)};  ///< for all
};

/// Thrown: why nothing came of it, as a sentence about the primary: "does not listen: Connection refused".
struct LinkError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A connection to a primary for one question and its answer, over TCP or TLS. Belongs to the thread of the io_context. Its
/// coroutines throw LinkError, and nothing else but for want of memory.
class PrimaryLink {
 public:
  /// @param tls  only used where the primary is asked over TLS
  PrimaryLink(boost::asio::io_context& io, const PrimaryAddress& primary, TlsClient& tls,
              const LinkLimits& limits);
  PrimaryLink(const PrimaryLink&) = delete;
  PrimaryLink& operator=(const PrimaryLink&) = delete;

  boost::asio::awaitable<void> open();
  boost::asio::awaitable<void> send(std::span<const std::uint8_t> message);
  /// The next message, as long as nothing else is asked. Any octets may come, also none.
  boost::asio::awaitable<std::span<const std::uint8_t>> receive();
  /// Ends whatever is waited for.
  void close(std::string why);
  /// Whether the primary ended an open connection, as one does that cannot cope with a question.
  bool was_broken() const noexcept { return was_broken_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Tls = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

  bool was_busy(Clock::time_point when);
  void expect_within(std::chrono::milliseconds time, const char* what);
  void watch_progress();
  boost::asio::awaitable<std::size_t> read_some(std::span<std::uint8_t> room);
  [[noreturn]] void fail(const std::string& what, const boost::system::error_code& error) const;

  const PrimaryAddress& primary_;
  TlsClient& tls_client_;
  const LinkLimits limits_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<Tls> tls_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what was received and not given away
  std::size_t given_ = 0;            // octets of the message that was given away, from begin_ on
  std::size_t received_ = 0, received_before_ = 0;
  std::string closed_;  // why; empty: it is not
  bool was_broken_ = false;
  unsigned busy_ = 0;
  health::Alarm alarm_, last_alarm_;
};

}  // namespace holdfast::server
