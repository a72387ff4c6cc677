#pragma once

#include "health/probe/probe.h"
#include "health/probe/tls_contexts.h"

namespace holdfast::health {

/// Waits for the banner of an SMTP server (RFC 5321), says EHLO and STARTTLS (RFC 3207) where the monitor wants that, and
/// QUIT. No mail is sent.
std::unique_ptr<Probe> start_smtp(boost::asio::io_context& io, TlsContexts& contexts, const Target& target,
                                  ProbeDone done);

}  // namespace holdfast::health
