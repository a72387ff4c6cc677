#pragma once

#include <boost/json/object.hpp>

#include "health/log/entry.h"
#include "server/control/state.h"

namespace holdfast::server {

/// A page of the log as GET /api/v1/log tells it. What a probe does not say itself is as of now: who uses its target, and
/// the command that repeats it; null where nobody watches the target any more.
boost::json::object to_json(const health::LogPage& page, const ControlState& state);

}  // namespace holdfast::server
