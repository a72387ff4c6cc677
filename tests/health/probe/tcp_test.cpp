#include "health/probe/tcp.h"

#include <gtest/gtest.h>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/line_server.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

class TcpProbe : public testing::Test {
 protected:
  boost::asio::io_context io_;
};

TEST_F(TcpProbe, PassesWhenConnected) {
  const ScriptedServer server(io_, {});
  const auto seen = observe_once(io_, loopback(Protocol::tcp, server.port()));
  EXPECT_EQ(text(seen), "passed");
  EXPECT_GT(seen.connect, 0us);
  EXPECT_LE(seen.connect, seen.total);
  EXPECT_EQ(seen.target.monitor, "web");
}

TEST_F(TcpProbe, PassesOverIpv6) {
  const ScriptedServer server(io_, {}, "::1");
  auto target = loopback(Protocol::tcp, server.port());
  target.id.address = boost::asio::ip::address_v6::loopback();
  EXPECT_EQ(text(observe_once(io_, target)), "passed");
}

TEST_F(TcpProbe, UnreachableWhereNoRouteLeads) {
  Target target = loopback(Protocol::tcp, 80);
  target.id.address =
      boost::asio::ip::make_address("224.0.0.1");  // many hosts: no route of TCP, whatever the network
  EXPECT_EQ(text(observe_once(io_, target)), "unreachable Network is unreachable");
}

TEST_F(TcpProbe, RefusedByAClosedPort) {
  const ClosedPort port;
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::tcp, port.port()))), "refused Connection refused");
}

TEST_F(TcpProbe, BlackHoleEndsAtTheTimeout) {
  const BlackHole hole;
  const auto seen = observe_once(io_, loopback(Protocol::tcp, hole.port(), {.timeout = 500ms}));
  EXPECT_EQ(text(seen), "connect_timeout no connection within 500 ms");
  EXPECT_GE(seen.total, 500ms);
  EXPECT_LT(seen.total, 30s);
}

TEST_F(TcpProbe, BlackHoleEndsAtTheConnectTimeout) {
  const BlackHole hole;
  const auto target = loopback(Protocol::tcp, hole.port(), {.timeout = 60s, .connect_timeout = 50ms});
  const auto seen = observe_once(io_, target);
  EXPECT_EQ(text(seen), "connect_timeout no connection within 50 ms");
  EXPECT_LT(seen.total, 30s);
}

TEST_F(TcpProbe, SaysAndLooksForWhatItIsTold) {
  const LineServer server(io_, {"", "+PONG\r\n"});
  const auto probe = [&](MonitorSettings monitor) {
    return text(observe_once(io_, loopback(Protocol::tcp, server.port(), std::move(monitor))));
  };
  EXPECT_EQ(probe({.send = "PING\r\n", .expect = "+PONG"}), "passed");
  EXPECT_EQ(server.heard(), "PING\r\n");
  EXPECT_EQ(probe({.send = "PING\r\n"}), "passed");
  EXPECT_EQ(probe({.expect = "+PONG", .header_timeout = 50ms}),
            "header_timeout connected, but no answer within 50 ms");
  EXPECT_EQ(probe({.send = "PING\r\n", .expect = "+pong", .body_timeout = 500ms}),
            "body_timeout an answer, but not the text within 500 ms");
}

TEST_F(TcpProbe, LooksForATextThatComesInParts) {
  const ScriptedServer server(io_, {.says = "", .then = Script::Then::drip, .more = "abcdefgh"});
  const MonitorSettings monitor{.send = "\r\n\r\n", .expect = "efghabc"};
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::tcp, server.port(), monitor))), "passed");
}

TEST_F(TcpProbe, ATextThatDoesNotComeIsMissing) {
  const auto probe = [&](std::vector<std::string> says) {
    const LineServer server(io_, std::move(says), LineServer::Then::close);
    return text(observe_once(io_, loopback(Protocol::tcp, server.port(), {.expect = "+PONG"})));
  };
  EXPECT_EQ(probe({"-ERR"}), "expect_missing not in the 4 octets that came");
  EXPECT_EQ(probe({""}), "expect_missing not in the 0 octets that came");
  EXPECT_EQ(probe({std::string(5120, 'x') + "+PONG"}), "expect_missing not in the first 5120 octets");
  EXPECT_EQ(probe({std::string(5115, 'x') + "+PONG"}), "passed");
}

TEST_F(TcpProbe, SaysNothingWhenDestroyed) {
  const BlackHole hole;
  const ClosedPort closed;
  Prober prober(io_);
  for (const auto port : {hole.port(), closed.port()}) {
    auto probe = prober.start(loopback(Protocol::tcp, port, {.timeout = 10ms}), [](auto) { FAIL(); });
    probe.reset();
  }
  io_.run();
}

}  // namespace
}  // namespace holdfast::health
