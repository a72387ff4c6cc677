#include "config/size.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace holdfast::config {
namespace {

struct SizeUnit {
  std::string_view name;
  unsigned shift;
};
constexpr SizeUnit kSizeUnits[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
constexpr std::size_t kMaxSizeDigits = 9;  // of GiB: far from an overflow

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > kMaxSizeDigits) return std::nullopt;
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + digits, number);
  const auto unit = std::find_if(std::begin(kSizeUnits), std::end(kSizeUnits),
                                 [&](const SizeUnit& one) { return one.name == text.substr(digits); });
  if (unit == std::end(kSizeUnits)) return std::nullopt;
  return number << unit->shift;
}

std::string size_text(std::uint64_t octets) {
  const auto unit = std::find_if(
      std::begin(kSizeUnits), std::prev(std::end(kSizeUnits)),
      [&](const SizeUnit& one) { return octets != 0 && octets % (std::uint64_t{1} << one.shift) == 0; });
  return std::to_string(octets >> unit->shift).append(unit->name);
}

}  // namespace holdfast::config
