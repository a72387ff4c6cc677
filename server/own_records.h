#pragma once

#include "zones/live/pool.h"
#include "zones/settings.h"
#include "zones/zone.h"

namespace holdfast::server {

/// The zone's own A and AAAA records at a live name, as the members of a pool.
zones::Pool own_records(const zones::Zone& zone, const zones::LiveSettings& settings);

}  // namespace holdfast::server
