#include "health/probe/dns.h"

#include <gtest/gtest.h>

#include <boost/asio.hpp>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Makes replies of queries, over UDP and TCP on one port of loopback.
class FaultyNameServer {
 public:
  using Message = std::vector<std::uint8_t>;
  /// What it says to a query: any number of messages. `over_tcp` tells which way it came.
  using Answer = std::function<std::vector<Message>(Message query, bool over_tcp)>;

  FaultyNameServer(asio::io_context& io, Answer answer)
      : answer_(std::move(answer)), acceptor_(io), socket_(io) {
    while (!socket_.is_open()) bind_both();
    receive();
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  /// One port for both: what is free for TCP may be taken for UDP.
  void bind_both() {
    acceptor_ = {acceptor_.get_executor(), {asio::ip::address_v4::loopback(), 0}};
    try {
      socket_ = {socket_.get_executor(), {asio::ip::address_v4::loopback(), port()}};
    } catch (const boost::system::system_error&) {
    }
  }
  void receive() {
    socket_.async_receive_from(
        asio::buffer(room_), from_, [this](boost::system::error_code error, std::size_t size) {
          if (error) return;
          for (const Message& message :
               answer_({room_.begin(), room_.begin() + static_cast<long>(size)}, false)) {
            socket_.send_to(asio::buffer(message), from_);
          }
          receive();
        });
  }
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      asio::co_spawn(acceptor_.get_executor(), talk(std::move(socket)), asio::detached);
      accept();
    });
  }
  asio::awaitable<void> talk(asio::ip::tcp::socket socket) {
    std::array<std::uint8_t, 2> length;
    co_await asio::async_read(socket, asio::buffer(length), asio::use_awaitable);
    Message query(static_cast<std::size_t>(length[0] << 8 | length[1]));
    co_await asio::async_read(socket, asio::buffer(query), asio::use_awaitable);
    for (Message message : answer_(query, true)) {
      message.insert(message.begin(), {static_cast<std::uint8_t>(message.size() >> 8),
                                       static_cast<std::uint8_t>(message.size())});
      co_await asio::async_write(socket, asio::buffer(message), asio::use_awaitable);
    }
  }

  Answer answer_;
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  std::array<std::uint8_t, 512> room_;
};

using Message = FaultyNameServer::Message;
using Messages = std::vector<Message>;

/// The query as its own reply: QR set, and these flags and rcode.
Message reply(Message query, std::uint8_t flags = 0, std::uint8_t rcode = 0) {
  query[2] = static_cast<std::uint8_t>(query[2] | 0x80 | flags);
  query[3] = rcode;
  return query;
}
Message with_record(Message message) {
  message[7] = 1;
  for (const int octet : {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1}) {
    message.push_back(static_cast<std::uint8_t>(octet));
  }
  return message;
}
constexpr std::uint8_t kTruncated = 2;

class DnsProbe : public testing::Test {
 protected:
  std::string probe(FaultyNameServer::Answer answer, MonitorSettings monitor = {}) {
    const FaultyNameServer server(io_, std::move(answer));
    monitor.query = "www.example.com.";
    monitor.query_type = "A";
    return text(observe_once(io_, loopback(Protocol::dns, server.port(), std::move(monitor))));
  }
  asio::io_context io_;
};

TEST_F(DnsProbe, PassesWithTheRcode) {
  EXPECT_EQ(probe([](Message query, bool) { return Messages{reply(query)}; }), "passed NOERROR");
  EXPECT_EQ(probe([](Message query, bool) { return Messages{reply(query, 0, 3)}; }, {.rcode = "NXDOMAIN"}),
            "passed NXDOMAIN");
}

TEST_F(DnsProbe, AnotherRcodeFails) {
  EXPECT_EQ(probe([](Message query, bool) { return Messages{reply(query, 0, 2)}; }), "dns_error SERVFAIL");
  EXPECT_EQ(probe([](Message query, bool) { return Messages{reply(query)}; }, {.rcode = "REFUSED"}),
            "dns_error NOERROR");
}

TEST_F(DnsProbe, LooksForARecord) {
  const auto answer = [](Message query, bool) { return Messages{with_record(reply(query))}; };
  EXPECT_EQ(probe(answer, {.expect = "192.0.2.1"}), "passed NOERROR");
  EXPECT_EQ(probe(answer, {.expect = "192.0.2.10"}), "expect_missing not among: 192.0.2.1");
  EXPECT_EQ(probe([](Message query, bool) { return Messages{reply(query)}; }, {.expect = "192.0.2.1"}),
            "expect_missing no answer has it: there is none");
}

TEST_F(DnsProbe, WhatIsNoReplyIsPassedOver) {
  const auto forged = [](Message query, bool) {
    Message other_id = reply(query, 0, 2), other_name = reply(query, 0, 2);
    ++other_id[0];
    other_name[13] = 'x';
    return Messages{Message{}, Message{1, 2, 3}, query, other_id, other_name, reply(query)};
  };
  EXPECT_EQ(probe(forged), "passed NOERROR");
}

TEST_F(DnsProbe, ABrokenAnswerFails) {
  const auto broken = [](Message query, bool) {
    Message message = with_record(reply(query));
    message.pop_back();
    return Messages{message};
  };
  EXPECT_EQ(probe(broken), "dns_error a reply whose records cannot be read");
}

TEST_F(DnsProbe, NoAnswerFails) {
  EXPECT_EQ(probe([](const Message&, bool) { return Messages{}; }, {.header_timeout = 50ms}),
            "header_timeout no answer within 50 ms");
  const ClosedPort closed;
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::dns, closed.port(), {.query = "."}))),
            "refused Connection refused");
}

TEST_F(DnsProbe, WhatDoesNotFitComesOverTcp) {
  const auto whole = [](Message query, bool over_tcp) {
    return Messages{over_tcp ? with_record(reply(query)) : reply(query, kTruncated)};
  };
  EXPECT_EQ(probe(whole, {.expect = "192.0.2.1"}), "passed over TCP: NOERROR");
}

TEST_F(DnsProbe, ATcpSideThatIsBrokenFails) {
  const auto silent = [](Message query, bool over_tcp) {
    return over_tcp ? Messages{} : Messages{reply(query, kTruncated)};
  };
  EXPECT_EQ(probe(silent), "reset over TCP: closed by the target");
  const auto nonsense = [](Message query, bool over_tcp) {
    return Messages{over_tcp ? Message{1, 2, 3} : reply(query, kTruncated)};
  };
  EXPECT_EQ(probe(nonsense), "dns_error over TCP: not a reply to the question");
}

}  // namespace
}  // namespace holdfast::health
