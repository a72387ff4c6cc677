#pragma once

#include <boost/json/fwd.hpp>

#include "server/transfer/report.h"

namespace holdfast::server {

boost::json::object to_json(const TransferReport& report);

}  // namespace holdfast::server
