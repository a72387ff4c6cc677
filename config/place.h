#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <string_view>

#include "config/duration.h"

/// Where in the file a value stands.
namespace holdfast::config {

inline bool has(const toml::table& table, std::string_view key) { return table.get(key) != nullptr; }

/// The value of a key where it stands in the file, or else the table that it would stand in.
inline const toml::node& place(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node != nullptr ? *node : table;
}

/// Whether the file has a duration there that was reported already, so that `value` is only the default.
inline bool was_refused(const toml::table& table, std::string_view key, std::chrono::milliseconds value) {
  return has(table, key) && parse_duration(table[key].value_or(std::string_view())) != value;
}

}  // namespace holdfast::config
