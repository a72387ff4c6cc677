#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace holdfast::server {

/// Times are told in whole milliseconds: added to one that somebody copied, it includes what happened in that.
inline constexpr std::chrono::microseconds kRestOfMillisecond{999};

/// Reads a moment: "2026-03-01T12:00:00Z", with a fraction and another offset than Z too (RFC 3339), or by how long it is
/// over, "1h30m". Null for anything else.
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text,
                                                                std::chrono::system_clock::time_point now);

}  // namespace holdfast::server
