#pragma once

#include "server/control/route.h"

namespace holdfast::server {

/// GET /api/v1/export: the zone file of what is served of a zone.
Reply export_zone(const Asked& asked);

}  // namespace holdfast::server
