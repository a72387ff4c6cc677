#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

/// Connects to the target. Then sends and looks for what the monitor says, if it says anything, and closes.
std::unique_ptr<Probe> start_tcp(boost::asio::io_context& io, const Target& target, ProbeDone done);

}  // namespace holdfast::health
