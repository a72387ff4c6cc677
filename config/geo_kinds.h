#pragma once

#include "config/kinds.h"
#include "zones/geo/country.h"
#include "zones/geo/prefix.h"

/// The kinds of values that say where clients are; see kinds.h.
namespace holdfast::config {

/// A country by its code (ISO 3166-1 alpha-2).
struct CountryCode {
  using Value = zones::Country;
  static std::optional<zones::Country> read(const toml::node& node, const Scope& scope);
  static std::string toml(const zones::Country& value) { return toml_string(value.text()); }
  static std::string range() { return "country code of two letters"; }
};

/// A continent by its code.
struct ContinentCode {
  using Value = zones::Continent;
  static std::optional<zones::Continent> read(const toml::node& node, const Scope& scope);
  static std::string toml(zones::Continent value) { return toml_string(zones::text(value)); }
  static std::string range();
};

/// A network such as "192.0.2.0/24".
struct Network {
  using Value = zones::Prefix;
  static std::optional<zones::Prefix> read(const toml::node& node, const Scope& scope);
  static std::string toml(const zones::Prefix& value) { return toml_string(value.text()); }
  static std::string range() { return "network such as `192.0.2.0/24`"; }
};

}  // namespace holdfast::config
