#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zones/geo/coordinates.h"
#include "zones/geo/country.h"
#include "zones/geo/prefix.h"

namespace holdfast::zones {

/// Where the addresses of a prefix are. What is not known is absent.
struct PlaceRecord {
  std::optional<Country> country{};
  std::optional<Continent> continent{};
  std::optional<Coordinates> coordinates{};

  bool operator==(const PlaceRecord&) const = default;
};

/// What a file in MaxMind's format says. A value.
struct Database {
  struct Entry {
    Prefix prefix;
    std::uint32_t record = 0;  ///< index into `records`
  };

  std::string type;                             ///< as it calls itself: "GeoLite2-City"
  std::chrono::system_clock::time_point built;  ///< as it says
  std::vector<PlaceRecord> records;             ///< each of the file once
  std::vector<Entry> entries;                   ///< no prefix is in another one
};

struct ReadDatabase {
  std::optional<Database> database;
  std::string error{};  ///< where, what, and what to do, when there is no database
};

inline constexpr std::size_t kMaxDatabaseSize = std::size_t{1} << 30;     ///< octets of one file
inline constexpr std::size_t kMaxDatabaseEntries = std::size_t{1} << 24;  ///< prefixes

/// Reads the file of a database with the layout of MaxMind (country.iso_code, continent.code, location.latitude and
/// .longitude) or of ip-location-db (country_code). Never throws for what a file can contain, and keeps no hold of it.
///
/// IPv4 is read once, where a database of IPv6 has it under ::/96; other places that lead to the same part of the tree
/// (::ffff:0:0/96, 2002::/16) are left out, as is what they say of IPv6 addresses.
ReadDatabase read_database(const std::string& path);

/// The same for a file that is in memory already; `name` is what an error calls it.
ReadDatabase read_database(std::string_view octets, const std::string& name);

}  // namespace holdfast::zones
