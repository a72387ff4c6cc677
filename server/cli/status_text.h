#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace holdfast::server {

/// What GET /api/v1/status said, for people: lines of at most 100 characters. Throws std::exception where it is not of
/// the form that this version of holdfast sends.
std::string status_text(const boost::json::value& status);

/// True when all zones are served as they are on disk and no target is down. Throws as above.
bool is_fine(const boost::json::value& status);

}  // namespace holdfast::server
