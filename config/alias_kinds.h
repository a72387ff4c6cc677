#pragma once

#include "config/kinds.h"

/// The kinds of values that say what live names lead to, or are made of; see kinds.h.
namespace holdfast::config {

/// One domain name that stands for itself, whatever zone it is written in. The final dot may be missing, as people leave it
/// out in what they copy. The root is none.
struct WholeName {
  using Value = zones::Name;

  static std::optional<zones::Name> read(const toml::node& node, const Scope& scope);
  static std::string toml(const zones::Name& name) {
    return name.view().is_root() ? "" : DomainName::toml(name);
  }
  static std::string range() { return "whole domain name"; }
};

/// An address that may be missing.
struct MemberAddress : Address {
  static std::string toml(const Value& value) { return value.is_unspecified() ? "" : Address::toml(value); }
};

/// A type whose own records a live name may watch.
struct WatchedType {
  using Value = zones::RrType;

  static std::optional<zones::RrType> read(const toml::node& node, const Scope& scope);
  static std::string toml(zones::RrType type) { return toml_string(zones::text(type)); }
  static std::string range();
};

/// A type of records that a zone can have.
struct DataType {
  using Value = zones::RrType;

  static std::optional<zones::RrType> read(const toml::node& node, const Scope& scope);
  static std::string toml(zones::RrType type) { return toml_string(zones::text(type)); }
  static std::string range() { return TypeName::range(); }
};

/// One whole domain name, or a list of 1 to `most`.
struct AliasTargets {
  using Value = std::vector<zones::Name>;
  std::size_t most;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const Value& names);
  static std::string range() { return "whole domain name, or list of these"; }
};

}  // namespace holdfast::config
