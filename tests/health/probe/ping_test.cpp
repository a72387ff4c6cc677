#include "health/probe/ping.h"

#include <gtest/gtest.h>

#include "tests/health/probe/probe_once.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

// What does not answer is in tests/daemon/monitors_test.py, in a network of its own.

TEST(PingProbe, PassesWhereThereIsAnEcho) {
  boost::asio::io_context io;
  for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) {
    auto target = loopback(Protocol::ping, 0);
    target.id.address = boost::asio::ip::make_address(address);
    const auto seen = observe_once(io, target);
    EXPECT_EQ(text(seen), "passed") << address;
    EXPECT_GT(seen.header, 0us);
    EXPECT_EQ(seen.connect, 0us);
  }
}

TEST(PingProbe, ManyAtOncePass) {
  boost::asio::io_context io;
  Prober prober(io);
  std::vector<std::unique_ptr<Probe>> probes;
  int passed = 0;
  for (int i = 0; i < 100; ++i) {
    probes.push_back(prober.start(loopback(Protocol::ping, 0), [&](const ProbeResult& result) {
      const auto* seen = std::get_if<Observation>(&result);
      if (seen != nullptr && seen->passed() && ++passed == 100) io.stop();
    }));
  }
  io.run_for(60s);
  EXPECT_EQ(passed, 100);
}

}  // namespace
}  // namespace holdfast::health
