#pragma once

#include <vector>

#include "health/settings.h"
#include "server/live_names.h"
#include "zones/settings.h"
#include "zones/zone.h"

namespace holdfast::server {

// What a row of `live` comes to, with all that it names. The names of monitors and pools are there (config/check.cpp).

/// As the zone has it.
zones::LiveName live_name(const zones::LiveSettings& settings, zones::LiveIndex index,
                          const std::vector<zones::PoolSettings>& pools);

LiveDeclaration declare(const zones::LiveSettings& settings, const zones::Zone& zone, zones::LiveIndex index,
                        const std::vector<health::MonitorSettings>& monitors,
                        const std::vector<zones::PoolSettings>& pools);

/// The live names of a zone that is served on in its old version, with their monitors as they are now: a target that
/// several zones share is probed in one way.
void follow_monitors(std::vector<LiveDeclaration>& live,
                     const std::vector<health::MonitorSettings>& monitors);

}  // namespace holdfast::server
