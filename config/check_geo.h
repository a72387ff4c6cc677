#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Reports what is wrong with which clients are where, and pools that go by it.
void check_geo(const Document& document);

}  // namespace holdfast::config
