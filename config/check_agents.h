#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Reports what is wrong between locations, agents, the store, and what monitors and members say of them.
void check_agents(const Document& document, const toml::table& root, const Scope& scope);

}  // namespace holdfast::config
