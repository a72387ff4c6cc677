#include "health/agent/report.h"

#include <spdlog/fmt/fmt.h>

#include "health/probe/command.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

std::string milliseconds(std::string_view phase, std::chrono::microseconds time) {
  return fmt::format("{} {:.1f} ms", phase, static_cast<double>(time.count()) / 1000);
}

std::string phases(const Observation& seen) {
  auto text = milliseconds("connect", seen.connect);
  if (seen.tls.count() > 0) text += ", " + milliseconds("tls", seen.tls);
  if (seen.header.count() > 0) text += ", " + milliseconds("header", seen.header);
  if (seen.body.count() > 0) text += ", " + milliseconds("body", seen.body);
  return text + ", " + milliseconds("total", seen.total);
}

/// Where the probe went. An echo request goes to no port.
std::string place(const Target& target) {
  return target.monitor.type == Protocol::ping ? target.id.address.to_string() : address_and_port(target);
}

}  // namespace

std::string report(Verdict before, const TargetStatus& now) {
  auto line = fmt::format("{} {}: {} -> {}", now.target.id.monitor, place(now.target), text(before),
                          text(now.verdict));
  if (now.last) {
    line += fmt::format("; {}", text(now.last->outcome));
    if (!now.last->detail.empty()) line += fmt::format(" ({})", now.last->detail);
    line += fmt::format("; {}", phases(*now.last));
  }
  return line + "; by hand: " + command(now.target);
}

}  // namespace holdfast::health
