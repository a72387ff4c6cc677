#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/checks.h"
#include "health/notify/delivery.h"
#include "health/utc.h"
#include "server/control/seconds.h"
#include "server/status.h"

namespace holdfast::server {

using health::rfc3339;

// Parts of values: text as valid UTF-8; likewise, or null where it is empty; likewise, of each; a time, or null where
// there is none.
boost::json::string utf8(std::string_view text);
boost::json::value or_null(std::string_view text);
boost::json::array all_of(const std::vector<std::string>& texts);
boost::json::value time_or_null(const std::optional<std::chrono::system_clock::time_point>& time);

// The values of the API. Times are RFC 3339, durations seconds, what is not there is null. All text is valid UTF-8,
// whatever a probed server sent: what is not becomes U+FFFD.
boost::json::object to_json(const ZoneStatus& zone);
boost::json::object to_json(const ZoneTotals& totals);
boost::json::array to_json(const std::vector<LiveNameStatus>& names);
boost::json::array to_json(const std::vector<health::MergedStatus>& targets);
boost::json::object to_json(const ReloadReport& report);
boost::json::object to_json(const health::Observation& seen);
boost::json::object to_json(const health::Delivery& delivery);
boost::json::object to_json(const health::NotifyStatus& status);
/// @param now  for ages
boost::json::object to_json(const health::MeetingStatus& status, std::chrono::steady_clock::time_point now);

}  // namespace holdfast::server
