#include "zones/geo/country.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace holdfast::zones {
namespace {

constexpr std::string_view kNames[] = {"Africa",        "Antarctica", "Asia",         "Europe",
                                       "North America", "Oceania",    "South America"};  // by Continent

// The countries of each. A country on two of them is where MaxMind's databases have it.
constexpr std::string_view kAfrica =
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG "
    "ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW";
constexpr std::string_view kAntarctica = "AQ BV GS HM TF";
constexpr std::string_view kAsia =
    "AE AF AM AZ BD BH BN BT CC CN CX CY GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB "
    "LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE";
constexpr std::string_view kEurope =
    "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT "
    "LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK";
constexpr std::string_view kNorthAmerica =
    "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI "
    "PA PM PR SV SX TC TT US VC VG VI";
constexpr std::string_view kOceania =
    "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS";
constexpr std::string_view kSouthAmerica = "AR BO BR CL CO EC FK GF GY PE PY SR UY VE";
constexpr std::string_view kCountries[] = {kAfrica,       kAntarctica, kAsia,        kEurope,
                                           kNorthAmerica, kOceania,    kSouthAmerica};  // by Continent

constexpr std::uint8_t kNone = 0xff;

constexpr std::size_t index_of(char first, char second) {
  return static_cast<std::size_t>(first - 'A') * 26 + static_cast<std::size_t>(second - 'A');
}

/// The continent of every code.
constexpr auto kContinentOf = [] {
  std::array<std::uint8_t, Country::kCodes> continents{};
  continents.fill(kNone);
  for (std::size_t continent = 0; continent < std::size(kCountries); ++continent) {
    const std::string_view codes = kCountries[continent];
    for (std::size_t i = 0; i < codes.size(); i += 3)
      continents[index_of(codes[i], codes[i + 1])] = static_cast<std::uint8_t>(continent);
  }
  return continents;
}();

constexpr bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
constexpr char upper(char c) { return static_cast<char>(c & ~0x20); }

/// Codes that people write for countries that have another.
constexpr std::pair<std::string_view, std::string_view> kMeant[] = {{"UK", "GB"}, {"EL", "GR"}};

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

std::string_view name_of(Continent continent) noexcept { return kNames[static_cast<std::size_t>(continent)]; }

std::optional<Continent> parse_continent(std::string_view text) noexcept {
  if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) return {};
  const char code[] = {upper(text[0]), upper(text[1])};
  const auto* const found =
      std::find(std::begin(kContinents), std::end(kContinents), std::string_view(code, 2));
  if (found == std::end(kContinents)) return {};
  return static_cast<Continent>(found - std::begin(kContinents));
}

std::optional<Country> Country::parse(std::string_view text) noexcept {
  if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) return {};
  return Country(static_cast<std::uint16_t>(index_of(upper(text[0]), upper(text[1]))));
}

std::optional<Continent> Country::continent() const noexcept {
  const std::uint8_t continent = kContinentOf[index_];
  if (continent == kNone) return {};
  return static_cast<Continent>(continent);
}

std::string Country::text() const {
  return {static_cast<char>('A' + index_ / 26), static_cast<char>('A' + index_ % 26)};
}

std::string wrong_country(std::string_view text) {
  const auto country = Country::parse(text);
  if (country && country->continent()) return {};
  std::string what = quoted(text) + " is not a country of ISO 3166";
  if (!country) return what + ", whose codes have two letters, like \"DE\"";
  const auto* const meant = std::find_if(std::begin(kMeant), std::end(kMeant),
                                         [&](const auto& one) { return one.first == country->text(); });
  if (meant != std::end(kMeant)) return what + "; did you mean " + quoted(meant->second) + "?";
  if (parse_continent(text)) return what + ", but a continent";
  return what;
}

std::string wrong_continent(std::string_view text) {
  if (parse_continent(text)) return {};
  std::string what = quoted(text) + " is not a continent; there are:";
  for (std::size_t i = 0; i < std::size(kContinents); ++i) {
    what += (i == 0 ? " " : ", ") + quoted(kContinents[i]) + " (" + std::string(kNames[i]) + ")";
  }
  return what;
}

}  // namespace holdfast::zones
