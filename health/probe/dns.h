#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

/// Asks the target one question over UDP, and again over TCP when the answer does not fit.
std::unique_ptr<Probe> start_dns(boost::asio::io_context& io, const Target& target, ProbeDone done);

}  // namespace holdfast::health
