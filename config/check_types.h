#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "config/document.h"
#include "config/option.h"

namespace holdfast::config {

/// Options that stand where they are only for other types. `section`: what it is, for people.
template <class Settings>
void check_types(const Section<Settings>& section, std::span<const Option<Settings>> options,
                 std::string_view type, std::string_view what) {
  for (const auto& option : options) {
    const toml::node* node = section.table->get(option.name);
    const auto& only = option.only;
    if (node == nullptr || only.empty() || std::find(only.begin(), only.end(), type) != only.end()) continue;
    section.scope.in(option.name)
        .error(*node, fmt::format("is only for type {}, and this {}'s is {}; leave it out",
                                  choice_range(only), what, in_quotes(type)));
  }
}

}  // namespace holdfast::config
