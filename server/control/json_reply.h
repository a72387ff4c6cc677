#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

#include "server/control/route.h"

namespace holdfast::server {

Reply as_json(const boost::json::value& value, unsigned status = 200);
/// `{"error": "..."}`
Reply error(unsigned status, std::string_view text);

}  // namespace holdfast::server
