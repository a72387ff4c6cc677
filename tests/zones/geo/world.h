#pragma once

#include <string_view>
#include <vector>

#include "zones/geo/region.h"

namespace holdfast::zones::testing {

inline Country country(std::string_view code) { return Country::parse(code).value(); }
inline Prefix prefix(std::string_view text) { return Prefix::parse(text).prefix.value(); }

enum : RegionIndex { kEurope, kWest, kCork, kDublin, kMunich, kAmerica, kOregon, kOffice };

/// europe (west (cork, dublin), munich), america (oregon), office
inline std::vector<Region> world() {
  return {
      {.name = "europe", .continents = {Continent::europe}, .coordinates = Coordinates{50, 10}},
      {.name = "west", .parent = kEurope, .countries = {country("GB"), country("FR")}},
      {.name = "cork", .parent = kWest, .countries = {country("IE")}, .coordinates = Coordinates{51.9, -8.5}},
      {.name = "dublin", .parent = kWest, .coordinates = Coordinates{53.3, -6.3}},
      {.name = "munich",
       .parent = kEurope,
       .countries = {country("DE")},
       .coordinates = Coordinates{48.1, 11.6}},
      {.name = "america", .continents = {Continent::north_america}},
      {.name = "oregon", .parent = kAmerica, .coordinates = Coordinates{45.8, -119.7}},
      {.name = "office", .networks = {prefix("192.0.2.0/24"), prefix("2001:db8::/32")}},
  };
}

}  // namespace holdfast::zones::testing
