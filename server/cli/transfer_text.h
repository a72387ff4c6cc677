#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace holdfast::server {

/// What /api/v1/transfers says, in tables. Throws std::exception where it is not of the form that this version sends.
std::string transfer_text(const boost::json::value& report);

/// Whether every secondary holds the last version, or was told of it just now. Throws as above.
bool is_transfer_fine(const boost::json::value& report);

}  // namespace holdfast::server
