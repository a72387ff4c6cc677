#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "health/notify/settings.h"

namespace holdfast::health {

/// "22:00-07:00"; null when it is none: hours 00 to 23, two digits each, another end than beginning.
std::optional<QuietTime> parse_quiet_time(std::string_view text);

/// How long it is quiet yet; 0 when it is not. Of several times that overlap the one that lasts longest counts. Where the
/// clocks of the zone are changed meanwhile, it is an hour off until it is asked again.
std::chrono::seconds quiet_left(std::span<const QuietTime> quiet, TimeZone zone,
                                std::chrono::system_clock::time_point now);

}  // namespace holdfast::health
