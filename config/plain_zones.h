#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace holdfast::config {

/// A configuration without the sections that need no toml++, which takes ten times as long for them.
struct PlainZones {
  std::string rest;  ///< the text without them; what is left stands in the line where it was
  std::vector<zones::ZoneSettings> zones;  ///< in the order of the file; perhaps with the same name twice
};

/// Takes out sections [[zone]] that are as programs write them: a `name`, a `file` or `primaries`, and perhaps `secondaries`
/// and `catalog`, each in a line and right by itself, and nothing else but comments. The first of several in a row stays, so that `rest` is TOML only when the text is.
///
/// @param directory  of relative paths
/// @return null when there is no such section, or it is not certain where one begins
std::optional<PlainZones> take_plain_zones(std::string_view text, const std::filesystem::path& directory);

/// Whether the peers that they name are such as they may name, by what the rest of the file says.
bool have_right_peers(std::span<const zones::ZoneSettings> plain, const Config& config);
/// Likewise with catalogs; and none of them is the zone of one.
bool have_right_catalogs(std::span<const zones::ZoneSettings> plain, const Config& config);
/// The peers that they name; the catalogs.
std::set<std::string, std::less<>> peers_of(std::span<const zones::ZoneSettings> plain);
std::set<std::string, std::less<>> catalogs_of(std::span<const zones::ZoneSettings> plain);

}  // namespace holdfast::config
