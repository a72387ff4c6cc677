#include "health/agent/report.h"

#include <spdlog/fmt/fmt.h>

#include "health/probe/command.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

std::string milliseconds(std::string_view phase, std::chrono::microseconds time) {
  return fmt::format("{} {:.1f} ms", phase, static_cast<double>(time.count()) / 1000);
}

}  // namespace

std::string phases(const Observation& seen) {
  std::string text;
  const auto add = [&](std::string_view phase, std::chrono::microseconds time) {
    if (time.count() > 0) text += milliseconds(phase, time) + ", ";
  };
  add("connect", seen.connect);
  add("tls", seen.tls);
  add("header", seen.header);
  add("body", seen.body);
  return text + milliseconds("total", seen.total);
}

std::string report(Verdict before, const TargetStatus& now) {
  auto line = fmt::format("{} {}: {} -> {}", now.target.id.monitor, address_and_port(now.target),
                          text(before), text(now.verdict));
  if (now.last) {
    line += fmt::format("; {}", text(now.last->outcome));
    if (!now.last->detail.empty()) line += fmt::format(" ({})", now.last->detail);
    line += fmt::format("; {}", phases(*now.last));
  }
  return line + "; by hand: " + command(now.target);
}

}  // namespace holdfast::health
