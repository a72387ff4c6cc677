#include "health/probe/tcp.h"

#include <gtest/gtest.h>

#include "tests/health/probe/black_hole.h"
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
  EXPECT_EQ(seen.connect, seen.total);
  EXPECT_EQ(seen.target.monitor, "web");
}

TEST_F(TcpProbe, PassesOverIpv6) {
  const ScriptedServer server(io_, {}, "::1");
  auto target = loopback(Protocol::tcp, server.port());
  target.id.address = boost::asio::ip::address_v6::loopback();
  EXPECT_EQ(text(observe_once(io_, target)), "passed");
}

TEST_F(TcpProbe, RefusedByAClosedPort) {
  const ClosedPort port;
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::tcp, port.port()))), "refused Connection refused");
}

TEST_F(TcpProbe, BlackHoleEndsAtTheTimeout) {
  const BlackHole hole;
  const auto seen = observe_once(io_, loopback(Protocol::tcp, hole.port(), {.timeout = 50ms}));
  EXPECT_EQ(text(seen), "connect_timeout no connection within 50 ms");
  EXPECT_GE(seen.total, 50ms);
  EXPECT_LT(seen.total, 1s);
}

TEST_F(TcpProbe, BlackHoleEndsAtTheConnectTimeout) {
  const BlackHole hole;
  const auto target = loopback(Protocol::tcp, hole.port(), {.timeout = 10s, .connect_timeout = 50ms});
  const auto seen = observe_once(io_, target);
  EXPECT_EQ(text(seen), "connect_timeout no connection within 50 ms");
  EXPECT_LT(seen.total, 1s);
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
