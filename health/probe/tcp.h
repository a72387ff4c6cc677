#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

/// Connects, and passes when the connection stands. Nothing is sent or read.
std::unique_ptr<Probe> start_tcp(boost::asio::io_context& io, const Target& target, ProbeDone done);

}  // namespace holdfast::health
