#pragma once

#include <boost/json/fwd.hpp>

#include "server/overrides.h"

namespace holdfast::server {

boost::json::object to_json(const health::Override& override_);
/// Of what was done; of what was not `error` alone.
boost::json::object to_json(const OverrideAnswer& answer);

}  // namespace holdfast::server
