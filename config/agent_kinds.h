#pragma once

#include "config/kinds.h"

/// The kinds of values that say where agents are, how they agree, and where they meet; see kinds.h.
namespace holdfast::config {

/// A coordinate from -most to most.
struct Degrees {
  using Value = std::optional<double>;
  double most;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const Value& value);
  std::string range() const;
};

/// A rule by its word, or a number of locations.
struct QuorumRule {
  using Value = health::Quorum;
  std::int64_t most;

  std::optional<health::Quorum> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const health::Quorum& value);
  std::string range() const;
};

/// The URL of a member of etcd: scheme, host and port.
struct StoreUrl {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return toml_string(value); }
  static std::string range() { return "URL of http or https, with a port"; }
};

/// What the keys in a store begin with.
struct KeyPrefix {
  using Value = std::string;
  std::size_t most;  ///< octets

  std::optional<std::string> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const std::string& value) { return toml_string(value); }
  std::string range() const;
};

}  // namespace holdfast::config
