#include "config/duration.h"

#include <charconv>

namespace holdfast::config {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  std::chrono::milliseconds length;
};
constexpr Unit kUnits[] = {{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}};
constexpr std::size_t kMaxDigits = 9;  // of days: far from an overflow

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::chrono::milliseconds sum{0};
  const Unit* unit = std::begin(kUnits);
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kMaxDigits) return std::nullopt;
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + digits, number);
    text.remove_prefix(digits);

    const std::string_view name = text.substr(0, std::min(text.find_first_of("0123456789"), text.size()));
    while (unit != std::end(kUnits) && unit->name != name) ++unit;
    if (unit == std::end(kUnits)) return std::nullopt;
    sum += number * unit->length;
    ++unit;
    text.remove_prefix(name.size());
  }
  return sum;
}

std::string text(std::chrono::milliseconds duration) {
  if (duration == 0ms) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (duration >= unit.length) text += std::to_string(duration / unit.length).append(unit.name);
    duration %= unit.length;
  }
  return text;
}

}  // namespace holdfast::config
