#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "health/target.h"

namespace holdfast::health {

/// How a probe ended: a fixed list, the same in logs, metrics and API; config/reference.md explains it.
enum class Outcome : std::uint8_t {
  passed,
  connect_timeout,
  refused,
  reset,
  unreachable,
  tls_handshake,  ///< the detail says: expired or soon, name mismatch, unknown issuer, protocol, no STARTTLS
  header_timeout,
  bad_status,  ///< the detail has the code; for a redirect the Location too
  body_timeout,
  expect_missing,
  bad_banner,  ///< an SMTP server said what it should not: the detail has it
  ping_timeout,
  dns_error,    ///< the detail has the rcode
  exec_failed,  ///< the detail has the exit code or signal, and the first line of what the program wrote
};
inline constexpr std::size_t kOutcomes = 14;

/// "passed", "connect_timeout", ...
std::string_view text(Outcome outcome) noexcept;

/// What one probe saw. A value: copy it, print it, send it between threads.
struct Observation {
  TargetId target;
  Outcome outcome = Outcome::passed;
  std::string
      detail;  ///< for people: "302 to https://example.com/", "certificate expired 2026-01-02"; may be empty

  // How long each phase took, from the start of the probe's own clock; 0: not reached.
  std::chrono::microseconds connect{};  ///< TCP
  std::chrono::microseconds tls{};      ///< the handshake alone
  std::chrono::microseconds header{};   ///< from the request sent to the last header line, banner, reply
  std::chrono::microseconds body{};     ///< from there to the end
  std::chrono::microseconds total{};

  std::chrono::steady_clock::time_point ended{};      ///< for arithmetic
  std::chrono::system_clock::time_point wall_time{};  ///< for people

  bool passed() const noexcept { return outcome == Outcome::passed; }
};

}  // namespace holdfast::health
