#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

/// Sends one ICMP or ICMPv6 echo request and waits for its reply. Through a socket of the kernel's for that where the
/// system lets us have one (net.ipv4.ping_group_range), else a raw one (CAP_NET_RAW); where neither, it is not run.
std::unique_ptr<Probe> start_ping(boost::asio::io_context& io, const Target& target, ProbeDone done);

}  // namespace holdfast::health
