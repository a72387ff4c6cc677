#include "health/probe/connect_error.h"

#include <cerrno>

namespace holdfast::health {

std::optional<Outcome> connect_error(int error) noexcept {
  switch (error) {
    case ECONNREFUSED: return Outcome::refused;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE: return Outcome::reset;
    case ETIMEDOUT: return Outcome::connect_timeout;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EACCES:  // IPv6: a filter on the way, by ICMP
    case EPROTO:
    case ENOPROTOOPT: return Outcome::unreachable;
    default: return std::nullopt;
  }
}

}  // namespace holdfast::health
