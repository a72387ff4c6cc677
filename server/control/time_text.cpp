#include "server/control/time_text.h"

#include <charconv>

#include "config/duration.h"

namespace holdfast::server {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::chrono::hours kLongestAgo{24 * 36500};  // a hundred years: far from an overflow

/// Takes a number of `digits` digits from the beginning.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int number = 0;
  const std::string_view taken = text.substr(0, digits);
  if (taken.size() != digits || taken.find_first_not_of("0123456789") != taken.npos) return std::nullopt;
  std::from_chars(taken.data(), taken.data() + taken.size(), number);
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// "hh:mm"
std::optional<std::chrono::minutes> take_hours_and_minutes(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

/// ".250"; what is finer than microseconds is left out.
std::optional<microseconds> take_fraction(std::string_view& text) {
  microseconds fraction{0};
  if (!take(text, '.')) return fraction;
  std::int64_t unit = 100'000;
  bool has_digit = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    fraction += microseconds((text.front() - '0') * unit);
    unit /= 10;
    text.remove_prefix(1);
    has_digit = true;
  }
  return has_digit ? std::optional(fraction) : std::nullopt;
}

/// "Z", "+01:00"
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes(0);
  const bool is_west = !text.empty() && text.front() == '-';
  if (!is_west && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const auto offset = take_hours_and_minutes(text);
  return offset && is_west ? -*offset : offset;
}

std::optional<system_clock::time_point> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  const auto minutes = take_hours_and_minutes(text);
  if (!date.ok() || *year < 1970 || *year > 2199 || !minutes || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return std::chrono::sys_days(date) + *minutes + std::chrono::seconds(*second) + *fraction - *offset;
}

}  // namespace

std::optional<system_clock::time_point> parse_time(std::string_view text, system_clock::time_point now) {
  if (const auto ago = config::parse_duration(text)) {
    if (*ago > kLongestAgo) return std::nullopt;
    return now - *ago;
  }
  return parse_rfc3339(text);
}

}  // namespace holdfast::server
