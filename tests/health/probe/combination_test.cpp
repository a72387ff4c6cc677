#include "health/probe/combination.h"

#include <gtest/gtest.h>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

MonitorSettings part(const char* name, Protocol type, std::uint16_t port, MonitorSettings monitor = {}) {
  monitor = loopback(type, port, std::move(monitor)).monitor;
  monitor.name = name;
  return monitor;
}

class CombinationProbe : public testing::Test {
 protected:
  boost::asio::io_context io_;
  const ScriptedServer good_{io_, {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}};
  const ClosedPort closed_;
  const BlackHole hole_;
  const MonitorSettings web_ = part("web", Protocol::http, good_.port());
  const MonitorSettings port_ = part("port", Protocol::tcp, good_.port());
  const MonitorSettings gone_ = part("gone", Protocol::tcp, closed_.port());
  const MonitorSettings slow_ = part("slow", Protocol::tcp, hole_.port(), {.timeout = 60s});

  std::string probe(Protocol type, std::vector<MonitorSettings> parts, unsigned count = 0) {
    return text(observe(type, std::move(parts), count));
  }
  Observation observe(Protocol type, std::vector<MonitorSettings> parts, unsigned count = 0) {
    return observe_once(io_, loopback(type, 0, {.count = count, .parts = std::move(parts)}));
  }
};

TEST_F(CombinationProbe, PassesWhenAllDo) {
  const auto seen = observe(Protocol::all, {web_, port_});
  EXPECT_EQ(text(seen), "passed web: passed; port: passed");
  EXPECT_EQ(seen.target.monitor, "web") << "the combination's own name, as loopback() gives it";
  EXPECT_GT(seen.total, 0us);
}

TEST_F(CombinationProbe, DoesNotWaitForWhatMakesNoDifference) {
  EXPECT_EQ(probe(Protocol::all, {slow_, gone_}),
            "refused slow: not waited for; gone: refused (Connection refused)");
  EXPECT_EQ(probe(Protocol::any, {slow_, web_}), "passed slow: not waited for; web: passed");
  EXPECT_EQ(probe(Protocol::at_least, {slow_, web_, port_}, 2),
            "passed slow: not waited for; web: passed; port: passed");
}

TEST_F(CombinationProbe, FailsWithWhatTheFirstPartFound) {
  EXPECT_EQ(
      probe(Protocol::any, {gone_, part("late", Protocol::tcp, hole_.port(), {.connect_timeout = 50ms})}),
      "refused gone: refused (Connection refused); late: connect_timeout (no connection within 50 ms)");
}

TEST_F(CombinationProbe, IsNotRunWhenThatDecides) {
  const auto lost = part("lost", Protocol::https, good_.port(), {.ca_file = "/nowhere/ca.pem"});
  const auto result = probe_once(io_, loopback(Protocol::all, 0, {.parts = {web_, lost}}));
  ASSERT_TRUE(std::holds_alternative<NotRun>(result));
  EXPECT_EQ(std::get<NotRun>(result).why.find("web: passed; lost: not run ("), 0U)
      << std::get<NotRun>(result).why;
  EXPECT_EQ(probe(Protocol::any, {lost, port_}).find("passed lost: not"), 0U);
}

TEST_F(CombinationProbe, ALongDetailIsCut) {
  std::vector<MonitorSettings> parts(8, gone_);
  const auto detail = observe(Protocol::any, parts).detail;
  EXPECT_EQ(detail.size(), 256U);
  EXPECT_EQ(detail.substr(253), "...");
}

TEST_F(CombinationProbe, SaysNothingWhenDestroyed) {
  Prober prober(io_);
  bool is_gone = false;
  auto probe = prober.start(loopback(Protocol::all, 0, {.parts = {slow_, web_}}),
                            [&](auto) { EXPECT_FALSE(is_gone); });
  io_.run_for(5ms);
  is_gone = true;
  probe.reset();
  io_.run_for(50ms);
}

}  // namespace
}  // namespace holdfast::health
