#pragma once

#include "health/probe/probe.h"
#include "health/probe/tls_contexts.h"

namespace holdfast::health {

/// Connects to the target, shakes hands over TLS, and closes.
std::unique_ptr<Probe> start_tls(boost::asio::io_context& io, TlsContexts& contexts, const Target& target,
                                 ProbeDone done);

}  // namespace holdfast::health
