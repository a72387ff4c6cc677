#pragma once

#include <chrono>
#include <string>

namespace holdfast::health {

/// "2026-03-01 12:00:00 UTC"
std::string for_people(std::chrono::system_clock::time_point time);

/// RFC 3339 with milliseconds: 2026-03-01T12:00:00.250Z
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace holdfast::health
