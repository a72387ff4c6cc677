#pragma once

#include "config/config.h"
#include "health/notify/routes.h"

namespace holdfast::server {

/// Who is told of what, as the configuration says: pools and live names are called as in Event::used_by.
health::Routes routes_of(const config::Config& config);

}  // namespace holdfast::server
