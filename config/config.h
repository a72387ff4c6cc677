#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/notify/settings.h"
#include "health/settings.h"
#include "server/settings.h"
#include "zones/alias/settings.h"
#include "zones/settings.h"

namespace holdfast::config {

/// One thing that is wrong (or doubtful) in a configuration file, with its place.
struct Problem {
  enum class Severity : std::uint8_t { warning, error };

  std::string file;
  std::uint32_t line = 0;    ///< from 1; 0: the file as a whole
  std::uint32_t column = 0;  ///< from 1, in characters
  Severity severity = Severity::error;
  std::string what;  ///< what is wrong, and what would be right

  /// `site.toml:14:12: pool "web": ttl: "0s" is outside 1s .. 1d`; warnings say so after the place.
  std::string text() const;
};

/// What a whole configuration file says. A value; every reference by name in it leads somewhere.
struct Config {
  server::ServerSettings server;
  std::optional<server::ControlSettings> control;
  health::LogSettings log;
  health::SelfSettings self;
  std::optional<health::StoreSettings> store;       ///< null: nothing is shared with other processes
  std::vector<health::LocationSettings> locations;  ///< by name, unique
  std::vector<health::AgentSettings>
      agents;  ///< by name, unique; none: only ours counts; none without a store
  std::optional<zones::GeoSettings> geo;
  std::vector<zones::ClientsSettings> clients;      ///< by name, unique; each names one of `locations`
  std::optional<zones::ResolverSettings> resolver;  ///< null: nobody is asked for anything
  health::ProbeSettings probes;
  std::vector<health::MonitorSettings> monitors;  ///< by name, unique
  std::vector<zones::PoolSettings> pools;         ///< by name, unique
  std::vector<zones::KeySettings> keys;           ///< by name, unique
  std::vector<zones::PeerSettings> peers;         ///< by name, unique
  std::vector<zones::CatalogSettings> catalogs;   ///< by name, unique
  std::vector<zones::ZoneSettings> zones;         ///< by name, unique; those of catalogs are among them
  health::NotifySettings notify;
  std::vector<health::ContactSettings> contacts;  ///< by name, unique
};

struct Loaded {
  std::optional<Config> config;  ///< null when `problems` holds an error
  std::vector<Problem>
      problems;  ///< in the order of the file; at most kMaxProblems, the rest is counted in the last
};

inline constexpr std::size_t kMaxProblems = 1000;
inline constexpr std::size_t kMaxFile = 16U << 20;  ///< octets
inline constexpr std::size_t kMaxNesting = 32;      ///< of brackets and braces, and parts of a dotted key

/// Reads a file of at most kMaxFile octets. Relative paths in it are taken from its own directory.
Loaded load(const std::filesystem::path& file);
/// The same for a text; `name` stands for the file in messages, its directory for relative paths.
Loaded parse(std::string_view toml, const std::filesystem::path& name);

/// The reference page (Markdown) and a commented sample (TOML), both from the tables that `parse` reads by.
std::string reference();
std::string sample();

}  // namespace holdfast::config
