#pragma once

#include "server/control/route.h"

namespace holdfast::server {

/// GET /api/v1/explain. Reads the log where a moment is asked about that is over.
Reply explain(const Asked& asked);
/// Whether it does.
bool explains_past(const Asked& asked);
/// GET /api/v1/replay.
Reply replay(const Asked& asked);

}  // namespace holdfast::server
