#include "zones/load/ttl.h"

#include <limits>

#include "zones/dns/name.h"

namespace holdfast::zones {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t seconds_of(char unit) {
  switch (lower(static_cast<std::uint8_t>(unit))) {
    case 'w': return 604800;
    case 'd': return 86400;
    case 'h': return 3600;
    case 'm': return 60;
    case 's': return 1;
    default: return 0;
  }
}

}  // namespace

std::optional<std::uint64_t> parse_ttl(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      const auto digit = static_cast<std::uint64_t>(text[digits] - '0');
      number = number > (kMost - digit) / 10 ? kMost : number * 10 + digit;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    std::uint64_t unit = 1;
    if (!text.empty()) {
      unit = seconds_of(text[0]);
      if (unit == 0) return std::nullopt;
      text.remove_prefix(1);
    }
    const std::uint64_t part = number > kMost / unit ? kMost : number * unit;
    sum = sum > kMost - part ? kMost : sum + part;
  }
  return sum;
}

}  // namespace holdfast::zones
