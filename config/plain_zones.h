#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zones/settings.h"

namespace holdfast::config {

/// A configuration without the sections that need no toml++, which takes ten times as long for them.
struct PlainZones {
  std::string rest;  ///< the text without them; what is left stands in the line where it was
  std::vector<zones::ZoneSettings> zones;  ///< in the order of the file; perhaps with the same name twice
};

/// Takes out sections [[zone]] that are as programs write them: a `name` and a `file`, each in a line and right, and
/// nothing else but comments. The first of several in a row stays, so that `rest` is TOML only when the text is.
///
/// @param directory  of relative paths
/// @return null when there is no such section, or it is not certain where one begins
std::optional<PlainZones> take_plain_zones(std::string_view text, const std::filesystem::path& directory);

}  // namespace holdfast::config
