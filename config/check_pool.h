#pragma once

#include <span>

#include "config/document.h"

namespace holdfast::config {

/// Reports what the rules of one pool do wrong together.
void check_rules(const Section<zones::PoolSettings>& pool);

/// Reports pools that fall back to themselves in the end.
void check_fallbacks(std::span<const Section<zones::PoolSettings>> pools);

}  // namespace holdfast::config
