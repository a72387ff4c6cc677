#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string_view>

namespace holdfast::config {

/// Where `text` first nests deeper than kMaxNesting: arrays, inline tables, or parts of a dotted key. Null
/// when it never does. To be asked before toml++, whose tables within tables are destroyed recursively: a key
/// of a million dots would exhaust the stack.
std::optional<toml::source_position> too_deep(std::string_view text);

}  // namespace holdfast::config
