#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace holdfast::server {

/// One entry of what GET /api/v1/log said, for people: a line, and below that of a transition how to repeat the check by
/// hand. Throws std::exception where it is not of the form that this version of holdfast sends.
std::string log_text(const boost::json::value& entry);

}  // namespace holdfast::server
