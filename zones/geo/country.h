#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::zones {

enum class Continent : std::uint8_t {
  africa,
  antarctica,
  asia,
  europe,
  north_america,
  oceania,
  south_america
};

inline constexpr std::string_view kContinents[] = {"AF", "AN", "AS", "EU",
                                                   "NA", "OC", "SA"};  ///< by Continent
constexpr std::string_view text(Continent continent) {
  return kContinents[static_cast<std::size_t>(continent)];
}
/// "Europe"
std::string_view name_of(Continent continent) noexcept;
/// From its two letters, in either case.
std::optional<Continent> parse_continent(std::string_view text) noexcept;

/// A code of two letters, as ISO 3166-1 gives them to countries. Not every one is a country's. A value.
class Country {
 public:
  /// From two letters, in either case; nothing else is one.
  static std::optional<Country> parse(std::string_view text) noexcept;

  /// Where the country is; nothing for a code that is no country's. Kosovo's XK, which ISO 3166 leaves to its users, is
  /// known, since databases have it.
  std::optional<Continent> continent() const noexcept;
  /// "DE"
  std::string text() const;
  /// A number of its own, below kCodes.
  std::size_t index() const noexcept { return index_; }
  static constexpr std::size_t kCodes = 26 * 26;

  auto operator<=>(const Country&) const = default;

 private:
  explicit Country(std::uint16_t index) noexcept : index_(index) {}
  std::uint16_t index_;  // alphabetical
};

/// What is wrong with a text that should be a country's code: `"UK" is not a country of ISO 3166; did you mean "GB"?`.
/// Empty: it is one.
std::string wrong_country(std::string_view text);
/// The same for a continent's code.
std::string wrong_continent(std::string_view text);

}  // namespace holdfast::zones
