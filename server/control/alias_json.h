#pragma once

#include <boost/json/fwd.hpp>

#include "server/alias_report.h"

namespace holdfast::server {

boost::json::object to_json(const AliasReport& report);

}  // namespace holdfast::server
