#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace holdfast::server {

/// What GET /api/v1/explain said, for people. Throws std::exception where it is not of the form that this version of
/// holdfast sends.
std::string explain_text(const boost::json::value& explanations);

}  // namespace holdfast::server
