#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Catalogs, the zones that name them, and the peers that they name.
void check_catalogs(const Document& document, const toml::table& root, const Scope& scope);

}  // namespace holdfast::config
