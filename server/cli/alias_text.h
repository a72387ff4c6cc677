#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace holdfast::server {

/// What /api/v1/aliases says, in tables.
std::string alias_text(const boost::json::value& report);

/// Whether nothing of it is stale or failed.
bool is_alias_fine(const boost::json::value& report);

}  // namespace holdfast::server
