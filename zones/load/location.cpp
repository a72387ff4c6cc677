#include "zones/load/location.h"

namespace holdfast::zones {
namespace {

/// Digits, perhaps with a fraction; the whole part at most `most`.
bool is_decimal(std::string_view text, std::uint64_t most) {
  const std::size_t dot = text.find('.');
  if (dot != text.npos && text.find_first_not_of("0123456789", dot + 1) != text.npos) return false;
  return parse_number(text.substr(0, dot), most).has_value();
}

/// Takes degrees, minutes, seconds and a hemisphere, of which minutes and seconds may be missing, and appends all four.
std::string coordinate(std::span<const Token>& tokens, std::string_view hemispheres, unsigned most_degrees,
                       std::string& text) {
  std::size_t numbers = 0;
  for (; !tokens.empty(); tokens = tokens.subspan(1)) {
    const std::string_view item = tokens[0].text;
    const auto letter = static_cast<char>(item.size() == 1 ? item[0] & ~0x20 : 0);
    if (letter != 0 && numbers > 0 && hemispheres.find(letter) != hemispheres.npos) {
      for (; numbers < 3; ++numbers) text += "0 ";
      text += std::string(1, letter) + " ";
      tokens = tokens.subspan(1);
      return {};
    }
    const bool fits = numbers == 2 ? is_decimal(item, 59)
                                   : numbers < 2 && parse_number(item, numbers == 0 ? most_degrees : 59);
    if (!fits) return show(item) + " is not part of a coordinate, like 52 22 23.5 N (RFC 1876 3)";
    text += std::string(item) + " ";
    ++numbers;
  }
  return "a coordinate is missing (RFC 1876 3)";
}

}  // namespace

// ldns skips over what it does not understand, and carries the minutes of one coordinate to the next, so it gets a
// checked and complete text.
std::string encode_location(std::span<const Token> tokens, RdataWriter& out) {
  constexpr std::uint64_t kLowest = 99'999;       // metres below sea level; the form ends at 100000.00
  constexpr std::uint64_t kHighest = 42'849'671;  // metres above
  constexpr std::uint64_t kLargest = 90'000'000;  // metres of size and precision
  std::string text;
  if (std::string wrong = coordinate(tokens, "NS", 90, text); !wrong.empty()) return wrong;
  if (std::string wrong = coordinate(tokens, "EW", 180, text); !wrong.empty()) return wrong;
  if (tokens.empty() || tokens.size() > 4) {
    return "after the coordinates come an altitude and up to three lengths (RFC 1876 3)";
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string_view metres = tokens[i].text;
    if (metres.ends_with('m') || metres.ends_with('M')) metres.remove_suffix(1);
    const bool below = i == 0 && metres.starts_with('-');
    if (!is_decimal(metres.substr(below ? 1 : 0), i > 0 ? kLargest : below ? kLowest : kHighest)) {
      return show(tokens[i].text) + " is not a length in metres, like 24.5m (RFC 1876 3)";
    }
    text += std::string(i > 0 ? " " : "") + std::string(metres) + "m";
  }
  return out.by_ldns(LDNS_RDF_TYPE_LOC, text);
}

}  // namespace holdfast::zones
