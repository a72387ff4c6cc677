#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/settings.h"
#include "server/settings.h"
#include "zones/settings.h"

namespace holdfast::config {

/// One thing that is wrong (or doubtful) in a configuration file, with its place.
struct Problem {
  enum class Severity : std::uint8_t { warning, error };

  std::string file;
  std::uint32_t line = 0;    ///< from 1
  std::uint32_t column = 0;  ///< from 1
  Severity severity = Severity::error;
  std::string what;  ///< what is wrong, and what would be right

  /// `site.toml:14:12: pool "web": ttl: 0 s is outside 1 s .. 1 d`
  std::string text() const;
};

/// What a whole configuration file says. A value; every reference by name in it leads somewhere.
struct Config {
  server::ServerSettings server;
  std::optional<server::ControlSettings> control;
  std::vector<health::MonitorSettings> monitors;  ///< by name, unique
  std::vector<zones::PoolSettings> pools;         ///< by name, unique
  std::vector<zones::ZoneSettings> zones;         ///< by name, unique
};

struct Loaded {
  std::optional<Config> config;   ///< null when `problems` holds an error
  std::vector<Problem> problems;  ///< in the order of the file
};

/// Reads a file of at most 16 MiB. Relative paths in it are taken from its own directory.
Loaded load(const std::filesystem::path& file);
/// The same for a text; `name` stands for the file in messages, its directory for relative paths.
Loaded parse(std::string_view toml, const std::filesystem::path& name);

/// The reference page (Markdown) and a commented sample (TOML), both from the tables that `parse` reads by.
std::string reference();
std::string sample();

}  // namespace holdfast::config
