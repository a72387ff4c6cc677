#include "health/notify/quiet.h"

#include <algorithm>
#include <ctime>

namespace holdfast::health {
namespace {

using std::chrono::seconds;

constexpr int kDay = 24 * 60 * 60;  // s

/// "07:30" in minutes.
std::optional<unsigned> parse_minute(std::string_view text) {
  const auto digit = [&](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (digit(i) > 9) return std::nullopt;
  }
  const unsigned hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

int second_of_day(TimeZone zone, std::chrono::system_clock::time_point now) {
  const std::time_t time = std::chrono::system_clock::to_time_t(now);
  std::tm broken{};
  if (zone == TimeZone::utc) {
    gmtime_r(&time, &broken);
  } else {
    localtime_r(&time, &broken);
  }
  return (broken.tm_hour * 60 + broken.tm_min) * 60 + std::min(broken.tm_sec, 59);
}

}  // namespace

std::optional<QuietTime> parse_quiet_time(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto begin = parse_minute(text.substr(0, 5)), end = parse_minute(text.substr(6));
  if (!begin || !end || *begin == *end) return std::nullopt;
  return QuietTime{*begin, *end};
}

seconds quiet_left(std::span<const QuietTime> quiet, TimeZone zone,
                   std::chrono::system_clock::time_point now) {
  if (quiet.empty()) return seconds(0);
  const int second = second_of_day(zone, now);
  int longest = 0;
  for (const QuietTime& time : quiet) {
    const int begin = static_cast<int>(time.begin) * 60, end = static_cast<int>(time.end) * 60;
    const int length = (end - begin + kDay) % kDay, passed = (second - begin + kDay) % kDay;
    longest = std::max(longest, length - passed);
  }
  return seconds(longest);
}

}  // namespace holdfast::health
