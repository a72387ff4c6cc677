#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Keys, peers, and which of them zones are transferred to and from.
void check_peers(const Document& document, const toml::table& root, const Scope& scope);

}  // namespace holdfast::config
