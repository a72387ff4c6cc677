#pragma once

#include "config/kinds.h"

/// The kind of value that says what an ANAME leads to; see kinds.h.
namespace holdfast::config {

/// One whole domain name, or a list of 1 to `most`. The final dot may be missing, as people leave it out in what they copy.
struct AliasTargets {
  using Value = std::vector<zones::Name>;
  std::size_t most;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const Value& names);
  static std::string range() { return "whole domain name, or list of these"; }
};

}  // namespace holdfast::config
