#pragma once

#include "health/settings.h"
#include "server/settings.h"

namespace holdfast::config {

/// Whether a probe of this address, or a part of it, would talk to our own listener of [control].
bool reaches(const server::ControlSettings& control, const health::MonitorSettings& monitor,
             const boost::asio::ip::address& address);

}  // namespace holdfast::config
