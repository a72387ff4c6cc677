#pragma once

#include "zones/live/pool.h"
#include "zones/settings.h"
#include "zones/zone.h"

namespace holdfast::server {

/// The zone's own records of its type at a live name, as the members of a pool: addresses, or groups whose parts are empty.
zones::Pool own_records(const zones::Zone& zone, const zones::LiveSettings& settings);

/// The port in an SRV record (RFC 2782).
std::uint16_t port_of(const zones::Group& srv);

}  // namespace holdfast::server
