#include "server/listen/tcp.h"

#include <gtest/gtest.h>

#include "tests/server/listen/fixture.h"

using namespace holdfast;
using namespace holdfast::server;
using namespace std::chrono_literals;
using boost::asio::ip::make_address;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets framed(const Octets& message) {
  Octets octets{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
  octets.insert(octets.end(), message.begin(), message.end());
  return octets;
}

/// One message from a stream; empty at its end.
Octets next_message(Client& client) {
  Octets octets;
  const auto want = [&](std::size_t size) {
    while (octets.size() < size) {
      const Octets more = client.receive(size - octets.size());
      if (more.empty()) return false;
      octets.insert(octets.end(), more.begin(), more.end());
    }
    return true;
  };
  if (!want(2)) return {};
  const std::size_t size = static_cast<std::size_t>(octets[0] << 8 | octets[1]);
  octets.clear();
  return want(size) ? octets : Octets{};
}

class Tcp : public testing::Test {
 protected:
  void SetUp() override { serve_example(source); }
  void start(TcpLimits limits = {.idle = 60s, .message = 60s, .handshake = 60s}) {
    Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
    address = listening.address;
    worker.emplace(std::move(listening.tcp), source, limits);
  }
  Client connect() { return Client(address, SOCK_STREAM); }
  void expect_answer(Client& client) {
    client.send(framed(Zones::query("www.example.test. A")));
    EXPECT_EQ(next_message(client).size(), 12U + 22 + 16);
  }

  Source source;
  boost::asio::ip::udp::endpoint address;
  std::optional<TcpWorker> worker;
};

TEST_F(Tcp, AnswersAndKeepsTheConnection) {
  start();
  Client client = connect();
  expect_answer(client);
  expect_answer(client);
  EXPECT_EQ(worker->connections().accepted.read(), 1U);
}

TEST_F(Tcp, AnswersWhatComesOctetByOctet) {
  start();
  Client client = connect();
  for (const std::uint8_t octet : framed(Zones::query("www.example.test. A"))) client.send({octet});
  EXPECT_EQ(next_message(client).size(), 12U + 22 + 16);
}

TEST_F(Tcp, AnswersPipelinedQueriesInOrderAndWhole) {
  start();
  Client client = connect();
  Octets burst;
  for (int i = 0; i < 500; ++i) {
    Octets query = Zones::query("big.example.test. A");
    query[0] = static_cast<std::uint8_t>(i >> 8);
    query[1] = static_cast<std::uint8_t>(i);
    const Octets one = framed(query);
    burst.insert(burst.end(), one.begin(), one.end());
  }
  client.send(burst);
  for (int i = 0; i < 500; ++i) {  // about 1.6 MB of answers
    const Octets reply = next_message(client);
    ASSERT_EQ(reply.size(), 12U + 22 + 200 * 16);
    ASSERT_EQ(reply[0] << 8 | reply[1], i);
  }
}

TEST_F(Tcp, DoesNotReadFromAClientThatDoesNotTakeItsAnswers) {
  start({.idle = 60s, .message = 300ms});
  Client client = connect();
  const int small = 4096;
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const Octets one = framed(Zones::query("big.example.test. A"));
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::size_t sent = 0;  // until the server's patience ends and it resets us
  for (; sent < 2'000'000; ++sent) {
    if (::send(client.fd(), one.data(), one.size(), MSG_NOSIGNAL) < 0) break;
  }
  EXPECT_LT(sent, 2'000'000U);
  EXPECT_EQ(worker->connections().timed_out.read(), 1U);
}

TEST_F(Tcp, ClosesWhatSendsNoQuery) {
  start();
  Client client = connect();
  Octets response = Zones::query("www.example.test. A");
  response[2] = 0x80;
  client.send(framed(response));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Tcp, AnswersWhatWasAskedBeforeWhatIsNoQuery) {
  start();
  Client client = connect();
  Octets burst = framed(Zones::query("www.example.test. A"));
  burst.insert(burst.end(), {0, 1, 'x'});
  client.send(burst);
  EXPECT_EQ(next_message(client).size(), 12U + 22 + 16);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Tcp, ClosesAnIdleConnection) {
  start({.idle = 3s, .message = 60s});
  Client client = connect();
  expect_answer(client);
  EXPECT_TRUE(next_message(client).empty());
  EXPECT_EQ(worker->connections().timed_out.read(), 1U);
}

TEST_F(Tcp, DoesNotWaitLongerForAMessageThatDrips) {
  start({.idle = 60s, .message = 200ms});
  Client client = connect();
  const auto started = std::chrono::steady_clock::now();
  client.send({0});
  EXPECT_TRUE(next_message(client).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
}

TEST_F(Tcp, MakesRoomByClosingTheConnectionThatIsIdleLongest) {
  start({.connections = 2, .idle = 60s, .message = 60s});
  Client oldest = connect();
  expect_answer(oldest);
  Client older = connect();
  expect_answer(older);
  Client newest = connect();
  expect_answer(newest);
  EXPECT_TRUE(next_message(oldest).empty());
  expect_answer(older);
  EXPECT_EQ(worker->connections().evicted.read(), 1U);
}

TEST_F(Tcp, MakesRoomAlsoWhenAllAreBusy) {
  start({.connections = 2, .idle = 60s, .message = 60s});
  Client slow = connect();
  slow.send({0});
  Client slower = connect();
  slower.send({0});
  Client newest = connect();
  expect_answer(newest);
}

TEST_F(Tcp, AnswersTheLargestMessage) {
  start();
  Client client = connect();
  Octets query = Zones::query("www.example.test. A");
  query.resize(65535, 0);  // what follows the question is not looked at
  client.send(framed(query));
  EXPECT_EQ(next_message(client).size(), 12U + 22 + 16);
  expect_answer(client);
}

}  // namespace
