#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "zones/text/difference.h"

namespace holdfast::server {

/// A line for each row: "- www.example. 300 IN A 192.0.2.1" is only in the first, "+ ..." only in the second.
std::string to_text(const zones::Difference& difference);

/// {"equal": false, "serials": [41, 42], "removed": [{"name", "ttl", "type", "data"}...], "added": [...]}
boost::json::object to_json(const zones::Difference& difference, zones::Serial first, zones::Serial second);

}  // namespace holdfast::server
