#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

inline constexpr std::size_t kHeaderLimit = 16 * 1024;  ///< octets of header lines that an answer may have
inline constexpr std::size_t kBodyLimit = 64 * 1024;    ///< octets of body that are read at most

/// One request over HTTP, with or without TLS, on a connection of its own. It goes to the target's address and nowhere
/// else; reading stops as soon as the outcome is settled.
std::unique_ptr<Probe> start_http(boost::asio::io_context& io, CurlLoop& curl, const Target& target,
                                  ProbeDone done);

}  // namespace holdfast::health
