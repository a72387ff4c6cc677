#include "health/observation.h"

namespace holdfast::health {

std::string_view text(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::connect_timeout: return "connect_timeout";
    case Outcome::refused: return "refused";
    case Outcome::reset: return "reset";
    case Outcome::unreachable: return "unreachable";
    case Outcome::tls_handshake: return "tls_handshake";
    case Outcome::header_timeout: return "header_timeout";
    case Outcome::bad_status: return "bad_status";
    case Outcome::body_timeout: return "body_timeout";
    case Outcome::expect_missing: return "expect_missing";
    case Outcome::bad_banner: return "bad_banner";
    case Outcome::ping_timeout: return "ping_timeout";
    case Outcome::dns_error: return "dns_error";
    case Outcome::exec_failed: return "exec_failed";
  }
  return "?";
}

}  // namespace holdfast::health
