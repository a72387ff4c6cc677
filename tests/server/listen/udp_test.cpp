#include "server/listen/udp.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/server/listen/fixture.h"

using namespace holdfast;
using namespace holdfast::server;
using boost::asio::ip::make_address;

namespace {

class Udp : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { serve_example(source); }
  Source source;
};

TEST_P(Udp, AnswersFromTheAddressThatWasAsked) {
  Listening listening = listen_on({make_address(GetParam()), 0}, 1);
  const UdpWorker worker(std::move(listening.udp[0]), source);
  auto server = listening.address;
  if (server.address().is_unspecified()) {
    server.address(make_address(server.address().is_v4() ? "127.0.0.2" : "::1"));
  }
  Client client(server, SOCK_DGRAM);  // connected: the kernel drops what comes from any other address
  client.send(Zones::query("www.example.test. A"));
  EXPECT_EQ(client.receive().size(), 12U + 22 + 16);
  EXPECT_EQ(worker.counters().queries[1 * Counters::kRcodes].read(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Addresses, Udp, testing::Values("127.0.0.1", "::1", "0.0.0.0", "::"),
                         [](const auto& test) { return "Of" + std::to_string(test.index); });

TEST_F(Udp, AnswersEveryQueryOfABurst) {
  Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
  const UdpWorker worker(std::move(listening.udp[0]), source);
  Client client(listening.address, SOCK_DGRAM);
  auto query = Zones::query("www.example.test. A");
  for (int i = 0; i < 200; ++i) {
    query[0] = static_cast<std::uint8_t>(i);
    client.send(query);
  }
  std::vector<bool> seen(200, false);
  for (int i = 0; i < 200; ++i) {
    const auto reply = client.receive();
    ASSERT_FALSE(reply.empty());
    seen[reply[0]] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 200);
}

/// A query of that many octets: the rest is padding (RFC 7830).
std::vector<std::uint8_t> query_of(std::size_t size) {
  auto query = Zones::query("www.example.test. A", 1232);
  const std::size_t padding = size - query.size() - 4;
  query[query.size() - 2] = static_cast<std::uint8_t>((padding + 4) >> 8);
  query[query.size() - 1] = static_cast<std::uint8_t>(padding + 4);
  for (const std::size_t octet : {std::size_t{0}, std::size_t{12}, padding >> 8, padding & 0xff}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  query.resize(size);
  return query;
}

TEST_F(Udp, ReadsQueriesAsLongAsItSaysItTakes) {
  const struct {
    std::uint16_t edns_size;
    std::size_t largest;
  } kRows[] = {{1232, 2048}, {4096, 4096}};
  for (const auto& row : kRows) {
    source.identity.edns_size = row.edns_size;
    Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
    const UdpWorker worker(std::move(listening.udp[0]), source);
    Client client(listening.address, SOCK_DGRAM);
    client.send(query_of(row.largest));
    EXPECT_EQ(client.receive().at(3) & 0xf, 0) << row.edns_size;
    client.send(query_of(row.largest + 1));
    EXPECT_EQ(client.receive().at(3) & 0xf, 1) << row.edns_size;  // FORMERR: it was cut
  }
}

TEST_F(Udp, SaysNothingToStumpsAndResponses) {
  Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
  const UdpWorker worker(std::move(listening.udp[0]), source);
  Client client(listening.address, SOCK_DGRAM);
  auto response = Zones::query("www.example.test. A");
  response[2] = 0x80;
  client.send(response);
  client.send({});
  client.send({1, 2, 3});
  client.send(Zones::query("www.example.test. AAAA"));
  EXPECT_EQ(client.receive()[3] & 0xf, 0) << "the first that comes back is the answer to the last";
  EXPECT_EQ(worker.counters().dropped.read(), 3U);
}

TEST_F(Udp, AnswersFromTheNewestZones) {
  Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
  const UdpWorker worker(std::move(listening.udp[0]), source);
  Client client(listening.address, SOCK_DGRAM);
  client.send(Zones::query("www.example.test. A"));
  EXPECT_EQ(client.receive().back(), 1);
  serve_example(source, "192.0.2.77");
  client.send(Zones::query("www.example.test. A"));
  EXPECT_EQ(client.receive().back(), 77);
}

TEST_F(Udp, EndsUnderAFlood) {
  Listening listening = listen_on({make_address("127.0.0.1"), 0}, 1);
  std::atomic<bool> ended{false};
  std::thread flood;
  {
    const UdpWorker worker(std::move(listening.udp[0]), source);
    flood = std::thread([&] {
      Client client(listening.address, SOCK_DGRAM);
      const auto query = Zones::query("www.example.test. A");
      while (!ended) ::send(client.fd(), query.data(), query.size(), MSG_NOSIGNAL);
    });
    Client client(listening.address, SOCK_DGRAM, 5);  // the reply may be lost
    client.send(Zones::query("www.example.test. A"));
    client.receive();
  }  // would wait here for the flood to end
  ended = true;
  flood.join();
}

TEST(ListenOn, GivesEveryWorkerItsSocketsOnOnePort) {
  const Listening listening = listen_on({make_address("127.0.0.1"), 0}, 3);
  EXPECT_EQ(listening.udp.size(), 3U);
  EXPECT_EQ(listening.tcp.size(), 3U);
  EXPECT_NE(listening.address.port(), 0);
}

TEST(ListenOn, SaysThatSomebodyElseIsThereAndWhatToDo) {
  const Listening first = listen_on({make_address("127.0.0.1"), 0}, 1);
  try {
    listen_on(first.address, 1);
    FAIL() << "SO_REUSEPORT hid the other one";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("another process has it"), std::string::npos) << error.what();
  }
}

TEST(ListenOn, NamesAnAddressThatIsNotOurs) {
  try {
    listen_on({make_address("192.0.2.1"), 5353}, 1);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("192.0.2.1:5353"), std::string::npos) << error.what();
  }
}

}  // namespace
