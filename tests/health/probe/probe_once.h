#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "health/probe/probe.h"

namespace holdfast::health {

/// A monitor that says nothing of its timeout has a minute: what must pass here passes on a slow machine, too.
inline Target loopback(Protocol type, std::uint16_t port, MonitorSettings monitor = {}) {
  monitor.name = "web";
  monitor.type = type;
  monitor.port = port;
  if (monitor.timeout == MonitorSettings().timeout) monitor.timeout = std::chrono::minutes(1);
  return {{"web", boost::asio::ip::address_v4::loopback()}, std::move(monitor)};
}

/// Runs `io`, and what else lives on it, until the probe has ended.
inline ProbeResult probe_once(boost::asio::io_context& io, const Target& target) {
  std::optional<ProbeResult> result;
  Prober prober(io);
  const auto probe = prober.start(target, [&](ProbeResult seen) {
    result = std::move(seen);
    io.stop();
  });
  EXPECT_FALSE(result) << "the callback must not come from within start()";
  io.restart();
  io.run();
  return *result;
}

inline Observation observe_once(boost::asio::io_context& io, const Target& target) {
  auto result = probe_once(io, target);
  if (const auto* not_run = std::get_if<NotRun>(&result)) {
    ADD_FAILURE() << "not run: " << not_run->why;
    return {};
  }
  return std::get<Observation>(std::move(result));
}

/// "passed 200", "refused Connection refused": outcome and detail in one.
inline std::string text(const Observation& seen) {
  return std::string(text(seen.outcome)) + (seen.detail.empty() ? "" : ' ' + seen.detail);
}

}  // namespace holdfast::health
