#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace holdfast::server {

/// The answer of GET /api/v1/replay for people: what would have been different, and how sure that is.
std::string replay_text(const boost::json::value& replayed);

}  // namespace holdfast::server
