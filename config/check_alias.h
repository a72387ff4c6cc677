#pragma once

#include "config/document.h"

namespace holdfast::config {

/// Reports what is wrong with the targets of ANAMEs, and with who is asked for them.
void check_aliases(const Document& document);

}  // namespace holdfast::config
